import type { FastifyReply } from 'fastify';
import { defaultScopes, type KeyBounds, mayGrant } from '../../domain/scope.ts';
import type { Administration } from '../../engine/administration.ts';
import { type Authorized, repeatable } from '../../http/authorized.ts';
import { EdgeRefusal } from '../../http/edge-error.ts';
import { momentMs } from '../../http/moment.ts';
import { problemAnswers } from '../../http/problem.ts';
import { emptyBody, idParams, noQuery } from '../../http/schemas.ts';
import type { HttpServer } from '../../http/server.ts';
import { type Refusal, refuse } from './errors.ts';
import { apiKeyBodyOf, checkedSources, secretsOf } from './mapping.ts';
import {
  apiKeyBody,
  apiKeyChanges,
  apiKeyReply,
  apiKeysReply,
  newApiKeyReply,
  repeatHeaders,
  rotateBody,
} from './wire.ts';

const day = 86_400;

/** API keys of one tenant. A key is shown once, when it is made. */
export function apiKeyRoutes(app: HttpServer, administration: Administration): void {
  type Answer = Awaited<ReturnType<Administration['changeApiKey' | 'createApiKey' | 'rotateApiKey' | 'revokeApiKey']>>;
  const answered = (reply: FastifyReply, answer: Answer | Refusal) => {
    if (answer.kind !== 'api-key') return refuse(reply, answer);
    const body = apiKeyBodyOf(answer.apiKey);
    return 'key' in answer ? reply.code(201).send({ ...body, ...secretsOf(body.id, answer.key) }) : reply.send(body);
  };

  /** A key changes no key that may do more than itself: it would become that key. @throws EdgeRefusal */
  const assertWithin = async (authorized: Authorized, id: string, changes: Partial<KeyBounds> = {}) => {
    if (authorized.maker === undefined) return;
    const target = (await administration.apiKeys(authorized.tenantId)).find((key) => key.id === id);
    if (target === undefined) return;
    assertGrantable(authorized, target);
    assertGrantable(authorized, { ...target, ...changes });
  };

  app.get('/api-keys', {
    config: { scope: 'api-keys:read' },
    schema: {
      operationId: 'listApiKeys',
      summary: 'List API keys',
      tags: ['api-keys'],
      querystring: noQuery,
      response: { 200: apiKeysReply, ...problemAnswers },
    },
    handler: async ({ authorized }, reply) =>
      reply.send({ apiKeys: (await administration.apiKeys(authorized.tenantId)).map(apiKeyBodyOf) }),
  });

  app.post('/api-keys', {
    config: { scope: 'api-keys:write' },
    schema: {
      operationId: 'createApiKey',
      summary: 'Make an API key',
      tags: ['api-keys'],
      querystring: noQuery,
      headers: repeatHeaders,
      body: apiKeyBody,
      response: { 201: newApiKeyReply, ...problemAnswers },
    },
    handler: async (request, reply) => {
      const { name, scopes, sources, expiresAt } = request.body;
      const asked = { name, scopes, sources: checkedSources(sources), expiresAtMs: momentMs('expiresAt', expiresAt) };
      assertGrantable(request.authorized, { ...asked, scopes: scopes ?? defaultScopes, sources: sources ?? [] });
      return answered(reply, await administration.createApiKey(repeatable(request), asked));
    },
  });

  app.patch('/api-keys/:id', {
    config: { scope: 'api-keys:write' },
    schema: {
      operationId: 'changeApiKey',
      summary: 'Change an API key',
      tags: ['api-keys'],
      params: idParams,
      querystring: noQuery,
      body: apiKeyChanges,
      response: { 200: apiKeyReply, ...problemAnswers },
    },
    handler: async ({ authorized, params, body: { expiresAt, sources, ...rest } }, reply) => {
      const from = sources === undefined ? {} : { sources: checkedSources(sources) ?? [] };
      const endMs = momentMs('expiresAt', expiresAt ?? undefined);
      const until = expiresAt === undefined ? {} : { expiresAtMs: endMs };
      await assertWithin(authorized, params.id, { ...rest, ...from, ...until });
      const changes = { ...rest, ...from, ...(expiresAt === undefined ? {} : { expiresAtMs: endMs ?? null }) };
      return answered(reply, await administration.changeApiKey(authorized, params.id, changes));
    },
  });

  app.post('/api-keys/:id/rotate', {
    config: { scope: 'api-keys:write', emptyBody: true },
    schema: {
      operationId: 'rotateApiKey',
      summary: 'Replace an API key',
      description: 'Makes a new key with the same name and scopes; the old one goes on working for the overlap.',
      tags: ['api-keys'],
      params: idParams,
      querystring: noQuery,
      headers: repeatHeaders,
      body: rotateBody,
      response: { 201: newApiKeyReply, ...problemAnswers },
    },
    handler: async (request, reply) => {
      const { authorized, params, body } = request;
      await assertWithin(authorized, params.id);
      const { overlapSeconds = day } = body;
      return answered(reply, await administration.rotateApiKey(repeatable(request), params.id, overlapSeconds));
    },
  });

  app.post('/api-keys/:id/revoke', {
    config: { scope: 'api-keys:write', emptyBody: true },
    schema: {
      operationId: 'revokeApiKey',
      summary: 'Revoke an API key',
      tags: ['api-keys'],
      params: idParams,
      querystring: noQuery,
      headers: repeatHeaders,
      body: emptyBody,
      response: { 200: apiKeyReply, ...problemAnswers },
    },
    handler: async ({ authorized, params }, reply) =>
      answered(reply, await administration.revokeApiKey(authorized, params.id)),
  });
}

/** @throws EdgeRefusal when a key would hand on more than it holds */
function assertGrantable({ maker }: Pick<Authorized, 'maker'>, wanted: KeyBounds): void {
  if (maker === undefined || mayGrant(maker, wanted)) return;
  throw new EdgeRefusal({ kind: 'forbidden', remedy: 'A key gives no scope, no place and no time beyond its own.' });
}
