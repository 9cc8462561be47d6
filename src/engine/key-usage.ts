import { hasKey, type KeyRings, type RingName, ringNames, UnknownKey } from '../domain/keys.ts';
import type { Writes } from './command.ts';
import type { KeyUsage, Store } from './store.ts';

/** A key that values need and that no ring holds. */
export interface MissingKey {
  readonly ring: RingName;
  readonly keyId: string;
  readonly rows: number;
}

export function missingKeys(usage: KeyUsage, rings: KeyRings): readonly MissingKey[] {
  return ringNames.flatMap((ring) =>
    Object.entries(usage[ring])
      .filter(([keyId]) => !hasKey(rings, ring, keyId))
      .map(([keyId, rows]) => ({ ring, keyId, rows })),
  );
}

/** Rows need keys that the rings lack: the server must not start, it could neither check nor read them. */
export class KeysMissing extends Error {
  readonly missing: readonly MissingKey[];

  constructor(missing: readonly MissingKey[]) {
    const named = missing.map(
      ({ ring, keyId, rows }) => `the ${ring} key ${keyId}, which ${rows} ${rows === 1 ? 'row needs' : 'rows need'}`,
    );
    const they = missing.length === 1 ? 'it' : 'them';
    super(`the key rings lack ${named.join(', and ')}; put ${they} back into the key file or setting, from a copy`);
    this.name = 'KeysMissing';
    this.missing = missing;
  }
}

const batchRows = 500;
const batchesMax = 10_000;

/** Erases what has run out, so that it needs no key any more. */
export async function forgetWhatRanOut(store: Pick<Store, 'maintain'>): Promise<void> {
  for (const kind of ['erase-expired-codes', 'purge-code-tags', 'purge-idempotency'] as const) {
    for (let batch = 0; batch < batchesMax; batch++) {
      if ((await store.maintain({ kind }, batchRows)) < batchRows) break;
    }
  }
}

/** @throws KeysMissing when a value that still counts needs a key that the rings lack */
export async function assertKeysHeld(store: Pick<Store, 'maintain' | 'queries'>, rings: KeyRings): Promise<void> {
  const missing = async () => missingKeys(await store.queries.keyUsage(), rings);
  if ((await missing()).length === 0) return;
  // What ran out while the server stood still has not been erased yet.
  await forgetWhatRanOut(store);
  const left = await missing();
  if (left.length > 0) throw new KeysMissing(left);
}

/**
 * Refuses to write a value under a key that the writer does not know, whoever named it: nobody could read it again.
 * @throws UnknownKey
 */
export function assertKeysKnown(writes: Writes, rings: KeyRings): void {
  const assert = (ring: RingName, keyId: string) => {
    if (!hasKey(rings, ring, keyId)) throw new UnknownKey(ring);
  };
  for (const rows of [writes.newVerifications, writes.verifications]) {
    for (const { code } of rows ?? []) {
      if (code.sealed !== undefined) assert('data', code.keyId);
      else if (code.salt !== undefined) assert('pepper', code.keyId);
    }
  }
  for (const { keyId } of writes.idempotency ?? []) assert('pepper', keyId);
  for (const { keyId } of writes.newCodeTags ?? []) assert('pepper', keyId);
  for (const { testNumbers } of writes.services ?? []) {
    for (const { keyId } of testNumbers) assert('data', keyId);
  }
  for (const { secret, previous } of writes.webhooks?.endpoints ?? []) {
    assert('data', secret.keyId);
    if (previous !== undefined) assert('data', previous.keyId);
  }
  for (const { recovery } of writes.people?.users ?? []) {
    if (recovery !== undefined) assert('data', recovery.secret.keyId);
  }
  for (const { totp } of writes.people?.factors ?? []) {
    if (totp !== undefined) assert('data', totp.secret.keyId);
  }
}
