import { digest, hmac } from '../domain/bytes.ts';
import { type KeyRings, keyOf } from '../domain/keys.ts';
import type { CommandBase, Decided, Decider, Loaded } from './command.ts';

/** Names one request that a caller may send twice. */
export interface Idempotency {
  /** Digest of face, operation and the caller's key: 32 hexadecimal characters. */
  readonly key: string;
  /** HMAC of the request under the pepper, in hexadecimal: tells a repetition from another request with the same key. */
  readonly fingerprint: string;
}

/** What is kept of the first run for a day: its outcome, not its body. */
export interface IdempotentAnswer {
  readonly tenantId: string;
  readonly key: string;
  readonly fingerprint: string;
  readonly outcome: unknown;
  readonly createdAtMs: number;
}

export interface Replayed<Outcome> {
  readonly kind: 'replayed';
  readonly outcome: Outcome;
}

export type IdempotencyMismatch = { readonly kind: 'idempotency-mismatch' };

/** Answers of the moment, which a retry may well change; they are not kept. */
const passing = new Set(['limited', 'locked', 'too-soon']);

/**
 * Makes a decider answer a repeated request with the outcome of the first one, in the same commit as its effect.
 * A command without an idempotency key passes through.
 */
export function idempotent<C extends CommandBase, Outcome extends { readonly kind: string }>(
  decider: Decider<C, Outcome>,
): Decider<C, Outcome | Replayed<Outcome> | IdempotencyMismatch> {
  return {
    ...(decider.find === undefined ? {} : { find: decider.find }),
    reads(command, found) {
      const reads = decider.reads(command, found);
      return command.idempotency === undefined ? reads : { ...reads, idempotency: [command.idempotency.key] };
    },
    decide(command, loaded, context) {
      const { idempotency } = command;
      if (idempotency === undefined) return decider.decide(command, loaded, context);
      const earlier = earlierAnswer<Outcome>(idempotency, loaded);
      if (earlier !== undefined) return earlier;

      const decided = decider.decide(command, loaded, context);
      if (decided === 'stale' || passing.has(decided.outcome.kind)) return decided;
      const { key, fingerprint } = idempotency;
      const answer = {
        tenantId: command.tenantId,
        key,
        fingerprint,
        outcome: decided.outcome,
        createdAtMs: context.nowMs,
      };
      return { ...decided, writes: { ...decided.writes, idempotency: [answer] } };
    },
  };
}

function earlierAnswer<Outcome>(
  { key, fingerprint }: Idempotency,
  loaded: Loaded,
): Decided<Replayed<Outcome> | IdempotencyMismatch> | undefined {
  const earlier = loaded.idempotency(key);
  if (earlier === undefined) return undefined;
  // The fingerprint is a digest of what the caller itself sent: nothing is learnt from how long this takes.
  if (earlier.fingerprint !== fingerprint) return { writes: {}, outcome: { kind: 'idempotency-mismatch' } };
  return { writes: {}, outcome: { kind: 'replayed', outcome: earlier.outcome as Outcome } };
}

/**
 * Names a request by face, operation and the caller's key, with a fingerprint of all it says.
 * @param request - what was asked, without the key; it may hold a code, of which the fingerprint tells nothing
 */
export function idempotencyOf(
  keys: KeyRings,
  { tenantId, face }: { readonly tenantId: string; readonly face: string },
  operation: string,
  callersKey: string,
  request: unknown,
): Idempotency {
  const pepper = keyOf(keys, 'pepper', keys.pepper.activeId);
  const said = JSON.stringify(request);
  const key = digest(`${face}\n${operation}\n${callersKey}`).toString('hex', 0, 16);
  return { key, fingerprint: hmac(pepper, 'fingerprint', tenantId, operation, said).toString('hex', 0, 16) };
}
