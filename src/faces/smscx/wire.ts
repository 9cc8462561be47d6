import { isCountry } from '../../domain/country.ts';
import { isUuid } from '../../domain/uuid.ts';
import { type Fields, type Rule, textOf, wholeNumberRules } from '../../http/loose-fields.ts';
import type { ErrorCode } from './errors.ts';

/*
 * What SMSCX takes on the wire. Source: SMSCX API reference 1.0.2, "OTP" and "OAuth 2.0", and its two libraries. A
 * request is read from its fields once no rule is broken; the first one that is, in this order, is the answer.
 */

export const pinTypes = { letters: 'letters', numbers: 'digits', alphanumeric: 'alphanumeric' } as const;

/** What the vendor's tokens can be for. Only `otp` opens anything here. */
export const scopeNames =
  'sms groups templates numbers originators reports shortlinks attachments viber whatsapp otp'.split(' ');

/** Whether anybody has the number comes next, before the rules of the other fields: only the engine knows. */
export const numberRules: readonly Rule<ErrorCode>[] = [
  [2001, ({ phoneNumber }) => (textOf(phoneNumber) ?? '') === ''],
  [2002, ({ phoneNumber, countryIso }) => !isInternational(phoneNumber) && (countryIso ?? '') === ''],
  [2003, ({ phoneNumber, countryIso }) => !isInternational(phoneNumber) && !namesCountry(countryIso)],
  // To the engine it could be an e-mail address.
  [2020, ({ phoneNumber }) => textOf(phoneNumber)?.includes('@') === true],
];

export const otherRules: readonly Rule<ErrorCode>[] = [
  [2004, ({ from }) => textOf(from)?.trim() === ''],
  [2005, ({ from }) => from !== undefined && !isSender(textOf(from))],
  [2006, ({ template }) => template !== undefined && !(typeof template === 'string' && template.includes('{{pin}}'))],
  ...wholeNumberRules<ErrorCode>('ttl', [60, 1800], [2007, 2008, 2009]),
  ...wholeNumberRules<ErrorCode>('maxAttempts', [1, 10], [2010, 2011, 2012]),
  [2013, ({ pinType }) => pinType === ''],
  [2014, ({ pinType }) => pinType !== undefined && !(typeof pinType === 'string' && Object.hasOwn(pinTypes, pinType))],
  ...wholeNumberRules<ErrorCode>('pinLength', [4, 10], [2015, 2016, 2017]),
  [2018, ({ trackId }) => trackId !== undefined && !(typeof trackId === 'string' && isUuid(trackId.toLowerCase()))],
  [2019, ({ otpCallbackUrl }) => otpCallbackUrl !== undefined && !isCallbackUrl(otpCallbackUrl)],
];

/** The pin that was typed; a number is taken as its digits. @returns undefined without one */
export function readPin({ pin }: Fields): string | undefined {
  if (typeof pin === 'number') return String(pin);
  return typeof pin === 'string' && pin !== '' ? pin : undefined;
}

/** Whether a number says itself of which country it is. */
export function isInternational(phoneNumber: unknown): boolean {
  return typeof phoneNumber === 'string' && phoneNumber.startsWith('+');
}

function namesCountry(iso: unknown): boolean {
  return typeof iso === 'string' && /^[a-z]{2}$/i.test(iso) && isCountry(iso.toUpperCase());
}

/** Whether the libraries take it, in a request and in an answer. */
export function isSender(from = ''): boolean {
  const length = [...from].length;
  return length >= 3 && length <= 15 && !/\p{Cc}/u.test(from);
}

/** Its form alone: where it leads is judged at each delivery. */
function isCallbackUrl(url: unknown): boolean {
  return typeof url === 'string' && /^https?:\/\/[^\s]+$/i.test(url) && URL.canParse(url);
}
