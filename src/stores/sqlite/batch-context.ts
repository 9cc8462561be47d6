import type { KeyRings } from '../../domain/keys.ts';

/** What a batch may know. */
export interface BatchContext {
  readonly nowMs: number;
  readonly limit: number;
  readonly keys: KeyRings;
}
