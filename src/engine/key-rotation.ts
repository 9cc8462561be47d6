import {
  hasKey,
  type KeyRings,
  keyBytes,
  type RingName,
  ringNames,
  withActiveKey,
  withoutKey,
} from '../domain/keys.ts';
import type { Committer } from './committer.ts';
import type { LiveKeys, SavedKeys } from './key-source.ts';
import { forgetWhatRanOut } from './key-usage.ts';
import type { Log } from './log.ts';
import type { Random } from './random.ts';
import type { KeyUsage, Store } from './store.ts';

export interface KeyRotationOptions {
  readonly store: Store;
  readonly committer: Pick<Committer, 'settled'>;
  readonly keys: LiveKeys;
  /** Absent when the rings come from where we cannot write. */
  readonly saved: SavedKeys | undefined;
  readonly random: Random;
  readonly log: Log;
  /** Waits. */
  pause(ms: number): Promise<void>;
}

export type ReadOnly = { readonly kind: 'read-only' };
export type Rotated = { readonly kind: 'rotated'; readonly keyId: string } | ReadOnly;
export type Retired =
  | { readonly kind: 'retired' | 'active' | 'unknown' }
  | { readonly kind: 'in-use'; readonly rows: number }
  | ReadOnly;
export type Rewrapped = { readonly kind: 'done'; readonly rows: number };

export interface UsedKey {
  readonly ring: RingName;
  readonly keyId: string;
  readonly active: boolean;
  /** How many values need it. */
  readonly rows: number;
}

/** Keys are replaced while the server runs. One of these at a time; another one waits for its turn. */
export interface KeyRotation {
  /** Draws a key that is the active one from now on. The older ones still verify and decrypt. */
  rotate(ring: RingName): Promise<Rotated>;
  /** Seals everything that is sealed anew, under the active data key. @param onProgress - gets the count so far */
  rewrap(onProgress?: (rows: number) => void): Promise<Rewrapped>;
  /** Drops a key that nothing needs any more. */
  retire(ring: RingName, keyId: string): Promise<Retired>;
  /** Every key of every ring, and those that rows need although no ring holds them. */
  usage(): Promise<readonly UsedKey[]>;
}

const batchRows = 500;
const batchesMax = 1_000_000;
const nonceBytes = 12;
/** What was read before a rewrap, a service or a message on its way, is used for no longer than this. */
const rememberedMs = 3500;

export function createKeyRotation(options: KeyRotationOptions): KeyRotation {
  const { store, keys, saved } = options;
  const alone = inTurn();
  return {
    rotate: (ring) => alone(async () => (saved === undefined ? readOnly : rotate(options, saved, ring))),
    retire: (ring, keyId) => alone(async () => (saved === undefined ? readOnly : retire(options, saved, ring, keyId))),
    rewrap: (onProgress) => alone(() => rewrap(options, onProgress)),
    usage: () => alone(async () => usedKeys(await store.queries.keyUsage(), keys.current())),
  };
}

const readOnly: ReadOnly = { kind: 'read-only' };

/** File, then writer, then requests: nothing names a key before it is safe and the writer knows it. */
async function rotate(
  { store, committer, keys, random, log }: KeyRotationOptions,
  saved: SavedKeys,
  ring: RingName,
): Promise<Rotated> {
  const keyId = `k-${random.hex(4)}`;
  const rings = withActiveKey(keys.current(), ring, keyId, new Uint8Array(Buffer.from(random.hex(keyBytes), 'hex')));
  await saved.save(rings);
  await store.useKeys(rings);
  keys.use(rings);
  // Commands that name the older key are written now: a rewrap finds what they wrote, and so does a retirement.
  await committer.settled();
  log.info({ ring, keyId }, 'a key was rotated');
  return { kind: 'rotated', keyId };
}

/** Writer, then file, then requests: what was read a moment ago under the key can still be opened. */
async function retire(
  { store, keys, log, pause }: KeyRotationOptions,
  saved: SavedKeys,
  ring: RingName,
  keyId: string,
): Promise<Retired> {
  const rings = keys.current();
  if (!hasKey(rings, ring, keyId)) return { kind: 'unknown' };
  if (rings[ring].activeId === keyId) return { kind: 'active' };
  const count = async () => (await store.queries.keyUsage())[ring][keyId] ?? 0;
  await forgetWhatRanOut(store);
  const rows = await count();
  if (rows > 0) return { kind: 'in-use', rows };

  const others = withoutKey(rings, ring, keyId);
  let late = 0;
  try {
    await store.useKeys(others);
    // The writer takes nothing under the key any more. What it took since the first count is seen now.
    late = await count();
    if (late === 0) await saved.save(others);
  } catch (error) {
    await store.useKeys(rings).catch(() => undefined);
    throw error;
  }
  if (late > 0) {
    await store.useKeys(rings);
    return { kind: 'in-use', rows: late };
  }
  await pause(rememberedMs);
  keys.use(others);
  log.info({ ring, keyId }, 'a key was retired');
  return { kind: 'retired' };
}

async function rewrap(
  { store, random, log }: KeyRotationOptions,
  onProgress?: (rows: number) => void,
): Promise<Rewrapped> {
  let rows = 0;
  for (let batch = 0; batch < batchesMax; batch++) {
    const nonces = Array.from({ length: batchRows }, () => random.hex(nonceBytes));
    const changed = await store.maintain({ kind: 'rewrap', nonces }, batchRows);
    rows += changed;
    if (changed > 0) onProgress?.(rows);
    if (changed < batchRows) break;
  }
  log.info({ rows }, 'sealed values were rewrapped');
  return { kind: 'done', rows };
}

function usedKeys(usage: KeyUsage, rings: KeyRings): readonly UsedKey[] {
  return ringNames.flatMap((ring) => {
    const { activeId, keys } = rings[ring];
    const ids = new Set([...Object.keys(keys), ...Object.keys(usage[ring])]);
    return [...ids].map((keyId) => ({ ring, keyId, active: keyId === activeId, rows: usage[ring][keyId] ?? 0 }));
  });
}

const turnsMax = 16;

/** Runs what it is given one after another. */
function inTurn(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  return async (work) => {
    if (waiting >= turnsMax) throw new Error('too many changes of keys wait for their turn; try again later');
    waiting++;
    const run = last.then(work);
    last = run.catch(() => undefined);
    return run.finally(() => {
      waiting--;
    });
  };
}
