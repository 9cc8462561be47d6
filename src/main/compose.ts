import type { KeyRings } from '../domain/keys.ts';
import type { Limits } from '../domain/limits.ts';
import { type ClockSource, clockFrom } from '../engine/clock.ts';
import { Committer } from '../engine/committer.ts';
import { Delivery } from '../engine/delivery.ts';
import { createDirectory } from '../engine/directory.ts';
import { createEngine, type Engine } from '../engine/engine.ts';
import type { Log } from '../engine/log.ts';
import type { Provider, Routes } from '../engine/provider.ts';
import { systemRandom, uuidv7 } from '../engine/random.ts';
import type { Store } from '../engine/store.ts';
import { Sweeper } from '../engine/sweeper.ts';
import { nativeProblems } from '../faces/native/problem-kinds.ts';
import { nativeFace, nativeRoutes } from '../faces/native/routes.ts';
import { bearerAuthentication } from '../http/authentication.ts';
import { trustedProxies } from '../http/client-address.ts';
import { health } from '../http/health.ts';
import { serveOpenapi } from '../http/openapi.ts';
import { edgeProblems } from '../http/problem.ts';
import type { RateLimiter } from '../http/rates.ts';
import { reference } from '../http/reference/page.ts';
import { createHttpServer, type HttpServer } from '../http/server.ts';
import { openSqliteStore } from '../stores/sqlite/store.ts';
import { version } from './version.ts';

/** What differs between development mode, tests and benchmarks. */
export interface Parts {
  /** Path of the database, or `:memory:`. */
  readonly file: string;
  readonly keys: KeyRings;
  readonly limits: Limits;
  readonly rates: RateLimiter;
  readonly providers: readonly Provider[];
  readonly routes: Routes;
  /** Numbers that nobody can own pass as recipients. */
  readonly fictitious: boolean;
  readonly clock: ClockSource;
  readonly log: Log;
  readonly onDeath: (error: Error) => void;
  readonly confirmClock?: boolean;
  readonly commitDelayMs?: number;
  readonly tryTimeoutMs?: number;
}

export interface Server {
  readonly app: HttpServer;
  readonly store: Store;
  readonly engine: Engine;
  readonly committer: Committer;
  readonly sweeper: Sweeper;
  /** Answers what is under way, hands back what is not, and closes the store. */
  close(): Promise<void>;
}

/** Puts the server together; it does not listen yet. */
export async function compose(parts: Parts): Promise<Server> {
  const { file, keys, limits, log, clock, onDeath, confirmClock, commitDelayMs } = parts;
  const random = systemRandom();
  const { monotonicMs, wallMs } = clockFrom(clock);
  const epoch = uuidv7(wallMs(), random);
  const store = await openSqliteStore({ file, keys, limits, epoch, clock, onDeath, confirmClock, commitDelayMs });

  const committer = new Committer(store, log, monotonicMs);
  const directory = createDirectory(store.queries, monotonicMs);
  const providers = new Map(parts.providers.map((provider) => [provider.name, provider]));
  const { tryTimeoutMs, routes, fictitious, rates } = parts;
  const delivery = new Delivery({ store, committer, keys, providers, directory, random, log, epoch, tryTimeoutMs });
  const sweeper = new Sweeper(store, delivery, log, monotonicMs);
  const engine = createEngine({ store, committer, delivery, directory, keys, random, routes, fictitious });

  const app = createHttpServer({ log, faces: [nativeFace] });
  const problems = [...edgeProblems, ...nativeProblems];
  const document = await serveOpenapi(app, { title: 'Countersign', version, problems });
  reference(app, { document, openapi: '/v1/openapi.json' });
  const authenticate = bearerAuthentication({ directory, rates, proxies: trustedProxies([]) });
  await app.register(async (scope) => nativeRoutes(scope, { engine, authenticate, rates }), { prefix: '/v1' });
  health(app, () => store.clock().confirmed);
  sweeper.start();

  return {
    app,
    store,
    engine,
    committer,
    sweeper,
    async close() {
      await app.close();
      await sweeper.close();
      await delivery.close();
      await store.close();
    },
  };
}
