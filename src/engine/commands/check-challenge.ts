import { type Challenge, challengeStatusOf } from '../../domain/challenge.ts';
import type { Factor } from '../../domain/factor.ts';
import { recoveryCodesLeft } from '../../domain/recovery-codes.ts';
import type { User } from '../../domain/user.ts';
import type { Attributed, ChangeDecider } from '../audited.ts';
import type { Loaded } from '../command.ts';
import { pendingCode, sentCodeReads } from '../factor-code.ts';
import { prove } from '../proof.ts';
import { type ShownChallenge, shownChallenge } from '../shown-challenge.ts';
import type { NotFound } from './check-verification.ts';
import { disablingOf } from './enrol-factor.ts';

/** One code handed in for a challenge: of any active factor of the user, or a recovery code. */
export interface CheckChallenge extends Attributed {
  readonly kind: 'check-challenge';
  readonly userId: string;
  readonly challengeId: string;
  /** As it was typed. It is compared, never stored or logged. */
  readonly code: string;
}

/** What a check came to. The challenge says what proved it. */
export interface ChallengeChecked {
  readonly kind: 'verified' | 'wrong-code' | 'expired' | 'exhausted' | 'already-verified';
  readonly challenge: ShownChallenge;
  readonly recoveryCodesLeft: number;
}

export type ChallengeCheckOutcome =
  | ChallengeChecked
  /** Too many wrong codes for this user: nothing was compared. */
  | { readonly kind: 'paused'; readonly retryAfterSeconds: number }
  | NotFound;

const ends = {
  verified: 'already-verified',
  failed: 'exhausted',
  expired: 'expired',
} as const satisfies Record<Exclude<ShownChallenge['status'], 'pending'>, ChallengeChecked['kind']>;

export const checkChallenge: ChangeDecider<CheckChallenge, ChallengeCheckOutcome> = {
  find: ({ userId, challengeId }) => ({ people: { users: [userId], challenges: [challengeId] } }),
  reads({ userId, challengeId }, found) {
    const challenge = found.challenge(challengeId);
    const factor = challenge && sendingFactor(challenge, found);
    return { ...sentCodeReads(factor), people: { users: [userId], challenges: [challengeId] } };
  },
  decide({ userId, challengeId, code }, loaded, context) {
    const { nowMs } = context;
    const user = loaded.user(userId);
    const challenge = loaded.challenge(challengeId);
    if (user === undefined || challenge?.userId !== userId) return { writes: {}, outcome: { kind: 'not-found' } };
    const status = challengeStatusOf(challenge, nowMs);
    if (status !== 'pending') return { writes: {}, outcome: checked(ends[status], challenge, user, nowMs) };

    const sending = sendingFactor(challenge, loaded);
    const verification = sending && pendingCode(sending, loaded, nowMs);
    if (verification === 'stale') return 'stale';
    const sent = sending && verification && { factor: sending, verification };
    const totp = loaded.factors(userId).filter((factor) => factor.kind === 'totp' && factor.status === 'active');
    const proved = prove(user, code, { totp, sent, recoveryCodes: true }, loaded, context);
    if (proved.kind === 'paused') return { writes: {}, outcome: proved };

    const users = [proved.user];
    if (proved.kind === 'wrong-code') {
      const { disabled, writes } = proved;
      const next = withWrongCode(challenge, nowMs);
      return {
        writes: { ...writes, people: { users, factors: disabled, challenges: [next] } },
        outcome: checked('wrong-code', next, proved.user, nowMs),
        change: disablingOf(userId, disabled),
      };
    }
    const { proof, factor, writes } = proved;
    const next = { ...challenge, status: 'verified' as const, proof, endedAtMs: nowMs };
    const factors = factor === undefined ? [] : [factor];
    return {
      writes: { ...writes, people: { users, factors, challenges: [next] } },
      outcome: checked('verified', next, proved.user, nowMs),
    };
  },
};

/** The factor that sent a code for the challenge, while it is active. */
function sendingFactor({ userId, factorId }: Challenge, loaded: Loaded): Factor | undefined {
  return factorId === undefined
    ? undefined
    : loaded.factors(userId).find(({ id, status }) => id === factorId && status === 'active');
}

/** The last attempt ends it in the same change. */
function withWrongCode(challenge: Challenge, nowMs: number): Challenge {
  const charged = { ...challenge, attemptsUsed: challenge.attemptsUsed + 1 };
  return charged.attemptsUsed < charged.attemptsMax ? charged : { ...charged, status: 'failed', endedAtMs: nowMs };
}

function checked(kind: ChallengeChecked['kind'], challenge: Challenge, { recovery }: User, nowMs: number) {
  const left = recovery === undefined ? 0 : recoveryCodesLeft(recovery);
  return { kind, challenge: shownChallenge(challenge, nowMs), recoveryCodesLeft: left };
}
