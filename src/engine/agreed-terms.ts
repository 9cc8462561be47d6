import { noPrices } from '../domain/price.ts';
import type { Terms } from '../domain/verification.ts';
import type { CreateVerification } from './commands/create-verification.ts';
import type { FaceWishes } from './face-wishes.ts';
import { messagePrice } from './priced.ts';
import type { Service } from './tenancy.ts';

/** The terms that a face asks for, with the service's address for callbacks where the request names none. */
export function agreedTerms(asked: Terms | undefined, { options }: Service): Terms | undefined {
  if (asked?.callbackEvents === undefined) return asked;
  const callbackUrl = asked.callbackUrl ?? options?.callbackUrl;
  // Nobody to tell: then it need not be written down what.
  const callbackEvents = callbackUrl === undefined ? undefined : asked.callbackEvents;
  return { ...asked, callbackUrl, callbackEvents };
}

/** What is agreed: what the face wishes, with parts and price where somebody has a price. Mostly it is nothing. */
export function termsOf(
  wishes: FaceWishes | undefined,
  requested: CreateVerification['requested'],
  service: Service,
  prices = noPrices,
): Terms | undefined {
  const terms = agreedTerms(wishes?.terms, service);
  const priced = wishes?.priced;
  if (priced === undefined && prices.perPartMicros.size === 0) return terms;
  const { channel, country, template, code, ttlSeconds, test = false } = requested;
  const { placeholder, lastLine } = terms ?? {};
  const lifeMs = ttlSeconds * 1000;
  const message = { channel, country, template, placeholder, lastLine, codeLength: code.length, lifeMs, test };
  const price = messagePrice(message, service, prices, priced);
  return price === undefined ? terms : { ...terms, parts: price.parts, priceMicros: price.priceMicros };
}
