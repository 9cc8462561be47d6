import type { FastifyReply, FastifyRequest } from 'fastify';
import { readApiKey } from '../../domain/api-key.ts';
import { isUuid } from '../../domain/uuid.ts';
import type { Caller } from '../../engine/caller.ts';
import { codesPage } from '../../http/codes-page.ts';
import type { Answers } from '../../http/refusal.ts';
import type { HttpServer } from '../../http/server.ts';
import { type FaceParts, knowCallers, may, shownVerification } from '../../http/vendor-face.ts';
import { bad, checkSaid, codes, createSaid, type DingFault, feedbackSaid, retrySaid, type Said } from './errors.ts';
import { lookupSaid, statusBody, toRequest } from './mapping.ts';
import {
  authenticationBody,
  authParams,
  checkBody,
  feedbackBody,
  fieldFault,
  isE164,
  lookupHeaders,
  phoneNumber,
  retryBody,
} from './wire.ts';

export interface DingOptions extends FaceParts {
  readonly answers: Pick<Answers<DingFault>, 'refuse'>;
}

const feedbacks = new Map([
  ['onboarded', 'onboarded'],
  ['not_onboarded', 'not-onboarded'],
] as const);

/** The API of Ding, below `/ding/v1`. */
export async function dingRoutes(app: HttpServer, options: DingOptions): Promise<void> {
  codesPage(app, ['code', 'meaning'], Object.entries(codes));
  await app.register(async (scope) => apiRoutes(scope as HttpServer, options));
}

function apiRoutes(app: HttpServer, options: DingOptions): void {
  const { engine, answers, authenticate, rates } = options;
  knowCallers(app, 'ding', (request) => authenticate(request, readApiKey(String(request.headers['x-api-key'] ?? ''))));
  const refuse = (reply: FastifyReply, code: DingFault['code']) => answers.refuse(reply, { code });
  const say = (reply: FastifyReply, said: Said) =>
    'fault' in said ? answers.refuse(reply, said.fault) : reply.send(said.body);

  const create = { config: may.create, schema: { body: authenticationBody } };
  app.post('/authentication', create, async ({ caller, body }, reply) => {
    rates.take('creates', caller.tenantId);
    if (!isOwn(body.customer_uuid, caller)) return refuse(reply, 'account_invalid');
    const fault = fieldFault(body);
    if (fault !== undefined) return answers.refuse(reply, fault);
    return say(reply, createSaid((await engine.createVerification(caller, toRequest(body))).outcome));
  });

  app.post('/check', { config: may.check, schema: { body: checkBody } }, async ({ caller, body }, reply) => {
    rates.take('checks', caller.tenantId);
    if (!isOwn(body.customer_uuid, caller)) return refuse(reply, 'account_invalid');
    const typed = body.check_code.trim();
    if (typed.length === 0) return answers.refuse(reply, bad('check_code is empty.'));
    const id = body.authentication_uuid.toLowerCase();
    if (!isUuid(id)) return refuse(reply, 'invalid_auth_uuid');
    const { outcome } = await engine.checkVerification(caller, id, { code: typed, spelling: 'exact' });
    return say(reply, checkSaid(outcome, id));
  });

  app.post('/retry', { config: may.create, schema: { body: retryBody } }, async ({ caller, body }, reply) => {
    rates.take('creates', caller.tenantId);
    if (!isOwn(body.customer_uuid, caller)) return refuse(reply, 'account_invalid');
    const id = body.authentication_uuid.toLowerCase();
    if (!isUuid(id)) return refuse(reply, 'invalid_auth_uuid');
    const another = { newCode: true, asServiceLists: true } as const;
    return say(reply, retrySaid((await engine.resendVerification(caller, id, another)).outcome));
  });

  const status = { config: may.read, schema: { params: authParams } };
  app.get('/authentication/:auth_uuid', status, async ({ caller, params }, reply) => {
    const shown = await shownVerification(options, caller, params.auth_uuid.toLowerCase());
    return shown === undefined ? refuse(reply, 'invalid_auth_uuid') : reply.send(statusBody(shown));
  });

  const feedback = { config: may.change, schema: { body: feedbackBody } };
  app.post('/authentication/feedback', feedback, async ({ caller, body }, reply) => {
    if (!isOwn(body.customer_uuid, caller)) return refuse(reply, 'account_invalid');
    if (!isE164(body.phone_number)) return refuse(reply, 'invalid_phone_number');
    const value = feedbacks.get(body.status as 'onboarded');
    if (value === undefined) return refuse(reply, 'invalid_feedback_status');
    return say(reply, feedbackSaid(await engine.recordFeedback(caller, { recipient: body.phone_number, value })));
  });

  const answerLookup = (request: FastifyRequest, reply: FastifyReply, number: string) => {
    if (!isOwn(String(request.headers['customer-uuid']), request.caller)) return refuse(reply, 'account_invalid');
    return isE164(number) ? say(reply, lookupSaid(number)) : refuse(reply, 'invalid_phone_number');
  };

  // The query names kinds of lookup, of which there is none that we know more for.
  const lookup = {
    config: { ...may.read, repeatedQuery: true },
    schema: { params: phoneNumber, headers: lookupHeaders },
  };
  app.get('/lookup/:phone_number', lookup, async (request, reply) =>
    answerLookup(request, reply, request.params.phone_number),
  );

  // Clients of the first week.
  const postedLookup = { config: may.read, schema: { body: phoneNumber, headers: lookupHeaders } };
  app.post('/lookup', postedLookup, async (request, reply) => answerLookup(request, reply, request.body.phone_number));
}

/** Whether a customer is the one that the API key belongs to. */
function isOwn(customerUuid: string, { tenantId }: Caller): boolean {
  return customerUuid.toLowerCase() === tenantId;
}
