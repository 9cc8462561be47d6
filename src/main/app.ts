import type { FastifyRequest } from 'fastify';
import type { Administration } from '../engine/administration.ts';
import type { Committer } from '../engine/committer.ts';
import type { Directory } from '../engine/directory.ts';
import type { Engine } from '../engine/engine.ts';
import { createKeyUse } from '../engine/key-use.ts';
import type { People } from '../engine/people.ts';
import type { Store } from '../engine/store.ts';
import type { Tokens } from '../engine/tokens.ts';
import { actorOf } from '../faces/admin/mapping.ts';
import type { Operations } from '../faces/admin/operations.ts';
import { type AdminOptions, adminRoutes } from '../faces/admin/server-routes.ts';
import { tenantRoutes } from '../faces/admin/tenant-routes.ts';
import { nativeProblems } from '../faces/native/problem-kinds.ts';
import { nativeFace, nativeRoutes } from '../faces/native/routes.ts';
import { factorProblems } from '../faces/people/factor-errors.ts';
import { peopleProblems } from '../faces/people/problem-kinds.ts';
import { peopleRoutes } from '../faces/people/routes.ts';
import { bearerAuthentication, keyAuthentication } from '../http/authentication.ts';
import { trustedProxies } from '../http/client-address.ts';
import { notSentProblems } from '../http/not-sent.ts';
import { serveOpenapi } from '../http/openapi.ts';
import { type OperationsOptions, operations as operationsRoutes } from '../http/operations.ts';
import { peerAddress } from '../http/peer.ts';
import { edgeProblems } from '../http/problem.ts';
import { reference } from '../http/reference/page.ts';
import { createHttpServer, type HttpServer, type HttpServerOptions } from '../http/server.ts';
import { wordedProblems } from '../http/worded.ts';
import type { Parts } from './parts.ts';
import { vendorFaces } from './vendor-faces.ts';
import { version } from './version.ts';

export interface AppParts extends Pick<OperationsOptions, 'notReady' | 'metrics'> {
  readonly parts: Parts;
  readonly engine: Engine;
  readonly people: People;
  readonly administration: Administration;
  readonly operations: Operations;
  readonly store: Store;
  readonly committer: Committer;
  readonly directory: Directory;
  readonly tokens: Tokens;
  readonly measures: Pick<HttpServerOptions, 'meter' | 'loopDelayMs' | 'fraction'>;
}

/** The HTTP server that the world sees, with every face, each behind its credentials. */
export async function createApp(given: AppParts): Promise<HttpServer> {
  const { parts, engine, people, administration, operations, store, notReady, metrics } = given;
  const { log, rates, operationsToken: token } = parts;
  const nowMs = () => store.clock().nowMs;
  const proxies = trustedProxies(parts.proxies ?? []);
  const vendors = vendorFaces({ ...given, parts, proxies, nowMs });
  const app = createHttpServer({ log, faces: [nativeFace, ...vendors.map(({ face }) => face)], ...given.measures });
  const ofFaces = [...nativeProblems, ...peopleProblems, ...factorProblems];
  const problems = [...edgeProblems, ...wordedProblems, ...notSentProblems, ...ofFaces];
  const document = await serveOpenapi(app, { title: 'Countersign', version, problems });
  reference(app, { document, openapi: '/v1/openapi.json' });

  const used = createKeyUse(given.committer, log, nowMs);
  const authenticateKey = keyAuthentication({ directory: given.directory, rates, proxies, nowMs, used });
  const authenticate = bearerAuthentication(authenticateKey);
  const byKey = async (request: FastifyRequest) => {
    const key = await authenticate(request);
    return { key, by: actorOf(key, peerAddress(request, proxies), request.id) };
  };
  const ofTenant = async (request: FastifyRequest) => {
    const { key, by } = await byKey(request);
    return { tenantId: key.tenantId, by, maker: key };
  };
  const operator = async (request: FastifyRequest) => (await byKey(request)).by;

  await app.register(async (scope) => nativeRoutes(scope, { engine, authenticate, rates }), { prefix: '/v1' });
  await app.register(async (scope) => tenantRoutes(scope, { administration, authorize: ofTenant }), { prefix: '/v1' });
  await app.register(async (scope) => peopleRoutes(scope, { people, authorize: ofTenant, rates }), { prefix: '/v1' });
  const ofOneTenant: AdminOptions['ofOneTenant'] = (scope, authorize) =>
    peopleRoutes(scope, { people, authorize, rates });
  const managed = { administration, operations, operator, ofOneTenant, local: false, log };
  await app.register(async (scope) => adminRoutes(scope, managed), { prefix: '/admin/v1' });
  for (const { face, routes } of vendors) {
    await app.register(async (scope) => routes(scope, authenticateKey), { prefix: face.prefix });
  }
  await app.register(async (scope) => operationsRoutes(scope, { notReady, metrics, token, rates, proxies }));
  app.addHook('onListen', async () => {
    log.info({ version, address: addressOf(app) }, 'listening');
  });
  return app;
}

function addressOf({ server }: HttpServer): string | undefined {
  const address = server.address();
  return typeof address === 'object' && address !== null ? `${address.address}:${address.port}` : undefined;
}
