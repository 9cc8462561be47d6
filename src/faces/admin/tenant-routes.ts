import type { Administration } from '../../engine/administration.ts';
import type { Authorize } from '../../http/authorized.ts';
import { problemAnswers } from '../../http/problem.ts';
import type { HttpServer } from '../../http/server.ts';
import { apiKeyRoutes } from './api-key-routes.ts';
import { auditBodyOf } from './mapping.ts';
import { serviceRoutes } from './service-routes.ts';
import { webhookRoutes } from './webhook-routes.ts';
import { auditQuery, auditReply } from './wire.ts';

export interface TenantRoutesOptions {
  readonly administration: Administration;
  readonly authorize: Authorize;
  /** Leaves out all but these. */
  readonly only?: 'api-keys';
}

/** Services, API keys and the audit trail of one tenant: its own for a key of the tenant, any for an operator. */
export async function tenantRoutes(
  app: HttpServer,
  { administration, authorize, only }: TenantRoutesOptions,
): Promise<void> {
  app.decorateRequest('authorized');
  app.addHook('onRequest', async (request) => {
    request.authorized = await authorize(request);
  });
  apiKeyRoutes(app, administration);
  if (only === 'api-keys') return;
  serviceRoutes(app, administration);
  webhookRoutes(app, administration.webhooks);

  app.get('/audit', {
    config: { scope: 'audit:read' },
    schema: {
      operationId: 'listAudit',
      summary: 'Read the audit trail',
      tags: ['audit'],
      querystring: auditQuery,
      response: { 200: auditReply, ...problemAnswers },
    },
    handler: async ({ authorized, query: { after = '0', limit = '50' } }, reply) =>
      reply.send(auditBodyOf(await administration.audit(authorized.tenantId, Number(after), Number(limit)))),
  });
}
