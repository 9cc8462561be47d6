import type { KeyRings } from '../../src/domain/keys.ts';
import type { Limits } from '../../src/domain/limits.ts';
import type { Send } from '../../src/domain/send.ts';
import type { Verification } from '../../src/domain/verification.ts';
import type { Command, OutcomeOf } from '../../src/engine/deciders.ts';
import type { Committed, Store } from '../../src/engine/store.ts';
import { tenantId } from '../builders.ts';
import type { VirtualClock } from '../clock.ts';

export interface StoreOptions {
  readonly keys: KeyRings;
  readonly limits: Limits;
  readonly epoch: string;
  readonly confirmClock: boolean;
}

/** An open store with two tenants, and what a test may do to it from outside. It goes with the block it was opened in. */
export interface StoreUnderTest extends AsyncDisposable {
  readonly store: Store;
  readonly clock: VirtualClock;
  /** Absent where nothing outlives the store. */
  readonly atRest?: AtRest | undefined;
}

export interface AtRest {
  close(): Promise<void>;
  /** Opens it again, closing it first where it is still open. */
  reopen(changed?: Partial<StoreOptions>): Promise<void>;
  /** Everything that it has written so far. */
  bytes(): Buffer;
  /** Exchanges what the codes of two verifications come from, behind the back of the store, which is opened again. */
  swapSecrets(one: string, other: string): Promise<void>;
  /** Runs a statement behind the back of the store, which is opened again. */
  alter(sql: string): Promise<void>;
}

export type OpenStore = (options?: Partial<StoreOptions>) => Promise<StoreUnderTest>;

/** Commits one command by itself. @throws Error when it was not done */
export async function run<C extends Command>({ store }: StoreUnderTest, command: C): Promise<OutcomeOf<C>> {
  const [outcome] = await runBatch({ store }, [command]);
  return outcome as OutcomeOf<C>;
}

/** Commits commands as one batch. @throws Error when one was not done */
export async function runBatch<C extends Command>(
  { store }: Pick<StoreUnderTest, 'store'>,
  commands: readonly C[],
): Promise<OutcomeOf<C>[]> {
  return (await store.commitBatch(commands)).map((committed) => outcomeOf<C>(committed));
}

/** Commits commands at the same time, in batches of `size`. @throws Error when one was not done */
export async function runAtOnce<C extends Command>(
  given: StoreUnderTest,
  commands: readonly C[],
  size = 1,
): Promise<OutcomeOf<C>[]> {
  const batches: C[][] = [];
  for (let at = 0; at < commands.length; at += size) batches.push(commands.slice(at, at + size));
  return (await Promise.all(batches.map((batch) => runBatch(given, batch)))).flat();
}

function outcomeOf<C extends Command>(committed: Committed): OutcomeOf<C> {
  if (committed.kind === 'done') return committed.outcome as OutcomeOf<C>;
  throw new Error(`not done: ${JSON.stringify(committed)}`);
}

/** How often each kind of outcome came. */
export function tally(outcomes: readonly { readonly kind: string }[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { kind } of outcomes) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

export async function stored({ store }: StoreUnderTest, id: string): Promise<Verification> {
  const verification = await store.queries.verification(tenantId, id);
  if (verification === undefined) throw new Error('the verification is not there');
  return verification;
}

export async function storedSend({ store }: StoreUnderTest, id: string, number = 1): Promise<Send> {
  const send = (await store.queries.sends(tenantId, id)).find((row) => row.number === number);
  if (send === undefined) throw new Error('the send is not there');
  return send;
}

/** @throws Error where nothing outlives the store: the test belongs to the persistent ones */
export function atRest(given: StoreUnderTest): AtRest {
  if (given.atRest === undefined) throw new Error('this store keeps nothing');
  return given.atRest;
}
