/** How somebody proved to be the user: by a factor of this kind, or by a recovery code in its place. */
export type ProofKind = 'sms' | 'email' | 'totp' | 'recovery-code';

/** One request to use a factor of a user. Times are milliseconds UTC. */
export interface Challenge {
  readonly tenantId: string;
  readonly userId: string;
  readonly id: string;
  /** The factor that a code was sent by; absent where none had to be sent. Other factors of the user are accepted too. */
  readonly factorId?: string | undefined;
  /** Of that code. */
  readonly verificationId?: string | undefined;
  /** `expired` is a fact of time: a pending one past its expiry reads so. */
  readonly status: 'pending' | 'verified' | 'failed';
  readonly attemptsUsed: number;
  readonly attemptsMax: number;
  /** What proved it. */
  readonly proof?: { readonly kind: ProofKind; readonly factorId?: string | undefined } | undefined;
  /** The session that was opened for it: there is one at most. */
  readonly sessionId?: string | undefined;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  readonly endedAtMs?: number | undefined;
}

export type ChallengeStatus = Challenge['status'] | 'expired';

export const challengeTtlSeconds = 600;
export const challengeAttemptsMax = 5;

export function challengeStatusOf({ status, expiresAtMs }: Challenge, nowMs: number): ChallengeStatus {
  return status === 'pending' && nowMs >= expiresAtMs ? 'expired' : status;
}
