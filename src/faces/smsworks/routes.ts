import type { FastifyReply, FastifyRequest } from 'fastify';
import { isUuid } from '../../domain/uuid.ts';
import type { Caller } from '../../engine/caller.ts';
import type { Engine } from '../../engine/engine.ts';
import type { IssueKey } from '../../engine/key-issue.ts';
import type { Tokens } from '../../engine/tokens.ts';
import { type AuthenticateKey, pairProof } from '../../http/authentication.ts';
import { EdgeRefusal } from '../../http/edge-error.ts';
import type { RateLimiter } from '../../http/rates.ts';
import type { HttpServer } from '../../http/server.ts';
import { errorBody, type Refusal, unsent, unverified } from './errors.ts';
import { creditsOf, isForgotten, otpBody, recipientOf, sentBody, toRequest } from './mapping.ts';
import { readLogin, readSend, readVerify, Unreadable } from './wire.ts';

export interface SmsworksOptions {
  readonly engine: Engine;
  readonly authenticateKey: AuthenticateKey;
  readonly tokens: Tokens;
  readonly rates: RateLimiter;
  readonly tokenLifetimeSeconds: number;
  /** Of numbers that name none. */
  readonly countryCode: string;
  /** Hands out keys to whoever names a customer; undefined where the operator alone does. */
  readonly issueKey?: ((request: FastifyRequest, customerId: string) => ReturnType<IssueKey>) | undefined;
}

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller;
  }
}

const face = 'smsworks';

/** OTP and Auth of The SMS Works, `/smsworks/v1`. */
export async function smsworksRoutes(app: HttpServer, options: SmsworksOptions): Promise<void> {
  const { authenticateKey, tokens, tokenLifetimeSeconds } = options;

  app.post('/auth/token', {
    config: { scope: 'any', urgency: 'read', repeatedQuery: true },
    handler: async (request) => {
      const key = await authenticateKey(request, pairProof(readable(readLogin, request.body)));
      return { token: `JWT ${tokens.issueJwt(key, face, tokenLifetimeSeconds)}` };
    },
  });

  app.get('/auth/getApiKey', {
    config: { repeatedQuery: true },
    handler: async (request, reply) => {
      if (options.issueKey === undefined) return refuse(reply, keysAreOperators);
      const { customerid } = request.query as Readonly<Record<string, unknown>>;
      if (typeof customerid !== 'string' || customerid === '') throw invalid('customerid', 'is required');
      const issued = await options.issueKey(request, customerid);
      if (issued.kind === 'not-found') return refuse(reply, { status: 404, message: 'No customer has this id' });
      return reply.code(201).send({ key: issued.key, secret: issued.secret });
    },
  });

  await app.register(async (scope) => tokenRoutes(scope as HttpServer, options));
}

const keysAreOperators: Refusal = { status: 403, message: 'Keys are issued by the operator of this server' };

/** What takes a token. */
function tokenRoutes(app: HttpServer, { engine, authenticateKey, tokens, rates, countryCode }: SmsworksOptions): void {
  app.decorateRequest('caller');
  app.addHook('onRequest', async (request) => {
    const { tenantId } = await authenticateKey(request, tokens.readJwt(tokenOf(request.headers.authorization), face));
    request.caller = { tenantId, face, seesAllFaces: false };
  });

  app.post('/otp/send', {
    config: { scope: 'verifications:send', urgency: 'create', repeatedQuery: true },
    handler: async ({ caller, body }, reply) => {
      rates.take('creates', caller.tenantId);
      const input = readable(readSend, body);
      const { outcome } = await engine.createVerification(caller, toRequest(input, recipient(input.destination)));
      if (outcome.kind !== 'created' && outcome.kind !== 'resumed') return refuse(reply, unsent(outcome));
      const balance = outcome.kind === 'created' ? outcome : {};
      return reply.code(201).send(sentBody(outcome.verification, balance));
    },
  });

  app.post('/otp/verify', {
    config: { scope: 'verifications:check', urgency: 'check', repeatedQuery: true },
    handler: async ({ caller, body }, reply) => {
      rates.take('checks', caller.tenantId);
      const { passcode, messageid, destination } = readable(readVerify, body);
      const narrowed = {
        ...(messageid === undefined ? {} : { verificationId: messageid }),
        ...(destination === undefined ? {} : { recipient: recipient(destination) }),
      };
      const outcome = await engine.checkCode(caller, { code: passcode, ...narrowed });
      if (outcome.kind !== 'verified' && outcome.kind !== 'expired') return refuse(reply, unverified(outcome));
      return otpBody(outcome.verification, passcode);
    },
  });

  app.get<{ Params: { messageid: string } }>('/otp/:messageid', {
    config: { scope: 'verifications:read', repeatedQuery: true },
    handler: async ({ caller, params: { messageid } }, reply) => {
      if (!isUuid(messageid)) return refuse(reply, unknownMessage);
      rates.take('statusReads', `${caller.tenantId} ${messageid}`);
      const found = await engine.verification(caller, messageid);
      if (found.kind === 'not-found' || isForgotten(found.verification)) return refuse(reply, unknownMessage);
      return otpBody(found.verification, await engine.shownCode(caller, messageid));
    },
  });

  app.get('/credits/balance', {
    config: { scope: 'verifications:read', repeatedQuery: true },
    handler: async ({ caller }) => ({ credits: creditsOf(await engine.balance(caller)) }),
  });

  app.get('/utils/test', {
    config: { scope: 'any', repeatedQuery: true },
    handler: async ({ caller }) => ({ message: `The token is of the customer ${caller.tenantId}` }),
  });

  /** @throws EdgeRefusal when it cannot be a number */
  function recipient(destination: string): string {
    const read = recipientOf(destination, countryCode);
    if (read === undefined) throw invalid('destination', 'must be a phone number of 8 to 15 digits');
    return read;
  }
}

const unknownMessage: Refusal = { status: 404, message: 'No OTP has this messageid' };

/** What is left when the words that say of what kind it is are taken away: some programs say them twice, some never. */
function tokenOf(header = ''): string {
  const words = header.trim().split(/ +/, 8);
  const token = words.findIndex((word) => !/^(?:jwt|bearer)$/i.test(word));
  return words.slice(token).join(' ');
}

/** @throws EdgeRefusal when a field cannot be read */
function readable<Input>(read: (body: unknown) => Input, body: unknown): Input {
  try {
    return read(body);
  } catch (error) {
    throw error instanceof Unreadable ? invalid(error.field, error.remedy) : error;
  }
}

function invalid(field: string, remedy: string): EdgeRefusal {
  return new EdgeRefusal({ kind: 'invalid', field, remedy });
}

function refuse(reply: FastifyReply, refusal: Refusal): FastifyReply {
  const { status, retryAfterSeconds } = refusal;
  if (retryAfterSeconds !== undefined) reply.header('retry-after', String(retryAfterSeconds));
  return reply.code(status).send(errorBody(refusal));
}
