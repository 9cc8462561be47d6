import { setTimeout as pause } from 'node:timers/promises';
import { type Administration, createAdministration } from '../engine/administration.ts';
import { clockFrom } from '../engine/clock.ts';
import { Committer } from '../engine/committer.ts';
import { Delivery } from '../engine/delivery.ts';
import { createDirectory } from '../engine/directory.ts';
import { createEngine, type Engine } from '../engine/engine.ts';
import { createKeyRotation, type KeyRotation } from '../engine/key-rotation.ts';
import { liveKeys } from '../engine/key-source.ts';
import { assertKeysHeld } from '../engine/key-usage.ts';
import { createMeter } from '../engine/meter.ts';
import { systemRandom, uuidv7 } from '../engine/random.ts';
import { SendBacklog } from '../engine/send-backlog.ts';
import type { Store } from '../engine/store.ts';
import { Sweeper } from '../engine/sweeper.ts';
import type { HttpServer } from '../http/server.ts';
import { openSqliteStore } from '../stores/sqlite/store.ts';
import { watchLoopDelay } from '../telemetry/loop-delay.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { createApp } from './app.ts';
import { createControl } from './control.ts';
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
  readonly committer: Committer;
  readonly sweeper: Sweeper;
  readonly keyRotation: KeyRotation;
  /** Answers what is under way, hands back what is not, and closes the store. */
  close(): Promise<void>;
}

/** Puts the server together; it does not listen yet. @throws KeysMissing when rows need keys that the rings lack */
export async function compose(parts: Parts): Promise<Server> {
  const { file, limits, log, clock, onDeath, confirmClock, commitDelayMs, development } = parts;
  const { tryTimeoutMs, routes, retention } = parts;
  const random = systemRandom();
  const fraction = () => random.fraction();
  const { monotonicMs, wallMs } = clockFrom(clock);
  const epoch = uuidv7(wallMs(), random);
  const rings = parts.keys;
  const keys = liveKeys(rings);
  const opening = { file, keys: rings, limits, epoch, clock, onDeath, confirmClock, commitDelayMs };
  const store = await openSqliteStore(opening);
  try {
    await assertKeysHeld(store, rings);
  } catch (error) {
    await store.close();
    throw error;
  }

  const meter = createMeter();
  const committer = new Committer(store, log, monotonicMs, { meter, fraction });
  const { health } = committer;
  const directory = createDirectory(store.queries, monotonicMs);
  const providers = new Map(parts.providers.map((provider) => [provider.name, provider]));
  const measured = { meter, monotonicMs };
  const carrying = { store, committer, keys, providers, directory, random, log, epoch, tryTimeoutMs, measured };
  const delivery = new Delivery(carrying);
  const backlog = new SendBacklog(store.queries, delivery, fraction);
  const sweeper = new Sweeper(store, delivery, log, monotonicMs, { retention, health, backlog });
  const fictitious = development;
  const engine = createEngine({ store, committer, delivery, directory, keys, random, routes, fictitious, backlog });
  const obeySwitch = () => sweeper.obeySwitch();
  const administration = createAdministration({ store, committer, directory, keys, random, development, obeySwitch });
  const keyRotation = createKeyRotation({ store, committer, keys, saved: parts.savedKeys, random, log, pause });

  const loopDelay = watchLoopDelay();
  const loopDelayMs = parts.toleratesDelay === true ? () => 0 : () => loopDelay.p99Ms;
  const watched = watch({ file, store, committer, delivery, backlog, loopDelay, loopDelayMs });
  const { notReady } = watched;
  const operations = createOperations({ store, keyRotation, sweeper, delivery, backlog, notReady, development });
  const metrics = createMetrics({ meter, version, gauges: watched.gauges });
  const app = await createApp({
    parts,
    engine,
    administration,
    operations,
    store,
    committer,
    directory,
    measures: { meter, loopDelayMs, fraction },
    notReady,
    metrics: metrics.scrape,
  });
  const control = await createControl({ engine, administration, operations, log });
  for (const { name, warnings = [] } of parts.providers)
    for (const warning of warnings) log.warn({ provider: name }, warning);
  await sweeper.obeySwitch();
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
      const startedMs = monotonicMs();
      watched.stopping();
      // Nothing new is taken on while requests under way are answered.
      await Promise.all([app.close(), control.close(), sweeper.close()]);
      await delivery.close();
      await closeProviders(parts);
      await store.close();
      loopDelay.close();
      log.info({ version, milliseconds: Math.round(monotonicMs() - startedMs) }, 'stopped');
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
