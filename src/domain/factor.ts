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

/** Factors of one user at most, pending ones included. */
export const factorsMax = 10;
/** One that was never activated is forgotten after a day. */
export const pendingFactorMs = 86_400_000;
