import type { FastifyRequest } from 'fastify';
import { applicationIdOf, keyIdOfApplication, readApiKey } from '../../domain/api-key.ts';
import { isUuid } from '../../domain/uuid.ts';
import type { Caller } from '../../engine/caller.ts';
import type { VerificationRequest } from '../../engine/create-request.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Service } from '../../engine/tenancy.ts';
import type { Tokens } from '../../engine/tokens.ts';
import { pairProof } from '../../http/authentication.ts';
import { type ClientCredentialsOptions, clientCredentialsRoute } from '../../http/client-credentials.ts';
import { codesPage } from '../../http/codes-page.ts';
import { isUnauthorized } from '../../http/edge-error.ts';
import { type Fields, fieldsOf, firstBroken, withoutNulls } from '../../http/loose-fields.ts';
import type { HttpServer } from '../../http/server.ts';
import { type FaceParts, may, shownVerification } from '../../http/vendor-face.ts';
import { cancelFault, checkFault, createFault, type OtpFault, pageLines, type SmscxAnswers } from './errors.ts';
import { applicationBody, balanceBody, otpBody, scopesOf, toRecipient, toRequest } from './mapping.ts';
import { numberRules, otherRules, readPin, scopeNames } from './wire.ts';

export interface SmscxOptions extends FaceParts {
  readonly answers: SmscxAnswers;
  readonly tokens: Pick<Tokens, 'issueAccess' | 'readAccess'>;
  /** The service that the face works with. */
  readonly service: (tenantId: string) => Promise<Service | undefined>;
}

type OtpPath = { Params: { readonly otpId: string } };
type ApplicationPath = { Params: { readonly applicationId: string } };

/** The API of SMSCX, as far as it is about one-time codes, below `/smscx`. */
export async function smscxRoutes(app: HttpServer, options: SmscxOptions): Promise<void> {
  const { authenticate, tokens, answers } = options;
  const applications: ClientCredentialsOptions = {
    authenticate: (request, { id, secret }) =>
      authenticate(request, pairProof({ key: keyIdOfApplication(id) ?? '', secret })),
    scopesOf,
    issue: tokens.issueAccess,
    lifeSeconds: 86_400,
    give: answers.give,
    refuse: (reply, code) => answers.refuse(reply, { code }),
  };
  await app.register(async (scope) => clientCredentialsRoute(scope as HttpServer, '/oauth/token', applications));
  await app.register(async (scope) => otpRoutes(scope as HttpServer, options));
  codesPage(app, ['code', 'HTTP status', 'type', 'meaning'], pageLines);
}

function otpRoutes(app: HttpServer, options: SmscxOptions): void {
  const { engine, rates, service } = options;
  const { give, refuse } = options.answers;
  app.decorateRequest('caller');
  app.decorateRequest('ownKey');
  app.addHook('onRequest', async (request, reply) => {
    const refused = await authenticated(request, options);
    return refused === undefined ? undefined : refuse(reply, refused);
  });

  app.post('/otp', { config: may.create }, async ({ caller, body }, reply) => {
    rates.take('creates', caller.tenantId);
    const given = fieldsOf(body);
    if (given === undefined) return refuse(reply, { code: 1003 });
    const fields = withoutNulls(given);
    const broken = await brokenOf(engine, caller, fields);
    if (broken !== undefined) return refuse(reply, broken);
    const outcome = await created(engine, caller, toRequest(fields, await service(caller.tenantId)));
    if (!('verification' in outcome)) return refuse(reply, createFault(outcome));
    return give(reply, 201, otpBody(outcome.verification));
  });

  app.post<OtpPath>('/otp/:otpId', { config: may.check }, async ({ caller, params: { otpId }, body }, reply) => {
    rates.take('checks', caller.tenantId);
    const fields = fieldsOf(body);
    if (fields === undefined) return refuse(reply, { code: 1003 });
    if (!isUuid(otpId)) return refuse(reply, { code: 2021 });
    const code = readPin(fields);
    if (code === undefined) {
      const { kind } = await engine.verification(caller, otpId);
      return refuse(reply, { code: kind === 'not-found' ? 2021 : 2022 });
    }
    const { outcome } = await engine.checkVerification(caller, otpId, { code, spelling: 'any-case' });
    return outcome.kind === 'verified' ? give(reply, 200, { status: 'VERIFIED' }) : refuse(reply, checkFault(outcome));
  });

  app.get<OtpPath>('/otp/:otpId', { config: may.read }, async ({ caller, params: { otpId } }, reply) => {
    const shown = await shownVerification(options, caller, otpId);
    return shown === undefined ? refuse(reply, { code: 2021 }) : give(reply, 200, otpBody(shown.verification));
  });

  const cancel = { config: { ...may.change, emptyBody: true } };
  app.delete<OtpPath>('/otp/:otpId', cancel, async ({ caller, params: { otpId } }, reply) => {
    if (!isUuid(otpId)) return refuse(reply, { code: 2021 });
    const { outcome } = await engine.cancelVerification(caller, otpId, {});
    return outcome.kind === 'cancelled'
      ? give(reply, 200, { info: { id: otpId } })
      : refuse(reply, cancelFault(outcome));
  });

  accountRoutes(app, options);
}

/** What the libraries can ask of an account. An API key is an application of the vendor. */
function accountRoutes(app: HttpServer, { engine, answers: { give, refuse }, service }: SmscxOptions): void {
  const read = { config: may.read };

  app.get('/account/balance', read, async ({ caller }, reply) =>
    give(reply, 200, balanceBody(await engine.balance(caller))),
  );

  app.get('/applications/scopes', read, async (_request, reply) => give(reply, 200, scopeNames));

  app.get<ApplicationPath>('/applications/:applicationId', read, async ({ caller, ownKey, params }, reply) => {
    const { applicationId } = params;
    if (applicationId !== applicationIdOf(ownKey.id)) return refuse(reply, { code: 1500 });
    return give(reply, 200, applicationBody(applicationId, ownKey, await service(caller.tenantId)));
  });
}

/** Fills in who asks. @returns what to refuse the request with; an API key decides where both kinds of credential came */
async function authenticated(
  request: FastifyRequest,
  { authenticate, tokens }: SmscxOptions,
): Promise<OtpFault | undefined> {
  const { 'x-api-key': apiKey, authorization = '' } = request.headers;
  const bearer = apiKey ? undefined : /^bearer +(\S+)$/i.exec(authorization)?.[1];
  const proof = bearer === undefined ? readApiKey(String(apiKey ?? '')) : tokens.readAccess(bearer);
  try {
    request.ownKey = await authenticate(request, proof);
  } catch (error) {
    if (bearer === undefined || !isUnauthorized(error)) throw error;
    return { code: 1001 };
  }
  request.caller = { tenantId: request.ownKey.tenantId, face: 'smscx', seesAllFaces: false };
  return proof === undefined || !('scopes' in proof) || proof.scopes.includes('otp') ? undefined : { code: 1002 };
}

/** The first thing that is wrong with a request: whether anybody has the number is asked before the other fields. */
async function brokenOf(engine: Engine, caller: Caller, fields: Fields): Promise<OtpFault | undefined> {
  const ofNumber = firstBroken(numberRules, fields);
  if (ofNumber !== undefined) return { code: ofNumber };
  const other = firstBroken(otherRules, fields);
  if (other === undefined) return undefined;
  const refusal = await engine.refusalOf(caller, toRecipient(fields));
  return refusal === undefined ? { code: other } : createFault(refusal);
}

/** As the vendor does, a sender that is not approved gives way to the account's own. */
async function created(engine: Engine, caller: Caller, request: VerificationRequest) {
  const { outcome } = await engine.createVerification(caller, request);
  if (outcome.kind !== 'sender-not-approved') return outcome;
  return (await engine.createVerification(caller, { ...request, sender: undefined })).outcome;
}
