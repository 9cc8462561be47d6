import type { Administration } from '../engine/administration.ts';
import type { Committer } from '../engine/committer.ts';
import type { Engine } from '../engine/engine.ts';
import type { KeyRotation } from '../engine/key-rotation.ts';
import type { People } from '../engine/people.ts';
import type { Store } from '../engine/store.ts';
import type { Sweeper } from '../engine/sweeper.ts';
import type { HttpServer } from '../http/server.ts';
import { watchLoopDelay } from '../telemetry/loop-delay.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { createApp } from './app.ts';
import { createControl } from './control.ts';
import { composeCore } from './core.ts';
import { createOperations } from './operations.ts';
import type { Parts } from './parts.ts';
import { version } from './version.ts';
import { watch } from './watch.ts';

export interface Server {
  readonly app: HttpServer;
  /** For operators on this machine; see control.ts. */
  readonly control: HttpServer;
  readonly administration: Administration;
  readonly store: Store;
  readonly engine: Engine;
  readonly people: People;
  readonly committer: Committer;
  readonly sweeper: Sweeper;
  readonly keyRotation: KeyRotation;
  /** Answers what is under way, hands back what is not, and closes the store. */
  close(): Promise<void>;
}

/** Puts the server together; it does not listen yet. @throws KeysMissing when rows need keys that the rings lack */
export async function compose(parts: Parts): Promise<Server> {
  const { file, log, development } = parts;
  const core = await composeCore(parts);
  const { store, meter, committer, sweeper, engine, people, administration, keyRotation, monotonicMs, fraction } = core;

  const loopDelay = watchLoopDelay();
  const loopDelayMs = parts.toleratesDelay === true ? () => 0 : () => loopDelay.p99Ms;
  const watched = watch({ ...core, file, loopDelay, loopDelayMs });
  const { notReady } = watched;
  const operations = createOperations({ ...core, notReady, development });
  const metrics = createMetrics({ meter, version, gauges: watched.gauges });
  const app = await createApp({
    ...core,
    parts,
    operations,
    measures: { meter, loopDelayMs, fraction },
    notReady,
    metrics: metrics.scrape,
  });
  const control = await createControl({ engine, people, administration, operations, log });
  sweeper.start();

  return {
    app,
    control,
    administration,
    store,
    engine,
    people,
    committer,
    sweeper,
    keyRotation,
    async close() {
      const startedMs = monotonicMs();
      watched.stopping();
      // Nothing new is taken on while requests under way are answered.
      await Promise.all([app.close(), control.close(), sweeper.close()]);
      await core.close();
      loopDelay.close();
      log.info({ version, milliseconds: Math.round(monotonicMs() - startedMs) }, 'stopped');
    },
  };
}
