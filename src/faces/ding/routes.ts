import type { FastifyReply, FastifyRequest } from 'fastify';
import { readApiKey } from '../../domain/api-key.ts';
import { isPseudonym } from '../../domain/pseudonym.ts';
import { isUuid } from '../../domain/uuid.ts';
import type { Caller } from '../../engine/caller.ts';
import type { Engine } from '../../engine/engine.ts';
import type { AuthenticateKey } from '../../http/authentication.ts';
import type { RateLimiter } from '../../http/rates.ts';
import type { HttpServer } from '../../http/server.ts';
import { type Answers, errorsPage, type Fault } from './errors.ts';
import { checkSaid, createSaid, feedbackSaid, lookupSaid, retrySaid, type Said, toRequest } from './mapping.ts';
import { statusBody } from './status.ts';
import {
  authenticationBody,
  authParams,
  checkBody,
  feedbackBody,
  fieldFault,
  isE164,
  lookupHeaders,
  numberBody,
  numberParams,
  retryBody,
} from './wire.ts';

export interface DingOptions {
  readonly engine: Engine;
  readonly answers: Answers;
  readonly authenticate: AuthenticateKey;
  readonly rates: RateLimiter;
}

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller;
  }
}

const feedbacks = new Map([
  ['onboarded', 'onboarded'],
  ['not_onboarded', 'not-onboarded'],
] as const);

/** The API of Ding, below `/ding/v1`. */
export async function dingRoutes(app: HttpServer, options: DingOptions): Promise<void> {
  errorsPage(app);
  await app.register(async (scope) => apiRoutes(scope as HttpServer, options));
}

async function apiRoutes(app: HttpServer, { engine, answers, authenticate, rates }: DingOptions): Promise<void> {
  app.decorateRequest('caller');
  app.addHook('onRequest', async (request) => {
    const { tenantId } = await authenticate(request, readApiKey(String(request.headers['x-api-key'] ?? '')));
    request.caller = { tenantId, face: 'ding', seesAllFaces: false };
  });
  const refuse = (reply: FastifyReply, code: Fault['code'], message?: string) =>
    answers.refuse(reply, message === undefined ? { code } : { code, message });
  const say = (reply: FastifyReply, said: Said) =>
    'fault' in said ? answers.refuse(reply, said.fault) : reply.send(said.body);

  app.post('/authentication', {
    config: { scope: 'verifications:send', urgency: 'create' },
    schema: { body: authenticationBody },
    async handler({ caller, body }, reply) {
      rates.take('creates', caller.tenantId);
      if (!isOwn(body.customer_uuid, caller)) return refuse(reply, 'account_invalid');
      const fault = fieldFault(body);
      if (fault !== undefined) return answers.refuse(reply, fault);
      return say(reply, createSaid((await engine.createVerification(caller, toRequest(body))).outcome));
    },
  });

  app.post('/check', {
    config: { scope: 'verifications:check', urgency: 'check' },
    schema: { body: checkBody },
    async handler({ caller, body }, reply) {
      rates.take('checks', caller.tenantId);
      if (!isOwn(body.customer_uuid, caller)) return refuse(reply, 'account_invalid');
      const typed = body.check_code.trim();
      if (typed.length === 0) return refuse(reply, 'bad_request', 'check_code is empty.');
      const id = body.authentication_uuid.toLowerCase();
      if (!isUuid(id)) return refuse(reply, 'invalid_auth_uuid');
      const { outcome } = await engine.checkVerification(caller, id, { code: typed, spelling: 'exact' });
      return say(reply, checkSaid(outcome, id));
    },
  });

  app.post('/retry', {
    config: { scope: 'verifications:send', urgency: 'create' },
    schema: { body: retryBody },
    async handler({ caller, body }, reply) {
      rates.take('creates', caller.tenantId);
      if (!isOwn(body.customer_uuid, caller)) return refuse(reply, 'account_invalid');
      const id = body.authentication_uuid.toLowerCase();
      if (!isUuid(id)) return refuse(reply, 'invalid_auth_uuid');
      const another = { newCode: true, asServiceLists: true } as const;
      return say(reply, retrySaid((await engine.resendVerification(caller, id, another)).outcome));
    },
  });

  app.get('/authentication/:auth_uuid', {
    config: { scope: 'verifications:read' },
    schema: { params: authParams },
    async handler({ caller, params }, reply) {
      const id = params.auth_uuid.toLowerCase();
      if (!isUuid(id)) return refuse(reply, 'invalid_auth_uuid');
      rates.take('statusReads', `${caller.tenantId} ${id}`);
      const found = await engine.verification(caller, id);
      // A number that is no longer kept is no number that could be shown.
      const gone = found.kind === 'not-found' || isPseudonym(found.verification.recipient);
      return gone ? refuse(reply, 'invalid_auth_uuid') : reply.send(statusBody(found));
    },
  });

  app.post('/authentication/feedback', {
    config: { scope: 'verifications:send' },
    schema: { body: feedbackBody },
    async handler({ caller, body }, reply) {
      if (!isOwn(body.customer_uuid, caller)) return refuse(reply, 'account_invalid');
      if (!isE164(body.phone_number)) return refuse(reply, 'invalid_phone_number');
      const value = feedbacks.get(body.status as 'onboarded');
      if (value === undefined) return refuse(reply, 'invalid_feedback_status');
      return say(reply, feedbackSaid(await engine.recordFeedback(caller, { recipient: body.phone_number, value })));
    },
  });

  const lookup = (request: FastifyRequest, reply: FastifyReply, number: string) => {
    if (!isOwn(String(request.headers['customer-uuid']), request.caller)) return refuse(reply, 'account_invalid');
    return isE164(number) ? say(reply, lookupSaid(number)) : refuse(reply, 'invalid_phone_number');
  };

  app.get('/lookup/:phone_number', {
    // Kinds of lookup, of which there is none that we know more for.
    config: { scope: 'verifications:read', repeatedQuery: true },
    schema: { params: numberParams, headers: lookupHeaders },
    handler: async (request, reply) => lookup(request, reply, request.params.phone_number),
  });

  // Clients of the first week.
  app.post('/lookup', {
    config: { scope: 'verifications:read' },
    schema: { body: numberBody, headers: lookupHeaders },
    handler: async (request, reply) => lookup(request, reply, request.body.phone_number),
  });
}

/** Whether a customer is the one that the API key belongs to. */
function isOwn(customerUuid: string, { tenantId }: Caller): boolean {
  return customerUuid.toLowerCase() === tenantId;
}
