import type { FastifyReply } from 'fastify';
import { isUuid } from '../../domain/uuid.ts';
import type { WebhookAdministration } from '../../engine/webhook-administration.ts';
import { repeatable } from '../../http/authorized.ts';
import { EdgeRefusal } from '../../http/edge-error.ts';
import { problemAnswers } from '../../http/problem.ts';
import { emptyBody, idParams, noQuery } from '../../http/schemas.ts';
import type { HttpServer } from '../../http/server.ts';
import { refuse } from './errors.ts';
import { deliveriesBodyOf, endpointBodyOf, placeOf, replayBodyOf, testBodyOf, toReplay } from './webhook-mapping.ts';
import {
  deliveriesQuery,
  deliveriesReply,
  endpointBody,
  endpointChanges,
  endpointReply,
  endpointsReply,
  newSecretReply,
  replayBody,
  replayReply,
  testReply,
} from './webhook-wire.ts';
import { repeatHeaders } from './wire.ts';

/** Where one tenant wants to hear of changes. A secret is shown once, when it is made. */
export function webhookRoutes(app: HttpServer, webhooks: WebhookAdministration): void {
  type Made = Awaited<ReturnType<WebhookAdministration['createEndpoint' | 'rotateSecret']>>;
  const shown = (reply: FastifyReply, answer: Made) => {
    if (answer.kind !== 'endpoint') return refuse(reply, answer);
    return reply.code(201).send({ ...endpointBodyOf(answer.endpoint), secret: answer.secret });
  };

  app.get('/webhook-endpoints', {
    config: { scope: 'webhooks:read' },
    schema: {
      operationId: 'listWebhookEndpoints',
      summary: 'List webhook endpoints',
      tags: ['webhooks'],
      querystring: noQuery,
      response: { 200: endpointsReply, ...problemAnswers },
    },
    handler: async ({ authorized }, reply) =>
      reply.send({ endpoints: (await webhooks.endpoints(authorized.tenantId)).map(endpointBodyOf) }),
  });

  app.post('/webhook-endpoints', {
    config: { scope: 'webhooks:write' },
    schema: {
      operationId: 'createWebhookEndpoint',
      summary: 'Make a webhook endpoint',
      description: 'Events are posted to it from now on, signed with the secret that this answer shows.',
      tags: ['webhooks'],
      querystring: noQuery,
      headers: repeatHeaders,
      body: endpointBody,
      response: { 201: newSecretReply, ...problemAnswers },
    },
    handler: async (request, reply) => shown(reply, await webhooks.createEndpoint(repeatable(request), request.body)),
  });

  app.get('/webhook-endpoints/:id', {
    config: { scope: 'webhooks:read' },
    schema: {
      operationId: 'getWebhookEndpoint',
      summary: 'Look at a webhook endpoint',
      tags: ['webhooks'],
      params: idParams,
      querystring: noQuery,
      response: { 200: endpointReply, ...problemAnswers },
    },
    handler: async ({ authorized, params }, reply) => {
      const endpoint = await webhooks.endpoint(authorized.tenantId, knownId(params));
      return endpoint === undefined ? refuse(reply, { kind: 'not-found' }) : reply.send(endpointBodyOf(endpoint));
    },
  });

  app.patch('/webhook-endpoints/:id', {
    config: { scope: 'webhooks:write' },
    schema: {
      operationId: 'changeWebhookEndpoint',
      summary: 'Change a webhook endpoint',
      tags: ['webhooks'],
      params: idParams,
      querystring: noQuery,
      body: endpointChanges,
      response: { 200: endpointReply, ...problemAnswers },
    },
    handler: async ({ authorized, params, body }, reply) => {
      const answer = await webhooks.changeEndpoint(authorized, knownId(params), body);
      return answer.kind === 'endpoint' ? reply.send(endpointBodyOf(answer.endpoint)) : refuse(reply, answer);
    },
  });

  app.delete('/webhook-endpoints/:id', {
    config: { scope: 'webhooks:write' },
    schema: {
      operationId: 'deleteWebhookEndpoint',
      summary: 'Delete a webhook endpoint',
      description: 'What is on its way to it is dropped.',
      tags: ['webhooks'],
      params: idParams,
      querystring: noQuery,
      response: { 200: emptyBody, ...problemAnswers },
    },
    handler: async ({ authorized, params }, reply) => {
      const answer = await webhooks.deleteEndpoint(authorized, knownId(params));
      return answer.kind === 'deleted' ? reply.send({}) : refuse(reply, answer);
    },
  });

  app.post('/webhook-endpoints/:id/rotate-secret', {
    config: { scope: 'webhooks:write', emptyBody: true },
    schema: {
      operationId: 'rotateWebhookSecret',
      summary: 'Replace the secret of a webhook endpoint',
      description: 'Events are signed with the old secret as well for a day.',
      tags: ['webhooks'],
      params: idParams,
      querystring: noQuery,
      headers: repeatHeaders,
      body: emptyBody,
      response: { 201: newSecretReply, ...problemAnswers },
    },
    handler: async (request, reply) =>
      shown(reply, await webhooks.rotateSecret(repeatable(request), knownId(request.params))),
  });

  app.post('/webhook-endpoints/:id/test', {
    config: { scope: 'webhooks:write', emptyBody: true },
    schema: {
      operationId: 'testWebhookEndpoint',
      summary: 'Send a test event',
      description: 'Calls the endpoint once, with an event of the type `webhook.test`, and says what came of it.',
      tags: ['webhooks'],
      params: idParams,
      querystring: noQuery,
      body: emptyBody,
      response: { 200: testReply, ...problemAnswers },
    },
    handler: async ({ authorized, params }, reply) => {
      const answer = await webhooks.test(authorized.tenantId, knownId(params));
      return answer.kind === 'tested' ? reply.send(testBodyOf(answer)) : refuse(reply, answer);
    },
  });

  app.get('/webhook-endpoints/:id/deliveries', {
    config: { scope: 'webhooks:read' },
    schema: {
      operationId: 'listWebhookDeliveries',
      summary: 'List deliveries',
      description:
        'What was told to an endpoint in the last seven days, and what is on its way. The newest come first.',
      tags: ['webhooks'],
      params: idParams,
      querystring: deliveriesQuery,
      response: { 200: deliveriesReply, ...problemAnswers },
    },
    handler: async ({ authorized, params, query: { cursor, limit = '50' } }, reply) => {
      const place = placeOf(cursor);
      const answer = await webhooks.deliveries(authorized.tenantId, knownId(params), place, Number(limit));
      if (answer.kind !== 'deliveries') return refuse(reply, answer);
      return reply.send(deliveriesBodyOf(answer.deliveries, answer.next));
    },
  });

  app.post('/webhook-endpoints/:id/replay', {
    config: { scope: 'webhooks:write' },
    schema: {
      operationId: 'replayWebhooks',
      summary: 'Tell events once more',
      description: 'One event, or all from a time on, with the same ids. Events are kept for seven days.',
      tags: ['webhooks'],
      params: idParams,
      querystring: noQuery,
      headers: repeatHeaders,
      body: replayBody,
      response: { 200: replayReply, ...problemAnswers },
    },
    handler: async (request, reply) => {
      const answer = await webhooks.replay(repeatable(request), knownId(request.params), toReplay(request.body));
      return answer.kind === 'replaying' ? reply.send(replayBodyOf(answer)) : refuse(reply, answer);
    },
  });
}

/** What cannot be an id of ours is as unknown as any other. @throws EdgeRefusal */
function knownId({ id }: { readonly id: string }): string {
  if (!isUuid(id)) throw new EdgeRefusal({ kind: 'not-found' });
  return id;
}
