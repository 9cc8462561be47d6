import type { Channel } from './channel.ts';
import type { SealedSecret } from './sealed-secret.ts';

export const factorKinds = ['sms', 'email', 'totp'] as const;
export type FactorKind = (typeof factorKinds)[number];

/**
 * Something enrolled to a user. `pending` until a first code of it was right; `disabled` after a hundred failures in a
 * row, until it is enrolled anew. Times are milliseconds UTC.
 */
export interface Factor {
  readonly tenantId: string;
  readonly userId: string;
  readonly id: string;
  readonly kind: FactorKind;
  readonly status: 'pending' | 'active' | 'disabled';
  /** What the tenant or the user calls it. */
  readonly name?: string | undefined;
  /** Of `sms` and `email`: canonical. */
  readonly recipient?: string | undefined;
  /** Of `sms` and `email`: the verification whose code was sent last. */
  readonly verificationId?: string | undefined;
  readonly totp?: TotpFactor | undefined;
  readonly createdAtMs: number;
  readonly activatedAtMs?: number | undefined;
  readonly lastUsedAtMs?: number | undefined;
}

export const totpAlgorithms = ['SHA1', 'SHA256', 'SHA512'] as const;
export type TotpAlgorithm = (typeof totpAlgorithms)[number];

/** RFC 6238. Steps are of 30 seconds. */
export interface TotpFactor {
  readonly algorithm: TotpAlgorithm;
  /** 6 to 8. */
  readonly digits: number;
  /** Steps either side of now that are accepted: 0 to 2. */
  readonly drift: number;
  /** Time step of the last accepted code: it and every earlier one are refused. */
  readonly lastStep?: number | undefined;
  /** 20 random bytes, bound to tenant, user and factor. */
  readonly secret: SealedSecret;
}

/** What authenticator apps take without being told. */
export const defaultTotp = { algorithm: 'SHA1', digits: 6, drift: 1 } as const satisfies Partial<TotpFactor>;

/** Factors of one user at most, pending ones included. */
export const factorsMax = 10;
/** One that was never activated is forgotten after a day. */
export const pendingFactorMs = 86_400_000;

/** Whether it was never activated in its time: then it is none any more, wherever its row still lies. */
export function isForgotten({ status, createdAtMs }: Pick<Factor, 'status' | 'createdAtMs'>, nowMs: number): boolean {
  return status === 'pending' && nowMs >= createdAtMs + pendingFactorMs;
}

/** What a challenge may say of the factor that it wants used. */
export interface FactorWish {
  readonly factorId?: string | undefined;
  /** How a code is to be sent, even where an app would do. */
  readonly channel?: Channel | undefined;
}

/**
 * The active factor that a challenge asks for: the one that is named; where no channel is, an app; else the newest that
 * the channel, or any message, reaches. Where guesses have disabled all there was, an app that is disabled: it proves
 * nothing, but a recovery code in its place does.
 * @param factors - of one user, oldest first
 */
export function challengedFactor(factors: readonly Factor[], { factorId, channel }: FactorWish): Factor | undefined {
  const active = factors.filter(({ status }) => status === 'active');
  if (factorId !== undefined) return active.find(({ id }) => id === factorId);
  const app = channel === undefined ? active.find(({ kind }) => kind === 'totp') : undefined;
  const reached = ({ kind }: Factor) =>
    kind !== 'totp' && (channel === undefined || (channel === 'email') === (kind === 'email'));
  const disabled = channel === undefined ? factors.find(({ status }) => status === 'disabled') : undefined;
  return app ?? active.findLast(reached) ?? disabled;
}
