import { digest, hmac } from '../domain/bytes.ts';
import type { KeyRings } from '../domain/keys.ts';

/** Names one request that a caller may send twice. */
export interface Idempotency {
  /** Digest of face, operation and the caller's key: 32 hexadecimal characters. */
  readonly key: string;
  /** The active pepper key. */
  readonly keyId: string;
  /**
   * HMAC of the request under each pepper key, in hexadecimal: tells a repetition from another request with the same
   * key, also one made before the pepper was rotated.
   */
  readonly fingerprints: Readonly<Record<string, string>>;
}

/** What is kept of the first run for a day: its outcome, not its body. */
export interface IdempotentAnswer {
  readonly tenantId: string;
  readonly key: string;
  /** Names the pepper key of `fingerprint`. */
  readonly keyId: string;
  readonly fingerprint: string;
  readonly outcome: unknown;
  readonly createdAtMs: number;
}

export interface Replayed<Outcome> {
  readonly kind: 'replayed';
  readonly outcome: Outcome;
}

export type IdempotencyMismatch = { readonly kind: 'idempotency-mismatch' };

/**
 * Names a request by face, operation and the caller's key, with a fingerprint of all it says.
 * @param request - what was asked, without the key; where it holds a code, the fingerprint tells nothing without the pepper
 */
export function idempotencyOf(
  keys: KeyRings,
  { tenantId, face }: { readonly tenantId: string; readonly face: string },
  operation: string,
  callersKey: string,
  request: unknown,
): Idempotency {
  const said = JSON.stringify(request);
  const key = digest(`${face}\n${operation}\n${callersKey}`).toString('hex', 0, 16);
  const under = (pepper: Uint8Array) => hmac(pepper, 'fingerprint', tenantId, operation, said).toString('hex', 0, 16);
  const { activeId, keys: peppers } = keys.pepper;
  const fingerprints: Record<string, string> = {};
  for (const [id, pepper] of Object.entries(peppers)) fingerprints[id] = under(pepper);
  return { key, keyId: activeId, fingerprints };
}

export function isReplay<Outcome>(
  outcome: Outcome | IdempotencyMismatch | Replayed<Outcome>,
): outcome is Replayed<Outcome> {
  return (outcome as { kind?: unknown }).kind === 'replayed';
}
