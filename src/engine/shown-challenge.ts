import { type Challenge, type ChallengeStatus, challengeStatusOf } from '../domain/challenge.ts';

/** A challenge as it stands. */
export interface ShownChallenge
  extends Omit<Challenge, 'tenantId' | 'status' | 'attemptsUsed' | 'attemptsMax' | 'sessionId'> {
  readonly status: ChallengeStatus;
  readonly attemptsLeft: number;
}

export function shownChallenge(challenge: Challenge, nowMs: number): ShownChallenge {
  const { userId, id, factorId, verificationId, proof, createdAtMs, expiresAtMs } = challenge;
  const status = challengeStatusOf(challenge, nowMs);
  const attemptsLeft = status === 'pending' ? challenge.attemptsMax - challenge.attemptsUsed : 0;
  const endedAtMs = challenge.endedAtMs ?? (status === 'expired' ? expiresAtMs : undefined);
  return {
    ...{ userId, id, factorId, verificationId, status, attemptsLeft, proof },
    ...{ createdAtMs, expiresAtMs, endedAtMs },
  };
}
