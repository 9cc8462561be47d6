import { type Challenge, challengeAttemptsMax, challengeTtlSeconds } from '../../domain/challenge.ts';
import { challengedFactor, type FactorWish } from '../../domain/factor.ts';
import { chargeReads, type NotCharged } from '../charge.ts';
import type { CommandBase, Decider } from '../command.ts';
import { sendCode, sentCodeReads } from '../factor-code.ts';
import { type ShownChallenge, shownChallenge } from '../shown-challenge.ts';
import type { NotFound } from './check-verification.ts';
import type { CreateVerification } from './create-verification.ts';
import type { NoFactor } from './generate-recovery-codes.ts';

/** Asks a user for a second factor. */
export interface CreateChallenge extends CommandBase {
  readonly kind: 'create-challenge';
  readonly userId: string;
  readonly id: string;
  readonly wish: FactorWish;
  /** The message that the factor sends, where it sends one: worked out beforehand for the factor that was there then. */
  readonly sending?: { readonly factorId: string; readonly create: CreateVerification } | undefined;
}

export type ChallengeOutcome =
  | { readonly kind: 'challenged'; readonly challenge: ShownChallenge }
  /** The user's factors have changed since the message was worked out: that is to be done once more. */
  | { readonly kind: 'moved' }
  | NoFactor
  | NotCharged
  | NotFound;

export const createChallenge: Decider<CreateChallenge, ChallengeOutcome> = {
  find: ({ userId }) => ({ people: { users: [userId] } }),
  reads({ userId, sending }, found) {
    const users = { people: { users: [userId] } };
    if (sending === undefined) return users;
    const { address, requested } = sending.create;
    const factor = found.factors(userId).find(({ id }) => id === sending.factorId);
    return { ...chargeReads(address), recipients: [requested.recipient], ...sentCodeReads(factor), ...users };
  },
  decide({ tenantId, userId, id, wish, sending }, loaded, context) {
    const { nowMs } = context;
    if (loaded.user(userId) === undefined) return { writes: {}, outcome: { kind: 'not-found' } };
    const factor = challengedFactor(loaded.factors(userId), wish);
    if (factor === undefined) return { writes: {}, outcome: { kind: 'no-factor' } };
    const begun: Challenge = {
      ...{ tenantId, userId, id },
      status: 'pending',
      attemptsUsed: 0,
      attemptsMax: challengeAttemptsMax,
      createdAtMs: nowMs,
      expiresAtMs: nowMs + challengeTtlSeconds * 1000,
    };
    if (factor.kind === 'totp') {
      return {
        writes: { people: { challenges: [begun] } },
        outcome: { kind: 'challenged', challenge: shownChallenge(begun, nowMs) },
      };
    }
    if (sending?.factorId !== factor.id) return { writes: {}, outcome: { kind: 'moved' } };
    const sent = sendCode(factor, factor, sending.create, loaded, context);
    if (sent === 'stale') return 'stale';
    if (sent.kind !== 'sent') return { writes: {}, outcome: sent };
    const challenge = { ...begun, factorId: factor.id, verificationId: sent.verification.id };
    return {
      ...sent.decided,
      writes: { ...sent.decided.writes, people: { factors: [sent.factor], challenges: [challenge] } },
      outcome: { kind: 'challenged', challenge: shownChallenge(challenge, nowMs) },
    };
  },
};
