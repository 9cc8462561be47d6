import type { RecipientState, Remarks } from '../domain/recipient-state.ts';
import { type RefusalReason, refusalOf, refused, type Verification } from '../domain/verification.ts';
import type { Decided, Loaded } from './command.ts';
import { type Snapshot, snapshotOf } from './snapshot.ts';

/** Nothing is sent; it is only written down, for a face whose vendor answers so. */
export interface Refused {
  readonly kind: 'refused';
  readonly reason: RefusalReason;
  readonly verification: Snapshot;
}

/** Refused requests that are written down for one recipient within an hour; beyond them the last one answers again. */
const refusalsMax = 3;
const hourMs = 3_600_000;

/**
 * Writes a request that is over a limit down, for a face whose vendor answers with an object all the same.
 * @param begun - the verification as it would have begun
 * @returns stale when the row that is to answer again was not asked for
 */
export function recordRefusal(
  begun: Verification,
  recipient: RecipientState,
  loaded: Loaded,
  nowMs: number,
): Decided<Refused> | 'stale' {
  const known = recipient.remarks?.refusals;
  const times = (known?.times ?? []).filter((time) => time > nowMs - hourMs);
  if (known !== undefined && times.length >= refusalsMax) {
    if (!loaded.asked(known.lastId)) return 'stale';
    const last = loaded.verification(known.lastId);
    if (last !== undefined) return { writes: {}, outcome: outcomeOf(last, nowMs) };
  }
  const verification = refused(begun, 'limited', nowMs);
  const { id } = verification;
  const refusals = { lastId: id, times: [...times, nowMs].slice(-refusalsMax) };
  const remarks: Remarks = { ...recipient.remarks, refusals };
  // It is not the one that a check by recipient means, nor one to resume.
  const recipients = [{ ...recipient, newestId: id, remarks, updatedAtMs: nowMs }];
  return { writes: { recipients, newVerifications: [verification] }, outcome: outcomeOf(verification, nowMs) };
}

function outcomeOf(verification: Verification, nowMs: number): Refused {
  const reason = refusalOf(verification);
  return { kind: 'refused', reason, verification: snapshotOf(verification, nowMs) };
}
