import type { FastifyReply, FastifyRequest } from 'fastify';
import { readApiKey } from '../../domain/api-key.ts';
import { isUuid } from '../../domain/uuid.ts';
import type { Caller } from '../../engine/caller.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Service } from '../../engine/tenancy.ts';
import { EdgeRefusal } from '../../http/edge-error.ts';
import type { HttpServer } from '../../http/server.ts';
import { accountRoutes } from './account-routes.ts';
import { cancelFault, checkFault, createFault, type Fault, fault } from './errors.ts';
import { errorsPage } from './errors-page.ts';
import { otpBody, toRecipient, toRequest } from './mapping.ts';
import type { SmscxOptions } from './options.ts';
import { tokenRoute } from './token-route.ts';
import { brokenRule, type Fields, fieldsOf, type NewOtp, readNewOtp, readNumber, readPin } from './wire.ts';

interface OtpPath {
  Params: { readonly otpId: string };
}

/** The API of SMSCX, as far as it is about one-time codes, below `/smscx`. */
export async function smscxRoutes(app: HttpServer, options: SmscxOptions): Promise<void> {
  await app.register(async (scope) => tokenRoute(scope, options));
  await app.register(async (scope) => otpRoutes(scope, options));
  errorsPage(app);
}

async function otpRoutes(app: HttpServer, options: SmscxOptions): Promise<void> {
  const { engine, rates, service, answers } = options;
  app.decorateRequest('caller');
  app.decorateRequest('ownKey');
  app.addHook('onRequest', async (request, reply) => {
    const refused = await authenticated(request, options);
    return refused === undefined ? undefined : answers.refuse(reply, refused);
  });
  const give = (reply: FastifyReply, status: number, body: unknown) =>
    answers.give(reply, reply.request.ownKey.id, status, body);

  app.post('/otp', {
    config: { scope: 'verifications:send', urgency: 'create' },
    async handler({ caller, body }, reply) {
      rates.take('creates', caller.tenantId);
      const fields = fieldsOf(body);
      if (fields === undefined) return answers.refuse(reply, fault(1003));
      const broken = await brokenOf(engine, caller, fields);
      if (broken !== undefined) return answers.refuse(reply, broken);
      const outcome = await created(engine, caller, readNewOtp(fields), await service(caller.tenantId));
      if (!('verification' in outcome)) return answers.refuse(reply, createFault(outcome));
      return give(reply, 201, otpBody(outcome.verification));
    },
  });

  app.post<OtpPath>('/otp/:otpId', {
    config: { scope: 'verifications:check', urgency: 'check' },
    async handler({ caller, params: { otpId }, body }, reply) {
      rates.take('checks', caller.tenantId);
      const fields = fieldsOf(body);
      if (fields === undefined) return answers.refuse(reply, fault(1003));
      if (!isUuid(otpId)) return answers.refuse(reply, fault(2021));
      const code = readPin(fields);
      if (code === undefined) {
        const { kind } = await engine.verification(caller, otpId);
        return answers.refuse(reply, fault(kind === 'not-found' ? 2021 : 2022));
      }
      const { outcome } = await engine.checkVerification(caller, otpId, { code, spelling: 'any-case' });
      return outcome.kind === 'verified'
        ? give(reply, 200, { status: 'VERIFIED' })
        : answers.refuse(reply, checkFault(outcome));
    },
  });

  app.get<OtpPath>('/otp/:otpId', {
    config: { scope: 'verifications:read' },
    async handler({ caller, params: { otpId } }, reply) {
      if (!isUuid(otpId)) return answers.refuse(reply, fault(2021));
      rates.take('statusReads', `${caller.tenantId} ${otpId}`);
      const found = await engine.verification(caller, otpId);
      // A number that is no longer kept is no number that could be shown.
      if (found.kind === 'not-found' || !found.verification.recipient.startsWith('+'))
        return answers.refuse(reply, fault(2021));
      return give(reply, 200, otpBody(found.verification));
    },
  });

  app.delete<OtpPath>('/otp/:otpId', {
    config: { scope: 'verifications:send', emptyBody: true },
    async handler({ caller, params: { otpId } }, reply) {
      if (!isUuid(otpId)) return answers.refuse(reply, fault(2021));
      const { outcome } = await engine.cancelVerification(caller, otpId, {});
      if (outcome.kind !== 'cancelled') return answers.refuse(reply, cancelFault(outcome));
      return give(reply, 200, { info: { id: otpId } });
    },
  });

  accountRoutes(app, { ...options, give });
}

/** Fills in who asks. @returns what to refuse the request with; an API key decides where both kinds of credential came */
async function authenticated(
  request: FastifyRequest,
  { authenticate, tokens }: SmscxOptions,
): Promise<Fault | undefined> {
  const { 'x-api-key': apiKey, authorization = '' } = request.headers;
  const bearer = apiKey ? undefined : /^bearer +(\S+)$/i.exec(authorization)?.[1];
  const proof = bearer === undefined ? readApiKey(String(apiKey ?? '')) : tokens.readAccess(bearer);
  try {
    request.ownKey = await authenticate(request, proof);
  } catch (error) {
    if (bearer === undefined || !(error instanceof EdgeRefusal) || error.edge.kind !== 'unauthorized') throw error;
    return fault(1001);
  }
  request.caller = { tenantId: request.ownKey.tenantId, face: 'smscx', seesAllFaces: false };
  return proof === undefined || !('scopes' in proof) || proof.scopes.includes('otp') ? undefined : fault(1002);
}

/** The first thing that is wrong with a request: whether anybody has the number is asked before the other fields. */
async function brokenOf(engine: Engine, caller: Caller, fields: Fields): Promise<Fault | undefined> {
  const broken = brokenRule(fields);
  if (broken === undefined || broken.about === 'number') return broken && fault(broken.rule);
  const refusal = await engine.refusalOf(caller, toRecipient(readNumber(fields)));
  return refusal === undefined ? fault(broken.rule) : createFault(refusal);
}

/** As the vendor does, a sender that is not approved gives way to the account's own. */
async function created(engine: Engine, caller: Caller, otp: NewOtp, service: Service | undefined) {
  const request = toRequest(otp, service);
  const { outcome } = await engine.createVerification(caller, request);
  if (outcome.kind !== 'sender-not-approved') return outcome;
  return (await engine.createVerification(caller, { ...request, sender: undefined })).outcome;
}
