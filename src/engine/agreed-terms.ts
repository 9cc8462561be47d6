import { noPrices, type PriceTable } from '../domain/price.ts';
import type { Terms } from '../domain/verification.ts';
import type { CreateVerification } from './commands/create-verification.ts';
import type { FaceWishes } from './face-wishes.ts';
import { messagePrice } from './priced.ts';
import type { Service } from './tenancy.ts';

/** The terms that a face asks for, with the service's address for callbacks where the request names none. */
export function agreedTerms(asked: Terms | undefined, { options }: Service): Terms | undefined {
  if (asked?.callbackEvents === undefined) return asked;
  const callbackUrl = asked.callbackUrl ?? options?.callbackUrl;
  const { callbackEvents, ...others } = asked;
  // Nobody to tell: then it need not be written down what.
  return callbackUrl === undefined ? others : { ...others, callbackUrl, callbackEvents };
}

/** What parts and price depend on. */
type Requested = Pick<
  CreateVerification['requested'],
  'channel' | 'country' | 'template' | 'code' | 'ttlSeconds' | 'test'
>;

/** What terms depend on beside what is asked, and what they came to. */
interface Agreed {
  readonly requested: Pick<Requested, 'channel' | 'country' | 'template' | 'ttlSeconds' | 'test'>;
  readonly codeLength: number;
  readonly priced: FaceWishes['priced'];
  readonly service: Service;
  readonly prices: PriceTable;
  readonly terms: Terms | undefined;
}

/** The last of each object that a face asks with: where it has one for all requests, most of them agree the same. */
const lastAgreed = new WeakMap<Terms, Agreed>();

/** What is agreed: what the face wishes, with parts and price where somebody has a price. Mostly it is nothing. */
export function termsOf(
  wishes: FaceWishes | undefined,
  requested: Requested,
  service: Service,
  prices = noPrices,
): Terms | undefined {
  const asked = wishes?.terms;
  const priced = wishes?.priced;
  if (asked === undefined) return withPrice(undefined, priced, requested, service, prices);
  const last = lastAgreed.get(asked);
  if (last !== undefined && isSame(last, { priced, requested, service, prices })) return last.terms;
  const terms = withPrice(agreedTerms(asked, service), priced, requested, service, prices);
  const { channel, country, template, ttlSeconds, test, code } = requested;
  const basis = { channel, country, template, ttlSeconds, test };
  lastAgreed.set(asked, { requested: basis, codeLength: code.length, priced, service, prices, terms });
  return terms;
}

function isSame(
  last: Agreed,
  { priced, requested, service, prices }: Pick<Agreed, 'priced' | 'service' | 'prices'> & { requested: Requested },
): boolean {
  const { channel, country, template, ttlSeconds, test } = last.requested;
  return (
    last.service === service &&
    last.prices === prices &&
    last.priced === priced &&
    last.codeLength === requested.code.length &&
    channel === requested.channel &&
    country === requested.country &&
    template === requested.template &&
    ttlSeconds === requested.ttlSeconds &&
    test === requested.test
  );
}

function withPrice(
  terms: Terms | undefined,
  priced: FaceWishes['priced'],
  requested: Requested,
  service: Service,
  prices: PriceTable,
): Terms | undefined {
  if (priced === undefined && prices.perPartMicros.size === 0) return terms;
  const { channel, country, template, code, ttlSeconds, test = false } = requested;
  const { placeholder, lastLine } = terms ?? {};
  const lifeMs = ttlSeconds * 1000;
  const message = { channel, country, template, placeholder, lastLine, codeLength: code.length, lifeMs, test };
  const price = messagePrice(message, service, prices, priced);
  return price === undefined ? terms : { ...terms, parts: price.parts, priceMicros: price.priceMicros };
}
