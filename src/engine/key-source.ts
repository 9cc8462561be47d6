import type { KeyRings } from '../domain/keys.ts';

/** The key rings as they are now. Asked again for every request, because rings change while the server runs. */
export interface KeySource {
  current(): KeyRings;
}

export interface LiveKeys extends KeySource {
  /** From now on these are the rings. */
  use(rings: KeyRings): void;
}

/** Where changed rings are kept: the key file. */
export interface SavedKeys {
  /** Resolves once they are durable. */
  save(rings: KeyRings): Promise<void>;
}

export function liveKeys(rings: KeyRings): LiveKeys {
  let now = rings;
  return {
    current: () => now,
    use(changed) {
      now = changed;
    },
  };
}
