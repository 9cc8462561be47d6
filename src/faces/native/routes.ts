import type { FastifyReply, FastifyRequest } from 'fastify';
import { isUuid } from '../../domain/uuid.ts';
import type { Caller } from '../../engine/caller.ts';
import type { Answer } from '../../engine/committing.ts';
import type { Engine } from '../../engine/engine.ts';
import { type EdgeFace, EdgeRefusal } from '../../http/edge-error.ts';
import { endUserAddress } from '../../http/end-user-address.ts';
import { idempotencyKey } from '../../http/idempotency-key.ts';
import { edgeProblem, problemAnswers } from '../../http/problem.ts';
import type { RateLimiter } from '../../http/rates.ts';
import { emptyBody, idParams, noQuery } from '../../http/schemas.ts';
import type { HttpServer } from '../../http/server.ts';
import { type Refusal, refuse } from './errors.ts';
import {
  balanceBody,
  checkedBody,
  createdBody,
  detailsBody,
  listBody,
  toRequest,
  verificationBody,
} from './mapping.ts';
import {
  balanceReply,
  checkBody,
  checkReply,
  createBody,
  createReply,
  detailsReply,
  listQuery,
  listReply,
  recipientCheckBody,
  repeatHeaders,
  resendBody,
  verificationReply,
} from './wire.ts';

export const nativeFace: EdgeFace = { prefix: '/v1', name: 'native', reply: edgeProblem };

export interface NativeOptions {
  readonly engine: Engine;
  /** Finds out whose request this is. @throws EdgeRefusal (from what it returns) */
  readonly authenticate: (request: FastifyRequest) => Promise<{ readonly tenantId: string }>;
  readonly rates: RateLimiter;
}

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller;
  }
}

/** The native API, `/v1`. */
export async function nativeRoutes(app: HttpServer, { engine, authenticate, rates }: NativeOptions): Promise<void> {
  app.decorateRequest('caller');
  app.addHook('onRequest', async (request) => {
    const { tenantId } = await authenticate(request);
    request.caller = { tenantId, face: 'native', seesAllFaces: true };
  });

  app.post('/verifications', {
    config: { scope: 'verifications:send', urgency: 'create' },
    schema: {
      operationId: 'createVerification',
      summary: 'Send a code',
      querystring: noQuery,
      body: createBody,
      headers: repeatHeaders,
      response: { 200: createReply, 201: createReply, ...problemAnswers },
    },
    handler: async (request, reply) => {
      const { caller, body } = request;
      rates.take('creates', caller.tenantId);
      const address = endUserAddress(body.signals?.ip);
      const answer = await engine.createVerification(caller, toRequest(body, address, repeatable(request)));
      const { outcome } = marked(reply, answer);
      if (outcome.kind !== 'created' && outcome.kind !== 'resumed') return refuse(reply, outcome);
      reply.header('location', `/v1/verifications/${outcome.verification.id}`);
      return reply.code(outcome.kind === 'created' ? 201 : 200).send(createdBody(outcome));
    },
  });

  app.post('/verifications/:id/checks', {
    config: { scope: 'verifications:check', urgency: 'check' },
    schema: {
      operationId: 'checkVerification',
      summary: 'Check a code',
      params: idParams,
      querystring: noQuery,
      body: checkBody,
      headers: repeatHeaders,
      response: { 200: checkReply, ...problemAnswers },
    },
    handler: async (request, reply) => {
      const { caller, params, body } = request;
      rates.take('checks', caller.tenantId);
      const answer = await engine.checkVerification(caller, known(params.id), { ...body, ...repeatable(request) });
      return checked(reply, answer);
    },
  });

  app.post('/checks', {
    config: { scope: 'verifications:check', urgency: 'check' },
    schema: {
      operationId: 'checkRecipient',
      summary: "Check a code for a recipient's newest verification",
      querystring: noQuery,
      body: recipientCheckBody,
      headers: repeatHeaders,
      response: { 200: checkReply, ...problemAnswers },
    },
    handler: async (request, reply) => {
      const { caller, body } = request;
      rates.take('checks', caller.tenantId);
      return checked(reply, await engine.checkRecipient(caller, { ...body, ...repeatable(request) }));
    },
  });

  app.post('/verifications/:id/sends', {
    config: { scope: 'verifications:send', emptyBody: true, urgency: 'create' },
    schema: {
      operationId: 'resendVerification',
      summary: 'Send another message',
      params: idParams,
      querystring: noQuery,
      body: resendBody,
      headers: repeatHeaders,
      response: { 201: verificationReply, ...problemAnswers },
    },
    handler: async (request, reply) => {
      const { caller, params, body } = request;
      rates.take('creates', caller.tenantId);
      const answer = await engine.resendVerification(caller, known(params.id), { ...body, ...repeatable(request) });
      const { outcome } = marked(reply, answer);
      if (outcome.kind !== 'sent') return refuse(reply, outcome);
      return reply.code(201).send(verificationBody(outcome.verification));
    },
  });

  app.post('/verifications/:id/cancel', {
    config: { scope: 'verifications:send', emptyBody: true },
    schema: {
      operationId: 'cancelVerification',
      summary: 'Cancel',
      params: idParams,
      querystring: noQuery,
      body: emptyBody,
      headers: repeatHeaders,
      response: { 200: verificationReply, ...problemAnswers },
    },
    handler: async (request, reply) => {
      const { caller, params } = request;
      const { outcome } = marked(reply, await engine.cancelVerification(caller, known(params.id), repeatable(request)));
      if (outcome.kind !== 'cancelled') return refuse(reply, outcome);
      return reply.send(verificationBody(outcome.verification));
    },
  });

  app.get('/verifications/:id', {
    config: { scope: 'verifications:read' },
    schema: {
      operationId: 'getVerification',
      summary: 'Look at one, with its timeline',
      params: idParams,
      querystring: noQuery,
      response: { 200: detailsReply, ...problemAnswers },
    },
    handler: async ({ caller, params }, reply) => {
      const id = known(params.id);
      rates.take('statusReads', `${caller.tenantId} ${id}`);
      const found = await engine.verification(caller, id);
      return found.kind === 'found' ? reply.send(detailsBody(found)) : refuse(reply, found);
    },
  });

  app.get('/verifications', {
    config: { scope: 'verifications:read' },
    schema: {
      operationId: 'listVerifications',
      summary: 'List, newest first',
      querystring: listQuery,
      response: { 200: listReply, ...problemAnswers },
    },
    handler: async ({ caller, query }, reply) => {
      const { cursor, limit = '20', ...filter } = query;
      const before = cursor === undefined ? undefined : cursorId(cursor);
      const answer = await engine.verifications(caller, { ...filter, before, limit: Number(limit) });
      return answer.kind === 'page' ? reply.send(listBody(answer)) : refuse(reply, answer);
    },
  });

  app.get('/balance', {
    config: { scope: 'verifications:read' },
    schema: {
      operationId: 'getBalance',
      summary: 'See what is left to pay messages with',
      querystring: noQuery,
      response: { 200: balanceReply, ...problemAnswers },
    },
    handler: async ({ caller }, reply) => reply.send(balanceBody(await engine.balance(caller))),
  });
}

function checked(reply: FastifyReply, answer: Awaited<ReturnType<Engine['checkVerification']>>): FastifyReply {
  const { outcome } = marked(reply, answer);
  return 'verification' in outcome ? reply.send(checkedBody(outcome)) : refuse(reply, outcome satisfies Refusal);
}

/** Says when the answer is that of an earlier request. */
function marked<Outcome>(reply: FastifyReply, answer: Answer<Outcome>): Answer<Outcome> {
  if (answer.replayed) reply.header('idempotency-replayed', 'true');
  return answer;
}

function repeatable(request: FastifyRequest) {
  return { idempotencyKey: idempotencyKey(request) };
}

/** What cannot be an id of ours is as unknown as any other. @throws EdgeRefusal */
function known(id: string): string {
  if (!isUuid(id)) throw new EdgeRefusal({ kind: 'not-found' });
  return id;
}

function cursorId(cursor: string): string {
  if (isUuid(cursor)) return cursor;
  throw new EdgeRefusal({ kind: 'invalid', field: 'cursor', remedy: 'must be the `nextCursor` of an earlier page' });
}
