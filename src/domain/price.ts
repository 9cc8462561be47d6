import type { Channel } from './channel.ts';

/** Money is counted in whole millionths of the currency, so that sums are exact. */
const microsPerUnit = 1_000_000;
/** Beyond it a number would lose the last digits. */
const amountMax = 1_000_000_000;

/** An amount as a whole number of millionths; undefined when it is too large, or finer than that. */
export function microsOf(amount: number): number | undefined {
  if (!(Math.abs(amount) <= amountMax)) return undefined;
  const micros = Math.round(amount * microsPerUnit);
  return amountOf(micros) === amount ? micros : undefined;
}

export function amountOf(micros: number): number {
  return micros / microsPerUnit;
}

/** What a part of a message costs. */
export interface Price {
  readonly channel: Channel;
  /** ISO 3166 alpha-2, or `*` for every country that has no price of its own. E-mail addresses are of no country. */
  readonly country: string;
  readonly perPartMicros: number;
}

/** All that is known of prices. What is not in it costs nothing. */
export interface PriceTable {
  /** ISO 4217. */
  readonly currency: string;
  readonly perPartMicros: ReadonlyMap<string, number>;
}

export function priceTable(currency: string, prices: readonly Price[]): PriceTable {
  return { currency, perPartMicros: new Map(prices.map((price) => [keyOf(price), price.perPartMicros])) };
}

export const noPrices = priceTable('EUR', []);

/** The price of a part: that of the country, else that of the channel everywhere; undefined when neither is known. */
export function perPartMicros(
  { perPartMicros: prices }: PriceTable,
  { channel, country }: { readonly channel: Channel; readonly country?: string | undefined },
): number | undefined {
  const own = country === undefined ? undefined : prices.get(keyOf({ channel, country }));
  return own ?? prices.get(keyOf({ channel, country: '*' }));
}

function keyOf({ channel, country }: Pick<Price, 'channel' | 'country'>): string {
  return `${channel} ${country}`;
}
