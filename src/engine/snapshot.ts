import type { Channel } from '../domain/channel.ts';
import {
  canResendAt,
  type RefusalReason,
  refusalOf,
  sendsMaxOf,
  statusOf,
  type Terms,
  type Verification,
  type VerificationStatus,
} from '../domain/verification.ts';

/** What a caller may see of a verification: nothing that a code could be computed from. */
export interface Snapshot {
  readonly id: string;
  readonly service: string;
  readonly face: string;
  readonly status: VerificationStatus;
  readonly recipient: string;
  readonly country?: string | undefined;
  readonly channel: Channel;
  readonly reference?: string | undefined;
  readonly locale?: string | undefined;
  /** JSON text, as it came in. */
  readonly metadata?: string | undefined;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  readonly endedAtMs?: number | undefined;
  /** Of a refused one. */
  readonly refusal?: RefusalReason | undefined;
  /** Its recipient is a test number: nothing was delivered. */
  readonly test: boolean;
  readonly attemptsLeft: number;
  readonly attemptsUsed: number;
  readonly attemptsMax: number;
  readonly terms?: Terms | undefined;
  readonly sendsLeft: number;
  /** Absent when no other send is possible. */
  readonly nextSendAtMs?: number | undefined;
}

export function snapshotOf(verification: Verification, nowMs: number): Snapshot {
  const { id, service, face, recipient, country, channel, reference, locale, metadata } = verification;
  const { createdAtMs, expiresAtMs, attemptsMax, attemptsUsed, sendsUsed, nextSendAtMs } = verification;
  const status = statusOf(verification, nowMs);
  const sendsLeft = Math.max(0, sendsMaxOf(verification) - sendsUsed);
  const another = status === 'pending' && sendsLeft > 0 && canResendAt(verification, nextSendAtMs);
  // One literal for nearly all: an object put together from pieces is dear to make, and to copy between the threads.
  const plain: Snapshot = {
    id,
    service,
    face,
    status,
    recipient,
    country,
    channel,
    reference,
    locale,
    metadata,
    createdAtMs,
    expiresAtMs,
    endedAtMs: verification.endedAtMs ?? (status === 'expired' ? expiresAtMs : undefined),
    test: verification.test === true,
    attemptsLeft: status === 'pending' ? attemptsMax - attemptsUsed : 0,
    attemptsUsed,
    attemptsMax,
    sendsLeft: another ? sendsLeft : 0,
    nextSendAtMs: another ? nextSendAtMs : undefined,
    terms: verification.terms,
  };
  return status === 'refused' ? { ...plain, refusal: refusalOf(verification) } : plain;
}
