import { UnknownKey } from '../../domain/keys.ts';
import type { Decided } from '../../engine/command.ts';
import type { Committed } from '../../engine/store.ts';

/** What leaves the store of a decision. Absent members stay absent: they would cost a copy between the threads. */
export function done({ outcome, job, notice, tells }: Decided<{ readonly kind: string }>): Committed {
  const kind = 'done';
  if (tells === true) return { kind, outcome, job, notice, tells };
  if (job === undefined && notice === undefined) return { kind, outcome };
  return notice === undefined ? { kind, outcome, job } : { kind, outcome, job, notice };
}

/** The answer to COMMIT was lost: the batch may be durable or not. */
export class CommitLost extends Error {}

/** Somebody else holds the database, or it cannot be used: no command of the batch was looked at. */
export class NotBegun extends Error {}

export function failure(error: unknown): Committed {
  if (error instanceof CommitLost) return { kind: 'unavailable', reason: 'outcome_unknown' };
  if (error instanceof NotBegun) return { kind: 'unavailable', reason: 'store_unavailable' };
  if (error instanceof UnknownKey) return { kind: 'unavailable', reason: 'unknown_key' };
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (/^SQLITE_(FULL|IOERR|BUSY|CANTOPEN|READONLY)/.test(code))
    return { kind: 'unavailable', reason: 'store_unavailable' };
  return { kind: 'fault', detail: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}
