import { chmodSync, rmSync } from 'node:fs';
import type { FastifyRequest } from 'fastify';
import { isUuid } from '../domain/uuid.ts';
import type { Administration } from '../engine/administration.ts';
import type { Actor } from '../engine/audit.ts';
import type { Engine } from '../engine/engine.ts';
import type { Log } from '../engine/log.ts';
import type { People } from '../engine/people.ts';
import type { Operations } from '../faces/admin/operations.ts';
import { adminRoutes } from '../faces/admin/server-routes.ts';
import { nativeFace, nativeRoutes } from '../faces/native/routes.ts';
import { peopleRoutes } from '../faces/people/routes.ts';
import { EdgeRefusal } from '../http/edge-error.ts';
import { noRates } from '../http/rates.ts';
import { createHttpServer, type HttpServer } from '../http/server.ts';
import { operatorHeader, tenantHeader } from './control-headers.ts';

export interface ControlOptions {
  readonly engine: Engine;
  readonly people: People;
  readonly administration: Administration;
  readonly operations: Operations;
  readonly log: Log;
}

/**
 * The server for who works on this very machine: the administration API with what touches files, and the native API for
 * any tenant. It asks for no credential, so that it listens on nothing but a socket that its owner alone may open.
 */
export async function createControl(options: ControlOptions): Promise<HttpServer> {
  const { engine, people, administration, operations, log } = options;
  const app = createHttpServer({ log, faces: [nativeFace] });
  await app.register(
    async (scope) =>
      nativeRoutes(scope as HttpServer, { engine, authenticate: async (r) => statedTenant(r), rates: noRates }),
    { prefix: '/v1' },
  );
  await app.register(
    async (scope) =>
      adminRoutes(scope as HttpServer, {
        administration,
        operations,
        operator: async (request) => localOperator(request),
        ofOneTenant: (tenant, authorize) => peopleRoutes(tenant, { people, authorize, rates: noRates }),
        local: true,
        log,
      }),
    { prefix: '/admin/v1' },
  );
  return app;
}

/** Listens on a socket that only this user may open. What an earlier process left there is no longer anybody's. */
export async function listenOnSocket(app: HttpServer, path: string): Promise<void> {
  rmSync(path, { force: true });
  const mask = process.umask(0o177);
  try {
    await app.listen({ path });
  } finally {
    process.umask(mask);
  }
  chmodSync(path, 0o600);
}

function statedTenant({ headers }: FastifyRequest): { readonly tenantId: string } {
  const tenantId = headers[tenantHeader];
  if (typeof tenantId === 'string' && isUuid(tenantId)) return { tenantId };
  const remedy = 'must be the id of a tenant';
  throw new EdgeRefusal({ kind: 'invalid', field: tenantHeader, remedy });
}

function localOperator({ headers, id }: FastifyRequest): Actor {
  const account = headers[operatorHeader];
  const known = typeof account === 'string' && /^[A-Za-z0-9._-]{1,64}$/.test(account);
  return { name: known ? `operator ${account}` : 'operator', requestId: id };
}
