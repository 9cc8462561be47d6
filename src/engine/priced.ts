import type { Channel } from '../domain/channel.ts';
import { partsOf } from '../domain/message-parts.ts';
import { type PriceTable, perPartMicros } from '../domain/price.ts';
import type { Terms, Verification } from '../domain/verification.ts';
import { textOf } from './rendered.ts';
import type { Service } from './tenancy.ts';

/** What decides how long a message is and what it costs. */
export interface PricedMessage {
  readonly channel: Channel;
  readonly country?: string | undefined;
  readonly template?: string | undefined;
  readonly placeholder?: string | undefined;
  readonly lastLine?: string | undefined;
  readonly codeLength: number;
  readonly lifeMs: number;
  readonly test: boolean;
}

/**
 * Parts and price of one message, with any code in the place of its own.
 * @param otherwise - the price where the table has none
 * @returns undefined when nobody has a price for it
 */
export function messagePrice(
  message: PricedMessage,
  service: Pick<Service, 'brand'>,
  prices: PriceTable,
  otherwise?: { readonly perPartMicros: number },
): Required<Pick<Terms, 'parts' | 'priceMicros'>> | undefined {
  const perPart = perPartMicros(prices, message) ?? otherwise?.perPartMicros;
  if (perPart === undefined) return undefined;
  const { channel, template, placeholder, lastLine, lifeMs, test } = message;
  const code = '0'.repeat(message.codeLength);
  const parts = partsOf(channel, textOf({ template, placeholder, lastLine, code, brand: service.brand, lifeMs }));
  return { parts, priceMicros: test ? 0 : parts * perPart };
}

/** What another message costs: as the table says now, or else what was agreed at the create. */
export function nextPriceMicros(
  verification: Verification,
  channel: Channel,
  service: Pick<Service, 'brand'>,
  { prices, nowMs }: { readonly prices: PriceTable; readonly nowMs: number },
): number | undefined {
  const now = priceBy(channel, verification, service, { prices, lifeMs: verification.expiresAtMs - nowMs });
  return now ?? verification.terms?.priceMicros;
}

/** What a message of a verification would cost by a channel; undefined where the table says nothing of it. */
export function priceBy(
  channel: Channel,
  { terms, country, template, code, test }: Pick<Verification, 'terms' | 'country' | 'template' | 'code' | 'test'>,
  service: Pick<Service, 'brand'>,
  { prices, lifeMs }: { readonly prices: PriceTable; readonly lifeMs: number },
): number | undefined {
  if (prices.perPartMicros.size === 0) return undefined;
  const { placeholder, lastLine } = terms ?? {};
  const message = { channel, country, template, placeholder, lastLine, codeLength: code.length };
  return messagePrice({ ...message, lifeMs, test: test === true }, service, prices)?.priceMicros;
}
