import type { FastifyReply, FastifyRequest } from 'fastify';
import { isUuid } from '../../domain/uuid.ts';
import type { Administration } from '../../engine/administration.ts';
import type { Actor } from '../../engine/audit.ts';
import type { Log } from '../../engine/log.ts';
import { serverTenantId } from '../../engine/tenancy.ts';
import type { Authorize } from '../../http/authorized.ts';
import { EdgeRefusal } from '../../http/edge-error.ts';
import { idempotencyKey } from '../../http/idempotency-key.ts';
import { noQuery } from '../../http/schemas.ts';
import type { HttpServer } from '../../http/server.ts';
import { refuse } from './errors.ts';
import { auditBodyOf, tenantBodyOf, trailsBodyOf } from './mapping.ts';
import { operationRoutes } from './operation-routes.ts';
import type { Operations } from './operations.ts';
import { tenantRoutes } from './tenant-routes.ts';
import {
  auditQuery,
  auditReply,
  auditVerificationReply,
  balanceBody,
  repeatHeaders,
  sendingBody,
  sendingReply,
  tenantBody,
  tenantChanges,
  tenantParams,
  tenantReply,
  tenantsReply,
} from './wire.ts';

export interface AdminOptions {
  readonly administration: Administration;
  readonly operations: Operations;
  /** Finds out which operator asks. @throws EdgeRefusal (from what it returns) when it is none */
  readonly operator: (request: FastifyRequest) => Promise<Actor>;
  /** Further routes of one tenant, which it has below `/v1` itself. */
  readonly ofOneTenant: (app: HttpServer, authorize: Authorize) => Promise<void>;
  /** On the server itself: what touches its files is there too. */
  readonly local: boolean;
  readonly log: Log;
}

declare module 'fastify' {
  interface FastifyRequest {
    by: Actor;
  }
}

/** What operators do: tenants and all that is theirs, and the server as a whole. Nothing of it is in the API's document. */
export async function adminRoutes(app: HttpServer, options: AdminOptions): Promise<void> {
  const { administration, operator } = options;
  app.addHook('onRoute', (route) => {
    route.schema = { ...route.schema, hide: true };
    // Whatever a tenant's own key would need, here it takes an operator's.
    route.config = { ...route.config, scope: 'operator' };
  });
  app.decorateRequest('by');

  await app.register(async (scope) => {
    scope.addHook('onRequest', async (request) => {
      request.by = await operator(request);
    });
    tenantsRoutes(scope as HttpServer, administration);
    auditRoutes(scope as HttpServer, administration);
    sendingRoutes(scope as HttpServer, administration);
    operationRoutes(scope as HttpServer, options);
  });

  const ofNamedTenant: Authorize = async (request) => {
    const by = await operator(request);
    const tenantId = knownId((request.params as { tenant: string }).tenant);
    if (await administration.hasTenant(tenantId)) return { tenantId, by };
    throw new EdgeRefusal({ kind: 'not-found' });
  };
  const prefix = '/tenants/:tenant';
  await app.register(async (scope) => tenantRoutes(scope as HttpServer, { administration, authorize: ofNamedTenant }), {
    prefix,
  });
  await app.register(async (scope) => options.ofOneTenant(scope as HttpServer, ofNamedTenant), { prefix });

  // The keys of operators themselves.
  await app.register(async (scope) =>
    tenantRoutes(scope as HttpServer, {
      administration,
      authorize: async (request) => ({ tenantId: serverTenantId, by: await operator(request) }),
      only: 'api-keys',
    }),
  );
}

/** What cannot be an id of ours is as unknown as any other. @throws EdgeRefusal */
function knownId(id: string): string {
  if (!isUuid(id) || id === serverTenantId) throw new EdgeRefusal({ kind: 'not-found' });
  return id;
}

function tenantsRoutes(app: HttpServer, administration: Administration): void {
  type Answer = Awaited<ReturnType<Administration['changeTenant' | 'createTenant']>>;
  const answered = (reply: FastifyReply, answer: Answer, status = 200) =>
    answer.kind === 'tenant' ? reply.code(status).send(tenantBodyOf(answer.tenant)) : refuse(reply, answer);

  app.get('/tenants', {
    schema: { querystring: noQuery, response: { 200: tenantsReply } },
    handler: async (_, reply) => reply.send({ tenants: (await administration.tenants()).map(tenantBodyOf) }),
  });
  app.post('/tenants', {
    schema: { querystring: noQuery, body: tenantBody, response: { 201: tenantReply } },
    handler: async (request, reply) => {
      // A tenant has no earlier request to be the repetition of.
      if (idempotencyKey(request) !== undefined) throw new EdgeRefusal(noRepeat);
      return answered(reply, await administration.createTenant(request.by, request.body), 201);
    },
  });
  app.get('/tenants/:tenant', {
    schema: { params: tenantParams, querystring: noQuery, response: { 200: tenantReply } },
    handler: async ({ params }, reply) => {
      const tenant = await administration.tenant(knownId(params.tenant));
      return tenant === undefined ? refuse(reply, { kind: 'not-found' }) : reply.send(tenantBodyOf(tenant));
    },
  });
  app.patch('/tenants/:tenant', {
    schema: { params: tenantParams, querystring: noQuery, body: tenantChanges, response: { 200: tenantReply } },
    handler: async ({ by, params, body }, reply) =>
      answered(reply, await administration.changeTenant({ tenantId: knownId(params.tenant), by }, body)),
  });
  app.post('/tenants/:tenant/balance', {
    schema: {
      params: tenantParams,
      querystring: noQuery,
      headers: repeatHeaders,
      body: balanceBody,
      response: { 200: tenantReply },
    },
    handler: async (request, reply) => {
      const { by, params, body } = request;
      const asked = { tenantId: knownId(params.tenant), by, idempotencyKey: idempotencyKey(request) };
      const answer = await administration.changeBalance(asked, body.amount);
      if (answer.kind !== 'tenant') return refuse(reply, answer);
      if (answer.replayed) reply.header('idempotency-replayed', 'true');
      return reply.send(tenantBodyOf(answer.tenant));
    },
  });
}

const noRepeat = {
  kind: 'invalid',
  field: 'Idempotency-Key',
  remedy: 'is not accepted here; list the tenants to see whether an earlier request was done',
} as const;

function auditRoutes(app: HttpServer, administration: Administration): void {
  app.get('/audit', {
    schema: { querystring: auditQuery, response: { 200: auditReply } },
    handler: async ({ query: { after = '0', limit = '50' } }, reply) =>
      reply.send(auditBodyOf(await administration.audit(serverTenantId, Number(after), Number(limit)))),
  });
  app.get('/audit/verification', {
    schema: { querystring: noQuery, response: { 200: auditVerificationReply } },
    handler: async (_, reply) => reply.send(trailsBodyOf(await administration.verifyAudit())),
  });
}

function sendingRoutes(app: HttpServer, administration: Administration): void {
  app.put('/sending', {
    schema: { querystring: noQuery, body: sendingBody, response: { 200: sendingReply } },
    handler: async ({ by, body: { stopped } }, reply) => {
      await administration.setSending(by, stopped);
      return reply.send({ stopped });
    },
  });
}
