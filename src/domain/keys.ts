/** Server-side keys of one purpose, by id. New values use the active key; the others only verify and decrypt. */
export interface KeyRing {
  readonly activeId: string;
  /** Raw keys of 32 bytes. A plain object, so that a ring crosses to another thread as it is. */
  readonly keys: Readonly<Record<string, Uint8Array>>;
}

export interface KeyRings {
  /** Derives codes, tags and fingerprints. */
  readonly pepper: KeyRing;
  /** Seals what must be read again. */
  readonly data: KeyRing;
}

/** A row names a key that no ring holds. The check is neither evaluated nor charged. */
export class UnknownKey extends Error {
  constructor(ring: keyof KeyRings) {
    super(`a row names a key that the ${ring} ring does not hold; add the key back to the key file`);
    this.name = 'UnknownKey';
  }
}

/** @throws UnknownKey when the ring does not hold `id` */
export function keyOf(rings: KeyRings, ring: keyof KeyRings, id: string): Uint8Array {
  const { keys } = rings[ring];
  const key = Object.hasOwn(keys, id) ? keys[id] : undefined;
  if (key === undefined) throw new UnknownKey(ring);
  return key;
}
