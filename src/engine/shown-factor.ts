import { type Factor, isForgotten, type TotpFactor } from '../domain/factor.ts';

/** What is shown of a factor: no secret, and nothing by which codes could be told apart. */
export interface ShownFactor extends Omit<Factor, 'tenantId' | 'totp'> {
  readonly totp?: TotpTerms | undefined;
}

/** How an app makes codes, apart from its secret. */
export type TotpTerms = Pick<TotpFactor, 'algorithm' | 'digits' | 'drift'>;

export function shownFactor({ tenantId: _, totp, ...rest }: Factor): ShownFactor {
  if (totp === undefined) return rest;
  const { algorithm, digits, drift } = totp;
  return { ...rest, totp: { algorithm, digits, drift } };
}

/** Of a user's factors, those that still are. */
export function currentFactors(factors: readonly Factor[], nowMs: number): readonly Factor[] {
  return factors.filter((factor) => !isForgotten(factor, nowMs));
}

/** @returns undefined when it is not there any more, or never was */
export function currentFactor(factors: readonly Factor[], id: string, nowMs: number): Factor | undefined {
  return currentFactors(factors, nowMs).find((factor) => factor.id === id);
}
