import { type CancelOutcome, cancel } from '../../domain/verification.ts';
import type { CommandBase, Decider } from '../command.ts';
import { type Snapshot, snapshotOf } from '../snapshot.ts';
import type { NotFound } from './check-verification.ts';

export interface CancelVerification extends CommandBase {
  readonly kind: 'cancel';
  readonly verificationId: string;
  readonly face?: string | undefined;
}

export type CancelAnswer = (CancelOutcome & { readonly verification: Snapshot }) | NotFound;

export const cancelVerification: Decider<CancelVerification, CancelAnswer> = {
  reads: ({ verificationId }) => ({ verifications: [verificationId] }),
  decide({ verificationId, face }, loaded, { nowMs }) {
    const current = loaded.verification(verificationId);
    if (current === undefined || (face !== undefined && current.face !== face)) {
      return { writes: {}, outcome: { kind: 'not-found' } };
    }
    const { next, outcome } = cancel(current, nowMs);
    const writes = next === current ? {} : { verifications: [next] };
    return { writes, outcome: { ...outcome, verification: snapshotOf(next, nowMs) } };
  },
};
