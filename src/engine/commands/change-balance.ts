import { balanceMaxMicros, withPriceTaken } from '../../domain/balance.ts';
import { amountOf } from '../../domain/price.ts';
import type { Attributed, ChangeDecider } from '../audited.ts';
import type { NotFound } from './check-verification.ts';

/** Adds to what a tenant has paid beforehand, or takes from it. */
export interface ChangeBalance extends Attributed {
  readonly kind: 'change-balance';
  /** Whole millionths of the currency; negative to take. */
  readonly amountMicros: number;
}

export type BalanceOutcome = { readonly kind: 'balance'; readonly balanceMicros: number };
/** Nothing is changed. */
export type BalanceRefusal =
  | NotFound
  /** More was to be taken than there is: a balance is never below 0. */
  | { readonly kind: 'balance-too-small'; readonly balanceMicros: number }
  | { readonly kind: 'invalid'; readonly field: 'amount'; readonly remedy: string };

export const changeBalance: ChangeDecider<ChangeBalance, BalanceOutcome | BalanceRefusal> = {
  reads: () => ({ tenant: true, usage: true }),
  decide({ tenantId, amountMicros }, loaded) {
    if (loaded.tenant() === undefined) return { writes: {}, outcome: { kind: 'not-found' } };
    const { balanceMicros: before = 0, ...current } = loaded.usage() ?? { day: 0, sends: 0 };
    const usage = withPriceTaken({ ...current, balanceMicros: before }, -amountMicros);
    const { balanceMicros = 0 } = usage;
    if (balanceMicros < 0) return { writes: {}, outcome: { kind: 'balance-too-small', balanceMicros: before } };
    if (balanceMicros > balanceMaxMicros) return { writes: {}, outcome: tooMuch };
    return {
      writes: { usage },
      outcome: { kind: 'balance', balanceMicros },
      change: {
        action: 'change-balance',
        target: `tenant ${tenantId}`,
        before: { balanceMicros: before },
        after: { balanceMicros },
      },
    };
  },
};

const tooMuch = {
  kind: 'invalid',
  field: 'amount',
  remedy: `would make a balance of more than ${amountOf(balanceMaxMicros)}`,
} as const;
