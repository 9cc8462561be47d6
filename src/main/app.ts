import type { FastifyRequest } from 'fastify';
import type { Administration } from '../engine/administration.ts';
import type { Committer } from '../engine/committer.ts';
import type { Directory } from '../engine/directory.ts';
import type { Engine } from '../engine/engine.ts';
import { keyIssue } from '../engine/key-issue.ts';
import { createKeyUse } from '../engine/key-use.ts';
import type { Store } from '../engine/store.ts';
import { defaultService } from '../engine/tenancy.ts';
import type { Tokens } from '../engine/tokens.ts';
import { actorOf } from '../faces/admin/mapping.ts';
import type { Operations } from '../faces/admin/operations.ts';
import { adminRoutes } from '../faces/admin/server-routes.ts';
import { tenantRoutes } from '../faces/admin/tenant-routes.ts';
import { createAnswers as createDingAnswers } from '../faces/ding/errors.ts';
import { dingRoutes } from '../faces/ding/routes.ts';
import { nativeProblems } from '../faces/native/problem-kinds.ts';
import { nativeFace, nativeRoutes } from '../faces/native/routes.ts';
import { createAnswers as createSmscxAnswers } from '../faces/smscx/answers.ts';
import { smscxRoutes } from '../faces/smscx/routes.ts';
import { smsworksFace } from '../faces/smsworks/errors.ts';
import { smsworksRoutes } from '../faces/smsworks/routes.ts';
import { bearerAuthentication, keyAuthentication } from '../http/authentication.ts';
import { trustedProxies } from '../http/client-address.ts';
import { serveOpenapi } from '../http/openapi.ts';
import { type OperationsOptions, operations as operationsRoutes } from '../http/operations.ts';
import { peerAddress, peerKey } from '../http/peer.ts';
import { edgeProblems } from '../http/problem.ts';
import { reference } from '../http/reference/page.ts';
import { createHttpServer, type HttpServer, type HttpServerOptions } from '../http/server.ts';
import { defaultFaces, type Parts } from './parts.ts';
import { version } from './version.ts';

export interface AppParts extends Pick<OperationsOptions, 'notReady' | 'metrics'> {
  readonly parts: Parts;
  readonly engine: Engine;
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
  const { parts, engine, administration, operations, store, notReady, metrics } = given;
  const { log, rates, operationsToken: token } = parts;
  const dingAnswers = createDingAnswers(parts.publicUrl);
  const nowMs = () => store.clock().nowMs;
  const smscxAnswers = createSmscxAnswers({ rates, nowMs, publicUrl: parts.publicUrl });
  const faces = [nativeFace, smsworksFace, smscxAnswers.face, dingAnswers.face];
  const app = createHttpServer({ log, faces, ...given.measures });
  const proxies = trustedProxies(parts.proxies ?? []);
  const problems = [...edgeProblems, ...nativeProblems];
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
  await app.register(async (scope) => adminRoutes(scope, { administration, operations, operator, local: false, log }), {
    prefix: '/admin/v1',
  });
  const ding = { engine, answers: dingAnswers, authenticate: authenticateKey, rates };
  await app.register(async (scope) => dingRoutes(scope, ding), { prefix: dingAnswers.face.prefix });
  const { keyIssue: issues, countryCode, tokenLifetimeSeconds } = (parts.faces ?? defaultFaces).smsworks;
  const issue = keyIssue(administration);
  const issueKey = (request: FastifyRequest, customerId: string) => {
    rates.take('keyIssues', peerKey(request, proxies));
    const by = { name: 'anybody, by /auth/getApiKey', address: peerAddress(request, proxies), requestId: request.id };
    return issue(customerId, by);
  };
  const vendors = { engine, authenticateKey, tokens: given.tokens, rates };
  await app.register(
    async (scope) =>
      smsworksRoutes(scope, {
        ...vendors,
        tokenLifetimeSeconds,
        countryCode: String(countryCode),
        issueKey: issues ? issueKey : undefined,
      }),
    { prefix: smsworksFace.prefix },
  );
  const smscx = {
    engine,
    answers: smscxAnswers,
    authenticate: authenticateKey,
    tokens: given.tokens,
    rates,
    service: (tenantId: string) => given.directory.service(tenantId, defaultService),
  };
  await app.register(async (scope) => smscxRoutes(scope, smscx), { prefix: smscxAnswers.face.prefix });
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
