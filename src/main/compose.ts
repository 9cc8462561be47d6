import { setTimeout as pause } from 'node:timers/promises';
import type { FastifyRequest } from 'fastify';
import type { KeyRings } from '../domain/keys.ts';
import type { Limits } from '../domain/limits.ts';
import { type Administration, createAdministration } from '../engine/administration.ts';
import { type ClockSource, clockFrom } from '../engine/clock.ts';
import { Committer } from '../engine/committer.ts';
import { Delivery } from '../engine/delivery.ts';
import { createDirectory } from '../engine/directory.ts';
import { createEngine, type Engine } from '../engine/engine.ts';
import { createKeyRotation, type KeyRotation } from '../engine/key-rotation.ts';
import { liveKeys, type SavedKeys } from '../engine/key-source.ts';
import { assertKeysHeld } from '../engine/key-usage.ts';
import { createKeyUse } from '../engine/key-use.ts';
import type { Log } from '../engine/log.ts';
import type { Provider, Routes } from '../engine/provider.ts';
import { systemRandom, uuidv7 } from '../engine/random.ts';
import type { RetentionPeriods } from '../engine/retention.ts';
import type { Store } from '../engine/store.ts';
import { Sweeper } from '../engine/sweeper.ts';
import { actorOf } from '../faces/admin/mapping.ts';
import { adminRoutes } from '../faces/admin/server-routes.ts';
import { tenantRoutes } from '../faces/admin/tenant-routes.ts';
import { nativeProblems } from '../faces/native/problem-kinds.ts';
import { nativeFace, nativeRoutes } from '../faces/native/routes.ts';
import { bearerAuthentication, peerAddress } from '../http/authentication.ts';
import { trustedProxies } from '../http/client-address.ts';
import { health } from '../http/health.ts';
import { serveOpenapi } from '../http/openapi.ts';
import { edgeProblems } from '../http/problem.ts';
import type { RateLimiter } from '../http/rates.ts';
import { reference } from '../http/reference/page.ts';
import { createHttpServer, type HttpServer } from '../http/server.ts';
import { openSqliteStore } from '../stores/sqlite/store.ts';
import { createControl } from './control.ts';
import { createOperations } from './operations.ts';
import { version } from './version.ts';

/** What differs between development mode, tests and benchmarks. */
export interface Parts {
  /** Path of the database, or `:memory:`. */
  readonly file: string;
  readonly keys: KeyRings;
  /** Where changed key rings are written; without it they cannot be changed. */
  readonly savedKeys?: SavedKeys | undefined;
  readonly limits: Limits;
  readonly rates: RateLimiter;
  readonly providers: readonly Provider[];
  readonly routes: Routes;
  /** Numbers that nobody can own pass as recipients, and test numbers need no end. */
  readonly development: boolean;
  /** Peers whose forwarding header is believed; nobody when absent. */
  readonly proxies?: readonly string[];
  readonly clock: ClockSource;
  readonly log: Log;
  readonly onDeath: (error: Error) => void;
  readonly confirmClock?: boolean;
  readonly commitDelayMs?: number;
  readonly tryTimeoutMs?: number;
  /** For one command of an operator: nothing that is due is done, only what is asked for. */
  readonly offline?: boolean;
  /** How long recipients and audit trails are kept; 30 and 365 days when absent. */
  readonly retention?: RetentionPeriods;
}

export interface Server {
  readonly app: HttpServer;
  /** For operators on this machine; see control.ts. */
  readonly control: HttpServer;
  readonly administration: Administration;
  readonly store: Store;
  readonly engine: Engine;
  readonly committer: Committer;
  readonly sweeper: Sweeper;
  readonly keyRotation: KeyRotation;
  /** Answers what is under way, hands back what is not, and closes the store. */
  close(): Promise<void>;
}

/** Puts the server together; it does not listen yet. @throws KeysMissing when rows need keys that the rings lack */
export async function compose(parts: Parts): Promise<Server> {
  const { file, limits, log, clock, onDeath, confirmClock, commitDelayMs } = parts;
  const random = systemRandom();
  const { monotonicMs, wallMs } = clockFrom(clock);
  const epoch = uuidv7(wallMs(), random);
  const rings = parts.keys;
  const keys = liveKeys(rings);
  const store = await openSqliteStore({
    file,
    keys: rings,
    limits,
    epoch,
    clock,
    onDeath,
    confirmClock,
    commitDelayMs,
  });
  try {
    await assertKeysHeld(store, rings);
  } catch (error) {
    await store.close();
    throw error;
  }

  const committer = new Committer(store, log, monotonicMs);
  const directory = createDirectory(store.queries, monotonicMs);
  const providers = new Map(parts.providers.map((provider) => [provider.name, provider]));
  const { tryTimeoutMs, routes, development, rates } = parts;
  for (const { name, warnings = [] } of parts.providers)
    for (const warning of warnings) log.warn({ provider: name }, warning);
  const delivery = new Delivery({ store, committer, keys, providers, directory, random, log, epoch, tryTimeoutMs });
  const sweeper = new Sweeper(store, delivery, log, monotonicMs, parts.retention);
  const engine = createEngine({ store, committer, delivery, directory, keys, random, routes, fictitious: development });
  const administration = createAdministration({
    store,
    committer,
    directory,
    keys,
    random,
    development,
  });
  const keyRotation = createKeyRotation({ store, committer, keys, saved: parts.savedKeys, random, log, pause });
  const operations = createOperations({ store, keyRotation, sweeper, development });

  const app = createHttpServer({ log, faces: [nativeFace] });
  const proxies = trustedProxies(parts.proxies ?? []);
  const problems = [...edgeProblems, ...nativeProblems];
  const document = await serveOpenapi(app, { title: 'Countersign', version, problems });
  reference(app, { document, openapi: '/v1/openapi.json' });
  const nowMs = () => store.clock().nowMs;
  const used = createKeyUse(committer, log, nowMs);
  const authenticate = bearerAuthentication({ directory, rates, proxies, nowMs, used });
  await app.register(async (scope) => nativeRoutes(scope, { engine, authenticate, rates }), { prefix: '/v1' });
  const byKey = async (request: FastifyRequest) => {
    const key = await authenticate(request);
    return { key, by: actorOf(key, peerAddress(request, proxies), request.id) };
  };
  await app.register(
    async (scope) =>
      tenantRoutes(scope, {
        administration,
        authorize: async (request) => {
          const { key, by } = await byKey(request);
          return { tenantId: key.tenantId, by, grantable: key.scopes };
        },
      }),
    { prefix: '/v1' },
  );
  await app.register(
    async (scope) =>
      adminRoutes(scope, {
        administration,
        operations,
        operator: async (request) => (await byKey(request)).by,
        local: false,
        log,
      }),
    { prefix: '/admin/v1' },
  );
  const control = await createControl({ engine, administration, operations, log });
  health(app, () => store.clock().confirmed);
  await sweeper.prepare();
  if (parts.offline !== true) sweeper.start();

  return {
    app,
    control,
    administration,
    store,
    engine,
    committer,
    sweeper,
    keyRotation,
    async close() {
      await Promise.all([app.close(), control.close()]);
      await sweeper.close();
      await delivery.close();
      await closeProviders(parts);
      await store.close();
    },
  };
}

/** One that cannot let go of its connections must not keep the store from closing. */
async function closeProviders({ providers, log }: Parts): Promise<void> {
  const closed = await Promise.allSettled(providers.map((provider) => provider.close?.()));
  for (const [index, outcome] of closed.entries()) {
    if (outcome.status === 'fulfilled') continue;
    // The message of a provider's error may quote what it was given: only its name is fit for a log.
    const errorName = outcome.reason instanceof Error ? outcome.reason.name : 'unknown';
    log.warn({ provider: providers[index]?.name, errorName }, 'a provider could not be closed');
  }
}
