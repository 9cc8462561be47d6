import type { FastifyRequest } from 'fastify';
import type { IssueKey } from '../../engine/key-issue.ts';
import type { Tokens } from '../../engine/tokens.ts';
import { pairProof } from '../../http/authentication.ts';
import { unreadable } from '../../http/loose-fields.ts';
import type { HttpServer } from '../../http/server.ts';
import { type FaceParts, knowCallers, may, shownVerification } from '../../http/vendor-face.ts';
import { answers, unsent, unverified } from './errors.ts';
import { creditsOf, otpBody, recipientOf, sentBody, toRequest } from './mapping.ts';
import { readLogin, readSend, readVerify } from './wire.ts';

export interface SmsworksOptions extends FaceParts {
  readonly tokens: Tokens;
  readonly tokenLifetimeSeconds: number;
  /** Of numbers that name none. */
  readonly countryCode: string;
  /** Hands out keys to whoever names a customer; undefined where the operator alone does. */
  readonly issueKey?: ((request: FastifyRequest, customerId: string) => ReturnType<IssueKey>) | undefined;
}

const face = 'smsworks';
const { refuse } = answers;
/** For whatever key, or token. */
const login = { config: { scope: 'any', repeatedQuery: true } } as const;

/** OTP and Auth of The SMS Works, `/smsworks/v1`. */
export async function smsworksRoutes(app: HttpServer, options: SmsworksOptions): Promise<void> {
  const { authenticate, tokens, tokenLifetimeSeconds, issueKey } = options;

  app.post('/auth/token', login, async (request) => {
    const key = await authenticate(request, pairProof(readLogin(request.body)));
    return { token: `JWT ${tokens.issueJwt(key, face, tokenLifetimeSeconds)}` };
  });

  app.get('/auth/getApiKey', { config: { repeatedQuery: true } }, async (request, reply) => {
    if (issueKey === undefined) {
      return refuse(reply, { code: 403, message: 'Keys are issued by the operator of this server' });
    }
    const { customerid } = request.query as Readonly<Record<string, unknown>>;
    if (typeof customerid !== 'string' || customerid === '') throw unreadable('customerid', 'is required');
    const issued = await issueKey(request, customerid);
    if (issued.kind === 'not-found') return refuse(reply, { code: 404, message: 'No customer has this id' });
    return reply.code(201).send({ key: issued.key, secret: issued.secret });
  });

  await app.register(async (scope) => tokenRoutes(scope as HttpServer, options));
}

/** What takes a token. */
function tokenRoutes(app: HttpServer, options: SmsworksOptions): void {
  const { engine, authenticate, tokens, rates, countryCode } = options;
  knowCallers(app, face, (request) =>
    authenticate(request, tokens.readJwt(tokenOf(request.headers.authorization), face)),
  );

  const create = { config: { ...may.create, repeatedQuery: true } };
  app.post('/otp/send', create, async ({ caller, body }, reply) => {
    rates.take('creates', caller.tenantId);
    const input = readSend(body);
    const request = toRequest(input, recipientOf(input.destination, countryCode));
    const { outcome } = await engine.createVerification(caller, request);
    if (outcome.kind !== 'created' && outcome.kind !== 'resumed') return refuse(reply, unsent(outcome));
    const balance = outcome.kind === 'created' ? outcome : {};
    return reply.code(201).send(sentBody(outcome.verification, balance));
  });

  const check = { config: { ...may.check, repeatedQuery: true } };
  app.post('/otp/verify', check, async ({ caller, body }, reply) => {
    rates.take('checks', caller.tenantId);
    const { passcode, messageid, destination } = readVerify(body);
    const recipient = destination === undefined ? undefined : recipientOf(destination, countryCode);
    const outcome = await engine.checkCode(caller, { code: passcode, verificationId: messageid, recipient });
    if (outcome.kind !== 'verified' && outcome.kind !== 'expired') return refuse(reply, unverified(outcome));
    return otpBody(outcome.verification, passcode);
  });

  const read = { config: { ...may.read, repeatedQuery: true } };
  app.get<{ Params: { messageid: string } }>('/otp/:messageid', read, async ({ caller, params }, reply) => {
    const { messageid } = params;
    const shown = await shownVerification(options, caller, messageid);
    if (shown === undefined) return refuse(reply, { code: 404, message: 'No OTP has this messageid' });
    return otpBody(shown.verification, await engine.shownCode(caller, messageid));
  });

  app.get('/credits/balance', read, async ({ caller }) => ({ credits: creditsOf(await engine.balance(caller)) }));

  app.get('/utils/test', login, async ({ caller }) => ({
    message: `The token is of the customer ${caller.tenantId}`,
  }));
}

/** What is left when the words that say of what kind it is are taken away: some programs say them twice, some never. */
function tokenOf(header = ''): string {
  const words = header.trim().split(/ +/, 8);
  const token = words.findIndex((word) => !/^(?:jwt|bearer)$/i.test(word));
  return words.slice(token).join(' ');
}
