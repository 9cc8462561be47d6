import { cancel } from '../../domain/verification.ts';
import type { Attributed, ChangeDecider } from '../audited.ts';
import { pendingCode, sentCodeReads } from '../factor-code.ts';
import { currentFactor } from '../shown-factor.ts';
import type { NotFound } from './check-verification.ts';
import { factorFacts } from './enrol-factor.ts';

/** Takes a factor away; with the last active one, the recovery codes as well, which stand in for factors alone. */
export interface RemoveFactor extends Attributed {
  readonly kind: 'remove-factor';
  readonly userId: string;
  readonly factorId: string;
}

export type RemoveOutcome = { readonly kind: 'removed' } | NotFound;

export const removeFactor: ChangeDecider<RemoveFactor, RemoveOutcome> = {
  find: ({ userId }) => ({ people: { users: [userId] } }),
  reads({ userId, factorId }, found) {
    const factor = found.factors(userId).find(({ id }) => id === factorId);
    return { ...sentCodeReads(factor), people: { users: [userId] } };
  },
  decide({ userId, factorId }, loaded, { nowMs }) {
    const user = loaded.user(userId);
    const factors = loaded.factors(userId);
    const factor = currentFactor(factors, factorId, nowMs);
    if (user === undefined || factor === undefined) return { writes: {}, outcome: { kind: 'not-found' } };
    const verification = pendingCode(factor, loaded, nowMs);
    if (verification === 'stale') return 'stale';

    const others = factors.some(({ id, status }) => status === 'active' && id !== factorId);
    const withoutCodes = factor.status !== 'pending' && !others && user.recovery !== undefined;
    const users = withoutCodes ? [{ ...user, recovery: undefined, updatedAtMs: nowMs }] : [];
    const verifications = verification === undefined ? [] : [cancel(verification, nowMs).next];
    const before = { ...factorFacts(factor), status: factor.status };
    return {
      writes: { verifications, people: { users, removedFactors: [{ userId, id: factorId }] } },
      outcome: { kind: 'removed' },
      change: {
        action: 'remove-factor',
        target: `user ${userId}`,
        before: withoutCodes ? { ...before, recoveryCodes: true } : before,
      },
    };
  },
};
