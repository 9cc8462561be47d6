import type { Attributed, ChangeDecider } from '../audited.ts';
import { pendingCode, sentCodeReads } from '../factor-code.ts';
import { prove } from '../proof.ts';
import { currentFactor, type ShownFactor, shownFactor } from '../shown-factor.ts';
import type { NotFound } from './check-verification.ts';
import { factorFacts } from './enrol-factor.ts';

/** A first code of a pending factor. */
export interface ActivateFactor extends Attributed {
  readonly kind: 'activate-factor';
  readonly userId: string;
  readonly factorId: string;
  /** As it was typed. It is compared, never stored or logged. */
  readonly code: string;
}

export type ActivateOutcome =
  | { readonly kind: 'activated' | 'wrong-code'; readonly factor: ShownFactor }
  | { readonly kind: 'factor-active' }
  /** Too many wrong codes for this user: nothing was compared. */
  | { readonly kind: 'paused'; readonly retryAfterSeconds: number }
  | NotFound;

export const activateFactor: ChangeDecider<ActivateFactor, ActivateOutcome> = {
  find: ({ userId }) => ({ people: { users: [userId] } }),
  reads({ userId, factorId }, found) {
    const factor = found.factors(userId).find(({ id }) => id === factorId);
    return { ...sentCodeReads(factor), people: { users: [userId] } };
  },
  decide({ userId, factorId, code }, loaded, context) {
    const { nowMs } = context;
    const user = loaded.user(userId);
    const factor = currentFactor(loaded.factors(userId), factorId, nowMs);
    if (user === undefined || factor === undefined) return { writes: {}, outcome: { kind: 'not-found' } };
    if (factor.status !== 'pending') return { writes: {}, outcome: { kind: 'factor-active' } };
    const verification = pendingCode(factor, loaded, nowMs);
    if (verification === 'stale') return 'stale';

    // Nothing but this factor counts here: what the user has already proves nothing of a new one.
    const totp = factor.totp === undefined ? [] : [factor];
    const sent = verification && { factor, verification };
    const proved = prove(user, code, { totp, sent, recoveryCodes: false }, loaded, context);
    if (proved.kind === 'paused') return { writes: {}, outcome: proved };
    const users = [proved.user];
    if (proved.kind === 'wrong-code') {
      return {
        writes: { ...proved.writes, people: { users } },
        outcome: { kind: 'wrong-code', factor: shownFactor(factor) },
      };
    }
    const active = { ...(proved.factor ?? factor), status: 'active' as const, activatedAtMs: nowMs };
    return {
      writes: { ...proved.writes, people: { users, factors: [active] } },
      outcome: { kind: 'activated', factor: shownFactor(active) },
      change: { action: 'activate-factor', target: `user ${userId}`, after: factorFacts(active) },
    };
  },
};
