import type { Challenge } from '../domain/challenge.ts';
import { canonicalCode } from '../domain/code.ts';
import type { Factor } from '../domain/factor.ts';
import { type Failures, noFailures, oneMoreFailure, secondsUntil, userFailures } from '../domain/limits.ts';
import { canonicalRecoveryCode, withoutRecoveryCode } from '../domain/recovery-codes.ts';
import { openedSecret } from '../domain/sealed-secret.ts';
import { acceptedStep, totpContext } from '../domain/totp.ts';
import type { User } from '../domain/user.ts';
import { statusOf, type Verification } from '../domain/verification.ts';
import type { Context, Loaded, Writes } from './command.ts';
import { decideCheck } from './commands/check-verification.ts';

/** What somebody may show to prove to be a user. What is not named here proves nothing. */
export interface Acceptable {
  /** Secrets whose codes are taken. A pending factor belongs here only where its first code activates it. */
  readonly totp: readonly Factor[];
  /** The code that was sent last, with the factor it was sent by. Verification and recipient have been asked for. */
  readonly sent?: { readonly factor: Factor; readonly verification: Verification } | undefined;
  readonly recoveryCodes: boolean;
}

export type Proof = NonNullable<Challenge['proof']>;

export type ProofOutcome =
  | {
      readonly kind: 'proved';
      readonly proof: Proof;
      /** As it is from now on; the caller writes it, since it may have more to say of it. */
      readonly user: User;
      /** The factor that proved it, likewise. */
      readonly factor?: Factor | undefined;
      /** Everything but users and factors. */
      readonly writes: Omit<Writes, 'people'>;
    }
  | {
      readonly kind: 'wrong-code';
      readonly user: User;
      /** Those that this failure disabled. */
      readonly disabled: readonly Factor[];
      readonly writes: Omit<Writes, 'people'>;
    }
  /** Nothing was compared, and nothing is written. */
  | { readonly kind: 'paused'; readonly retryAfterSeconds: number };

/** Failures in a row at which secrets that were guessed at are of no use any more. */
const disabledAt = 100;

/**
 * Decides one code that somebody hands in for a user. It is a guess at all that is acceptable at once: whichever of it
 * is right proves it and is spent, and a wrong one is counted, of whatever kind. Any success resets the count.
 * @param typed - as it came in
 */
export function prove(
  user: User,
  typed: string,
  acceptable: Acceptable,
  loaded: Loaded,
  context: Context,
): ProofOutcome {
  const { nowMs, keys } = context;
  const { waitUntilMs } = user.failures;
  if (waitUntilMs > nowMs) return { kind: 'paused', retryAfterSeconds: secondsUntil(waitUntilMs, nowMs) };

  const code = canonicalCode(typed);
  for (const factor of acceptable.totp) {
    const used = code === undefined ? undefined : withStepUsed(factor, code, context);
    if (used === undefined) continue;
    return {
      kind: 'proved',
      proof: proofBy(factor),
      user: withFailures(user, noFailures, nowMs),
      factor: used,
      writes: {},
    };
  }

  const recoveryCode = acceptable.recoveryCodes ? canonicalRecoveryCode(typed) : undefined;
  if (recoveryCode !== undefined && user.recovery !== undefined) {
    const place = { tenantId: user.tenantId, userId: user.id };
    const recovery = withoutRecoveryCode(user.recovery, recoveryCode, place, keys);
    if (recovery !== undefined) {
      const proved = { ...withFailures(user, noFailures, nowMs), recovery };
      return { kind: 'proved', proof: { kind: 'recovery-code' }, user: proved, writes: {} };
    }
  }

  const { sent } = acceptable;
  const isPending = sent !== undefined && statusOf(sent.verification, nowMs) === 'pending';
  if (code === undefined || !isPending) return wrong(user, acceptable, {}, nowMs);
  const { outcome, writes } = decideCheck({ tenantId: user.tenantId, code }, sent.verification, loaded, context);
  if (outcome.kind === 'locked') {
    // What was a guess at something else as well is counted: a recipient that waits must not make guesses free.
    const isGuess = acceptable.totp.length > 0 || recoveryCode !== undefined;
    if (isGuess) return wrong(user, acceptable, {}, nowMs);
    return { kind: 'paused', retryAfterSeconds: outcome.retryAfterSeconds };
  }
  if (outcome.kind !== 'verified') return wrong(user, acceptable, writes, nowMs);
  const factor = { ...sent.factor, lastUsedAtMs: nowMs };
  return { kind: 'proved', proof: proofBy(factor), user: withFailures(user, noFailures, nowMs), factor, writes };
}

function proofBy({ kind, id: factorId }: Factor): Proof {
  return { kind, factorId };
}

function withStepUsed(factor: Factor, code: string, { nowMs, wallMs, keys }: Context): Factor | undefined {
  const { totp } = factor;
  if (totp === undefined) return undefined;
  const secret = openedSecret(totp.secret, totpContext(factor), keys);
  const lastStep = acceptedStep(secret, totp, code, wallMs);
  return lastStep === undefined ? undefined : { ...factor, totp: { ...totp, lastStep }, lastUsedAtMs: nowMs };
}

function wrong(
  user: User,
  { totp }: Acceptable,
  writes: Omit<Writes, 'people'>,
  nowMs: number,
): Extract<ProofOutcome, { kind: 'wrong-code' }> {
  const failures = oneMoreFailure(user.failures, nowMs, userFailures);
  const guessedAt = totp.filter(({ status }) => status === 'active');
  const disabled =
    failures.count < disabledAt ? [] : guessedAt.map((factor) => ({ ...factor, status: 'disabled' as const }));
  return { kind: 'wrong-code', user: withFailures(user, failures, nowMs), disabled, writes };
}

function withFailures(user: User, failures: Failures, nowMs: number): User {
  return { ...user, failures, updatedAtMs: nowMs };
}
