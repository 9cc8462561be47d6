import { setTimeout as pause } from 'node:timers/promises';
import { noPrices } from '../domain/price.ts';
import { defaultSessionPolicy } from '../domain/session.ts';
import { type Administration, createAdministration } from '../engine/administration.ts';
import { clockFrom } from '../engine/clock.ts';
import { Committer } from '../engine/committer.ts';
import { Delivery } from '../engine/delivery.ts';
import { createDirectory, type Directory } from '../engine/directory.ts';
import { createEngine, type Engine } from '../engine/engine.ts';
import { createKeyRotation, type KeyRotation } from '../engine/key-rotation.ts';
import { liveKeys } from '../engine/key-source.ts';
import { assertKeysHeld } from '../engine/key-usage.ts';
import { createMeter, type Meter } from '../engine/meter.ts';
import { createPeople, type People } from '../engine/people.ts';
import { systemRandom, uuidv7 } from '../engine/random.ts';
import { SendBacklog } from '../engine/send-backlog.ts';
import type { Store } from '../engine/store.ts';
import { Sweeper } from '../engine/sweeper.ts';
import { createTokens, type Tokens } from '../engine/tokens.ts';
import { createWebhookAdministration } from '../engine/webhook-administration.ts';
import { WebhookWorker } from '../engine/webhook-worker.ts';
import { webhookBody } from '../faces/native/webhook.ts';
import { openSqliteStore } from '../stores/sqlite/store.ts';
import { callbackFaces, callbackUrlRules, transportFor } from './callbacks.ts';
import type { CoreParts } from './parts.ts';
import { version } from './version.ts';

/** The engine over its store, with nobody yet to ask it. */
export interface Core {
  readonly store: Store;
  readonly meter: Meter;
  readonly committer: Committer;
  readonly directory: Directory;
  readonly delivery: Delivery;
  readonly backlog: SendBacklog;
  readonly webhooks: WebhookWorker;
  readonly sweeper: Sweeper;
  readonly engine: Engine;
  readonly people: People;
  readonly administration: Administration;
  readonly keyRotation: KeyRotation;
  readonly tokens: Tokens;
  readonly monotonicMs: () => number;
  readonly fraction: () => number;
  /** Waits for messages under way, hands back what is not, and closes the store. Whoever asks has to be gone. */
  close(): Promise<void>;
}

/** Puts the engine together. @throws KeysMissing when rows need keys that the rings lack */
export async function composeCore(parts: CoreParts): Promise<Core> {
  const { file, limits, log, clock, onDeath, confirmClock, commitDelayMs, development } = parts;
  const { tryTimeoutMs, routes, retention, prices } = parts;
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
  const onTells = () => webhooks.wake();
  const committer = new Committer(store, log, monotonicMs, { meter, fraction, onTells });
  const { health } = committer;
  const directory = createDirectory(store.queries, monotonicMs);
  const providers = new Map(parts.providers.map((provider) => [provider.name, provider]));
  const measured = { meter, monotonicMs };
  const carrying = { store, committer, keys, providers, directory, random, log, epoch, tryTimeoutMs, measured };
  const delivery = new Delivery(carrying);
  const backlog = new SendBacklog(store.queries, delivery, fraction);
  const transport = parts.webhookTransport ?? transportFor(parts.callbacks);
  const userAgent = `Countersign/${version}`;
  const webhooks = new WebhookWorker({
    ...{ store, committer, directory, keys, random, log, meter, epoch },
    transport,
    word: webhookBody,
    callbackFaces: parts.callbackFaces ?? callbackFaces((parts.prices ?? noPrices).currency),
    userAgent,
  });
  const sweeper = new Sweeper(store, delivery, log, monotonicMs, { retention, health, backlog, webhooks });
  const fictitious = development;
  const using = { store, committer, directory, keys, random, prices };
  const creating = { ...using, delivery, routes, fictitious, backlog };
  const engine = createEngine(creating);
  const people = createPeople({
    ...creating,
    sessions: parts.sessions ?? defaultSessionPolicy,
    issuer: parts.totpIssuer ?? 'Countersign',
    log,
    passwordCost: parts.passwordCost,
  });
  const obeySwitch = () => sweeper.obeySwitch();
  const urls = callbackUrlRules(parts.callbacks);
  const administration = createAdministration({
    ...using,
    development,
    obeySwitch,
    webhooks: createWebhookAdministration({ store, committer, keys, random, transport, urls, userAgent }),
  });
  const keyRotation = createKeyRotation({ store, committer, keys, saved: parts.savedKeys, random, log, pause });
  const tokens = createTokens({ keys, random, nowMs: () => store.clock().nowMs });

  for (const { name, warnings = [] } of parts.providers)
    for (const warning of warnings) log.warn({ provider: name }, warning);
  await sweeper.obeySwitch();
  return {
    store,
    meter,
    committer,
    directory,
    delivery,
    backlog,
    webhooks,
    sweeper,
    engine,
    people,
    administration,
    keyRotation,
    tokens,
    monotonicMs,
    fraction,
    async close() {
      await sweeper.close();
      await Promise.all([delivery.close(), webhooks.close()]);
      await closeProviders(parts);
      await store.close();
    },
  };
}

/** One that cannot let go of its connections must not keep the store from closing. */
async function closeProviders({ providers, log }: CoreParts): Promise<void> {
  const closed = await Promise.allSettled(providers.map((provider) => provider.close?.()));
  for (const [index, outcome] of closed.entries()) {
    if (outcome.status === 'fulfilled') continue;
    // The message of a provider's error may quote what it was given: only its name is fit for a log.
    const errorName = outcome.reason instanceof Error ? outcome.reason.name : 'unknown';
    log.warn({ provider: providers[index]?.name, errorName }, 'a provider could not be closed');
  }
}
