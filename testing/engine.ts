import type { Limits } from '../src/domain/limits.ts';
import { noPrices, type PriceTable } from '../src/domain/price.ts';
import { defaultSessionPolicy } from '../src/domain/session.ts';
import type { ProvisionTenant } from '../src/engine/commands/provision-tenant.ts';
import { Committer } from '../src/engine/committer.ts';
import { Delivery } from '../src/engine/delivery.ts';
import { createDirectory } from '../src/engine/directory.ts';
import { createEngine, type Engine } from '../src/engine/engine.ts';
import { type LiveKeys, liveKeys } from '../src/engine/key-source.ts';
import { createPeople, type People } from '../src/engine/people.ts';
import type { Message, Provider, ProviderOutcome, Routes } from '../src/engine/provider.ts';
import { systemRandom } from '../src/engine/random.ts';
import type { Store } from '../src/engine/store.ts';
import { openSqliteStore } from '../src/stores/sqlite/store.ts';
import { aTenant, noLimits, type RecordedLog, recordedLog, keys as rings } from './builders.ts';
import { type VirtualClock, virtualClock } from './clock.ts';

/** A provider that answers as its script says, call by call; the last answer holds for all that follow. */
export interface ScriptedProvider extends Provider {
  readonly calls: readonly Message[];
}

export type Answer = ProviderOutcome['kind'] | 'throws' | 'hangs' | Promise<ProviderOutcome>;

export function scripted(name: string, answers: readonly Answer[], deduplicates = false): ScriptedProvider {
  const calls: Message[] = [];
  return {
    name,
    channels: ['sms', 'voice', 'email'],
    deduplicates,
    calls,
    async send(message) {
      calls.push(message);
      return answered(answers[Math.min(calls.length, answers.length) - 1] ?? 'accepted');
    },
  };
}

function answered(answer: Answer): ProviderOutcome | Promise<ProviderOutcome> {
  switch (answer) {
    case 'accepted':
      return { kind: 'accepted', providerMessageId: 'm1' };
    case 'refused':
    case 'unavailable':
      return { kind: answer, reason: answer };
    case 'throws':
      throw new Error('a provider may quote 123456');
    case 'hangs':
      return new Promise(() => undefined);
    default:
      return answer;
  }
}

export interface TestEngine extends AsyncDisposable {
  readonly store: Store;
  readonly committer: Committer;
  readonly delivery: Delivery;
  readonly engine: Engine;
  readonly people: People;
  readonly keys: LiveKeys;
  readonly clock: VirtualClock;
  readonly log: RecordedLog;
}

export interface TestEngineOptions {
  readonly providers?: readonly Provider[];
  readonly limits?: Limits;
  readonly routes?: Routes;
  readonly tenants?: readonly ProvisionTenant[];
  readonly tryTimeoutMs?: number;
  readonly prices?: PriceTable;
}

/** The engine over a store in memory, with virtual time, and nothing that is due unless a test asks for it. */
export async function openEngine(options: TestEngineOptions = {}): Promise<TestEngine> {
  const { providers = [scripted('first', ['accepted'])], limits = noLimits, tenants = [aTenant()] } = options;
  const clock = virtualClock();
  const log = recordedLog();
  const random = systemRandom();
  const epoch = 'e1';
  const onDeath = (error: Error) => log.error({ err: error }, 'the store died');
  const keys = liveKeys(rings);
  const store = await openSqliteStore({ file: ':memory:', keys: rings, limits, epoch, clock: clock.source, onDeath });
  await store.commitBatch(tenants);
  const committer = new Committer(store, log, clock.monotonicMs);
  const directory = createDirectory(store.queries, clock.monotonicMs);
  const byName = new Map(providers.map((provider) => [provider.name, provider]));
  const { tryTimeoutMs = 30, prices = noPrices } = options;
  const delivery = new Delivery({
    store,
    committer,
    keys,
    providers: byName,
    directory,
    random,
    log,
    epoch,
    tryTimeoutMs,
  });
  const every = providers.map(({ name }) => name);
  const { routes = { sms: every, voice: every, email: every } } = options;
  const using = { store, committer, delivery, directory, keys, random, routes, fictitious: false, prices };
  const engine = createEngine(using);
  const people = createPeople({ ...using, sessions: defaultSessionPolicy, issuer: 'Acme', log, passwordCost: 10 });
  return {
    store,
    committer,
    delivery,
    engine,
    people,
    keys,
    clock,
    log,
    async [Symbol.asyncDispose]() {
      await delivery.close();
      await store.close();
    },
  };
}
