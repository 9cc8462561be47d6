import { digest, sameDigest } from '../../domain/bytes.ts';
import { decoyDigest, expectedDigest } from '../../domain/code.ts';
import { type Failures, oneMoreFailure, secondsUntil } from '../../domain/limits.ts';
import { latestOf, newRecipient } from '../../domain/recipient-state.ts';
import { type CheckOutcome, check, codeSource, statusOf, type Verification } from '../../domain/verification.ts';
import { spentTag } from '../code-lookup.ts';
import type { CommandBase, Context, Decided, Decider, Loaded } from '../command.ts';
import { type Snapshot, snapshotOf } from '../snapshot.ts';
import { isUnsent, sendsOfFollowed } from '../unsent.ts';

/** One code handed in for one verification. The typed code is canonical; it is compared, never stored or logged. */
export interface CheckVerification extends CommandBase {
  readonly kind: 'check';
  readonly verificationId: string;
  readonly code: string;
  /** Only verifications of this face exist for the caller; absent for the native face, which sees all. */
  readonly face?: string | undefined;
}

/** One code handed in for a service's newest verification of a recipient. */
export interface CheckRecipient extends CommandBase {
  readonly kind: 'check-recipient';
  readonly recipient: string;
  readonly service: string;
  /** When given, the verification must carry it. */
  readonly reference?: string | undefined;
  readonly code: string;
  readonly face?: string | undefined;
}

export type NotFound = { readonly kind: 'not-found' };
export type Locked = { readonly kind: 'locked'; readonly retryAfterSeconds: number };
export type Checked = CheckOutcome & { readonly verification: Snapshot };
export type CheckAnswer = Checked | NotFound | Locked;

export const checkVerification: Decider<CheckVerification, CheckAnswer> = {
  find: ({ verificationId }) => ({ verifications: [verificationId] }),
  reads({ verificationId }, found) {
    const verification = found.verification(verificationId);
    const recipients = verification === undefined ? [] : [verification.recipient];
    return { recipients, verifications: [verificationId], sends: sendsOfFollowed(verification) };
  },
  decide(command, loaded, context) {
    const current = loaded.verification(command.verificationId);
    if (current !== undefined && isUnsent(current, loaded, context.nowMs) && isSeen(command, current)) {
      // Whoever knows the code has guessed it.
      return { writes: {}, outcome: { kind: 'unsent', verification: snapshotOf(current, context.nowMs) } };
    }
    return decideCheck(command, current, loaded, context);
  },
};

export const checkRecipient: Decider<CheckRecipient, CheckAnswer> = {
  find: ({ recipient }) => ({ recipients: [recipient] }),
  reads({ recipient, service }, found) {
    const state = found.recipient(recipient);
    const latest = state && latestOf(state, service);
    return { recipients: [recipient], verifications: latest === undefined ? [] : [latest.id] };
  },
  decide(command, loaded, context) {
    const state = loaded.recipient(command.recipient);
    const latest = state && latestOf(state, command.service);
    if (latest !== undefined && !loaded.asked(latest.id)) return 'stale';
    const current = latest && loaded.verification(latest.id);
    const meant = command.reference === undefined || current?.reference === command.reference;
    return decideCheck(command, meant ? current : undefined, loaded, context);
  },
};

/** What one code does to the verification that is meant, if there is one. */
export function decideCheck(
  { tenantId, code, face }: Pick<CheckVerification, 'tenantId' | 'code' | 'face'>,
  current: Verification | undefined,
  loaded: Loaded,
  { nowMs, keys }: Context,
): Decided<CheckAnswer> {
  const typed = digest(code);
  if (current === undefined || !isSeen({ face }, current)) {
    sameDigest(typed, decoyDigest(tenantId, '', keys));
    return { writes: {}, outcome: { kind: 'not-found' } };
  }
  const recipient = loaded.recipient(current.recipient) ?? newRecipient(tenantId, current.recipient);
  const { failures } = recipient;
  if (failures.waitUntilMs > nowMs && current.test !== true)
    return { writes: {}, outcome: { kind: 'locked', retryAfterSeconds: secondsUntil(failures.waitUntilMs, nowMs) } };

  // Computed for a verification that has ended too: the time of the answer must not tell the states apart.
  const pending = statusOf(current, nowMs) === 'pending';
  const expected = pending ? expectedDigest(codeSource(current), keys) : decoyDigest(tenantId, current.id, keys);
  const typedLength = current.terms?.followed === true ? lengthOf(code) : undefined;
  const { next, outcome } = check(current, typed, expected, nowMs, typedLength);
  const failuresNow = current.test === true ? failures : failuresAfter(failures, outcome, nowMs);
  const counted = failuresNow === failures ? undefined : { ...recipient, failures: failuresNow, updatedAtMs: nowMs };
  const { showsCode = false } = current.terms ?? {};
  const spends = outcome.kind === 'verified' && showsCode;
  return {
    writes: {
      verifications: next === current ? undefined : [next],
      recipients: counted && [counted],
      spentTags: spends ? [spentTag(current, nowMs)] : undefined,
    },
    outcome: { ...outcome, verification: snapshotOf(next, nowMs) },
  };
}

function isSeen({ face }: Pick<CheckVerification, 'face'>, current: Verification): boolean {
  return face === undefined || current.face === face;
}

const lengthMax = 64;

/** Characters of what was typed, as far as anybody wants to see. */
function lengthOf(typed: string): number {
  return Math.min([...typed.slice(0, 2 * lengthMax)].length, lengthMax);
}

/** Only a success takes failures back. */
function failuresAfter(failures: Failures, outcome: CheckOutcome, nowMs: number): Failures {
  if (outcome.kind === 'wrong-code') return oneMoreFailure(failures, nowMs);
  if (outcome.kind === 'verified' && failures.count > 0) return { count: 0, waitUntilMs: 0 };
  return failures;
}
