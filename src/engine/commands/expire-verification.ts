import { statusOf, withExpiryNoted } from '../../domain/verification.ts';
import { told } from '../announced.ts';
import type { CommandBase, Decider } from '../command.ts';

/** Somebody wants to hear that a verification ran out, and its time has come. */
export interface ExpireVerification extends CommandBase {
  readonly kind: 'expire';
  readonly verificationId: string;
}

/** `ended`: it had ended otherwise; `early`: its time has not come by the store's clock. */
export type ExpireOutcome = { readonly kind: 'expired' | 'ended' | 'early' };

export const expireVerification: Decider<ExpireVerification, ExpireOutcome> = {
  reads: ({ verificationId }) => ({ verifications: [verificationId] }),
  decide({ verificationId }, loaded, { nowMs }) {
    const current = loaded.verification(verificationId);
    const webhooks = { removedExpiries: [verificationId] };
    if (current?.status !== 'pending') return { writes: { webhooks }, outcome: { kind: 'ended' } };
    if (statusOf(current, nowMs) === 'pending') return { writes: {}, outcome: { kind: 'early' } };
    const verification = withExpiryNoted(current);
    const writes = { webhooks, ...(verification === current ? {} : { verifications: [verification] }) };
    const decided = { writes, outcome: { kind: 'expired' } as const };
    return told(decided, [{ kind: 'verification.expired', verification }], loaded, nowMs);
  },
};
