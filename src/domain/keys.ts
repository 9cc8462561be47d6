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
  /** Signs tokens. */
  readonly signing: KeyRing;
}

export type RingName = keyof KeyRings;
export const ringNames: readonly RingName[] = ['pepper', 'data', 'signing'];

export const keyBytes = 32;

/** A row names a key that no ring holds. The check is neither evaluated nor charged. */
export class UnknownKey extends Error {
  constructor(ring: RingName) {
    super(`a row names a key that the ${ring} ring does not hold; add the key back to the key file`);
    this.name = 'UnknownKey';
  }
}

export function hasKey(rings: KeyRings, ring: RingName, id: string): boolean {
  return Object.hasOwn(rings[ring].keys, id);
}

/** @throws UnknownKey when the ring does not hold `id` */
export function keyOf(rings: KeyRings, ring: RingName, id: string): Uint8Array {
  const key = hasKey(rings, ring, id) ? rings[ring].keys[id] : undefined;
  if (key === undefined) throw new UnknownKey(ring);
  return key;
}

/** The rings with one more key, which is the active one from now on. @throws Error when the id is taken */
export function withActiveKey(rings: KeyRings, ring: RingName, id: string, key: Uint8Array): KeyRings {
  if (hasKey(rings, ring, id)) throw new Error(`the ${ring} ring holds a key ${id} already`);
  return { ...rings, [ring]: { activeId: id, keys: { ...rings[ring].keys, [id]: key } } };
}

/** The rings without one key. @throws Error when it is the active one, without which nothing new can be written */
export function withoutKey(rings: KeyRings, ring: RingName, id: string): KeyRings {
  const { activeId, keys } = rings[ring];
  if (id === activeId) throw new Error(`${id} is the active key of the ${ring} ring`);
  const { [id]: _, ...others } = keys;
  return { ...rings, [ring]: { activeId, keys: others } };
}

/**
 * What makes a key one that somebody else may know: the samples of documents and scripts. A drawn key is none of these,
 * but once in 10^13.
 * @returns words that go on after "the key …", or undefined
 */
export function sampleKeyProblem(key: Uint8Array): string | undefined {
  const steps = new Set(key.slice(1).map((byte, at) => byte - (key[at] ?? 0)));
  if (steps.size <= 1) return 'is a row of equal or counted bytes';
  if (key.every(isTextual)) return 'is text, and not random bytes';
  const repeats = [2, 4, 8, 16].some((length) => key.every((byte, at) => byte === key[at % length]));
  return repeats ? 'is a shorter one repeated' : undefined;
}

const isTextual = (byte: number) => (byte >= 0x20 && byte < 0x7f) || (byte >= 0x09 && byte <= 0x0d);

/** Ids of keys whose bytes stand in the rings more than once, as `ring id`; empty when each stands alone. */
export function repeatedKeys(rings: KeyRings): readonly string[] {
  const places = new Map<string, string[]>();
  for (const ring of ringNames) {
    for (const [id, key] of Object.entries(rings[ring].keys)) {
      const bytes = Buffer.from(key).toString('base64');
      places.set(bytes, [...(places.get(bytes) ?? []), `${ring} ${id}`]);
    }
  }
  return [...places.values()].find((names) => names.length > 1) ?? [];
}
