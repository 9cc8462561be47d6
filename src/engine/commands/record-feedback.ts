import type { FeedbackValue } from '../../domain/recipient-state.ts';
import type { CommandBase, Decider } from '../command.ts';

/** What a tenant says became of a person. Another value takes the place of an earlier one. */
export interface RecordFeedback extends CommandBase {
  readonly kind: 'record-feedback';
  readonly recipient: string;
  readonly id: string;
  readonly value: FeedbackValue;
}

export type FeedbackOutcome =
  | { readonly kind: 'recorded'; readonly id: string }
  | { readonly kind: 'duplicate' | 'no-verification' };

export const recordFeedback: Decider<RecordFeedback, FeedbackOutcome> = {
  reads: ({ recipient }) => ({ recipients: [recipient] }),
  decide({ recipient, id, value }, loaded, { nowMs }) {
    const known = loaded.recipient(recipient);
    if (known === undefined) return { writes: {}, outcome: { kind: 'no-verification' } };
    if (known.remarks?.feedback?.value === value) return { writes: {}, outcome: { kind: 'duplicate' } };
    const remarks = { ...known.remarks, feedback: { id, value, atMs: nowMs } };
    return { writes: { recipients: [{ ...known, remarks, updatedAtMs: nowMs }] }, outcome: { kind: 'recorded', id } };
  },
};
