import { chmodSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyRequest } from 'fastify';
import type { Administration } from '../engine/administration.ts';
import type { Actor } from '../engine/audit.ts';
import type { Engine } from '../engine/engine.ts';
import type { Log } from '../engine/log.ts';
import type { Operations } from '../faces/admin/operations.ts';
import { adminRoutes } from '../faces/admin/server-routes.ts';
import { nativeFace, nativeRoutes } from '../faces/native/routes.ts';
import { EdgeRefusal } from '../http/edge-error.ts';
import { noRates } from '../http/rates.ts';
import { createHttpServer, type HttpServer } from '../http/server.ts';

export interface ControlOptions {
  readonly engine: Engine;
  readonly administration: Administration;
  readonly operations: Operations;
  readonly log: Log;
}

/**
 * The server for who works on this very machine: the administration API with what touches files, and the native API for
 * any tenant. It asks for no credential, so that it listens on nothing but a socket that its owner alone may open.
 */
export async function createControl(options: ControlOptions): Promise<HttpServer> {
  const { engine, administration, operations, log } = options;
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
        local: true,
        log,
      }),
    { prefix: '/admin/v1' },
  );
  return app;
}

/** Where a server of this data directory listens for operators. */
export function socketIn(dataDir: string): string {
  return join(dataDir, 'control.sock');
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

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

function statedTenant({ headers }: FastifyRequest): { readonly tenantId: string } {
  const tenantId = headers['x-countersign-tenant'];
  if (typeof tenantId === 'string' && uuid.test(tenantId)) return { tenantId };
  const remedy = 'must be the id of a tenant';
  throw new EdgeRefusal({ kind: 'invalid', field: 'x-countersign-tenant', remedy });
}

function localOperator({ headers, id }: FastifyRequest): Actor {
  const account = headers['x-countersign-operator'];
  const known = typeof account === 'string' && /^[A-Za-z0-9._-]{1,64}$/.test(account);
  return { name: known ? `operator ${account}` : 'operator', requestId: id };
}
