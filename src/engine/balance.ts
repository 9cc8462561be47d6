import type { PriceTable } from '../domain/price.ts';
import type { Queries } from './store.ts';

/** What a tenant has left of what it paid; without an amount it does not pay beforehand. */
export interface Balance {
  readonly balanceMicros?: number | undefined;
  /** ISO 4217. */
  readonly currency: string;
}

export async function balanceOf(
  queries: Pick<Queries, 'tenant' | 'usage'>,
  { currency }: Pick<PriceTable, 'currency'>,
  tenantId: string,
): Promise<Balance> {
  const tenant = await queries.tenant(tenantId);
  if (tenant?.prepaid !== true) return { currency };
  return { currency, balanceMicros: (await queries.usage(tenantId))?.balanceMicros ?? 0 };
}
