import { UnknownKey } from '../domain/keys.ts';
import type { CommandBase, Decided, Decider, Loaded } from './command.ts';
import type { Idempotency, IdempotencyMismatch, Replayed } from './idempotency.ts';

/** Answers of the moment, which a retry or a correction may well change; they are not kept. */
const passing = new Set([
  'limited',
  'locked',
  'too-soon',
  'ceiling-reached',
  'ceiling-not-set',
  'insufficient-balance',
  'balance-too-small',
  'invalid',
  'unsent',
  'code-taken',
  'paused',
  'moved',
]);

/**
 * Makes a decider answer a repeated request with the outcome of the first one, in the same commit as its effect.
 * A command without an idempotency key passes through.
 */
export function idempotent<C extends CommandBase, Outcome extends { readonly kind: string }>(
  decider: Decider<C, Outcome>,
): Decider<C, Outcome | Replayed<Outcome> | IdempotencyMismatch> {
  return {
    ...(decider.find === undefined ? {} : { find: decider.find }),
    ...(decider.findNext === undefined ? {} : { findNext: decider.findNext }),
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
      const { key, keyId, fingerprints } = idempotency;
      const answer = {
        tenantId: command.tenantId,
        key,
        keyId,
        fingerprint: fingerprints[keyId] ?? '',
        outcome: decided.outcome,
        createdAtMs: context.nowMs,
      };
      return { ...decided, writes: { ...decided.writes, idempotency: [answer] } };
    },
  };
}

function earlierAnswer<Outcome>(
  { key, fingerprints }: Idempotency,
  loaded: Loaded,
): Decided<Replayed<Outcome> | IdempotencyMismatch> | undefined {
  const earlier = loaded.idempotency(key);
  if (earlier === undefined) return undefined;
  if (!Object.hasOwn(fingerprints, earlier.keyId)) throw new UnknownKey('pepper');
  const fingerprint = fingerprints[earlier.keyId];
  // The fingerprint is a digest of what the caller itself sent: nothing is learnt from how long this takes.
  if (earlier.fingerprint !== fingerprint) return { writes: {}, outcome: { kind: 'idempotency-mismatch' } };
  return { writes: {}, outcome: { kind: 'replayed', outcome: earlier.outcome as Outcome } };
}
