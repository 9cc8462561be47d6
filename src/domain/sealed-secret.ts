import { type KeyRings, keyOf } from './keys.ts';
import { openSealed, resealed, seal } from './seal.ts';

/** A secret as it is kept: sealed under the data key that it names, in base64. */
export interface SealedSecret {
  readonly keyId: string;
  readonly sealed: string;
}

/** Seals under the active data key, bound to what `context` names. @param nonce - 12 fresh bytes */
export function sealedSecret(
  plain: Uint8Array,
  context: readonly string[],
  rings: KeyRings,
  nonce: Uint8Array,
): SealedSecret {
  const keyId = rings.data.activeId;
  return { keyId, sealed: seal(keyOf(rings, 'data', keyId), nonce, plain, context).toString('base64') };
}

/** The plain bytes. @throws UnknownKey when the data ring lacks its key; Error when it was tampered with */
export function openedSecret({ keyId, sealed }: SealedSecret, context: readonly string[], rings: KeyRings): Buffer {
  return openSealed(keyOf(rings, 'data', keyId), Buffer.from(sealed, 'base64'), context);
}

/** The same sealed anew under the active data key. Throws as `openedSecret` does. */
export function resealedSecret(
  { keyId: olderId, sealed }: SealedSecret,
  context: readonly string[],
  rings: KeyRings,
  nonce: Uint8Array,
): SealedSecret {
  const keyId = rings.data.activeId;
  const [from, to] = [keyOf(rings, 'data', olderId), keyOf(rings, 'data', keyId)];
  return { keyId, sealed: resealed(Buffer.from(sealed, 'base64'), from, to, context, nonce).toString('base64') };
}
