import { countriesProblem } from '../../domain/country.ts';
import { isUuid } from '../../domain/uuid.ts';
import type { ErrorCode } from './errors.ts';

/* The shapes of SMSCX on the wire. Source: SMSCX API reference 1.0.2, "OTP" and "OAuth 2.0", and its two libraries. */

/** The body of a request. Null is as good as absent; what is not listed here is not looked at. */
export type Fields = Readonly<Record<string, unknown>>;

export const pinTypes = { letters: 'letters', numbers: 'digits', alphanumeric: 'alphanumeric' } as const;
export type PinType = keyof typeof pinTypes;

/** What is asked for, once it was found to be in order. */
export interface NewOtp {
  readonly phoneNumber: string;
  readonly countryIso?: string | undefined;
  readonly from?: string | undefined;
  readonly template?: string | undefined;
  readonly ttl?: number | undefined;
  readonly maxAttempts?: number | undefined;
  readonly pinType?: PinType | undefined;
  readonly pinLength?: number | undefined;
  readonly trackId?: string | undefined;
  readonly otpCallbackUrl?: string | undefined;
}

/** Thirteen fields, all of them in every answer. */
export interface Otp {
  readonly otpId: string;
  readonly trackId: string | null;
  readonly phoneNumber: string;
  readonly countryIso: string;
  readonly status: 'PENDING' | 'VERIFIED' | 'EXPIRED' | 'CANCELLED' | 'FAILED';
  /** In the currency of the account. */
  readonly cost: number;
  readonly parts: number;
  readonly maxAttempts: number;
  readonly attempts: number;
  readonly ttl: number;
  readonly otpCallbackUrl: string | null;
  /** `YYYY-MM-DD HH:MM:SS`, UTC. */
  readonly dateCreated: string;
  readonly dateExpires: string;
}

/** @returns undefined for a body that is no object */
export function fieldsOf(body: unknown): Fields | undefined {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return undefined;
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));
}

type Rule = readonly [code: ErrorCode, isBroken: (fields: Fields) => boolean];

/* In the order in which they are asked: the first that is broken is the answer. */

/** Whether anybody has the number comes next, before the rules of the other fields: only the engine knows. */
const numberRules: readonly Rule[] = [
  [2001, ({ phoneNumber }) => (textOf(phoneNumber) ?? '') === ''],
  [2002, ({ phoneNumber, countryIso }) => !isInternational(phoneNumber) && (countryIso ?? '') === ''],
  [2003, ({ phoneNumber, countryIso }) => !isInternational(phoneNumber) && !isCountry(countryIso)],
  // To the engine it could be an e-mail address.
  [2020, ({ phoneNumber }) => textOf(phoneNumber)?.includes('@') === true],
];

const otherRules: readonly Rule[] = [
  [2004, ({ from }) => textOf(from)?.trim() === ''],
  [2005, ({ from }) => from !== undefined && !isSender(textOf(from))],
  [2006, ({ template }) => template !== undefined && !(typeof template === 'string' && template.includes('{{pin}}'))],
  ...wholeNumber('ttl', [2007, 2008, 2009], 60, 1800),
  ...wholeNumber('maxAttempts', [2010, 2011, 2012], 1, 10),
  [2013, ({ pinType }) => pinType === ''],
  [2014, ({ pinType }) => pinType !== undefined && !(typeof pinType === 'string' && Object.hasOwn(pinTypes, pinType))],
  ...wholeNumber('pinLength', [2015, 2016, 2017], 4, 10),
  [2018, ({ trackId }) => trackId !== undefined && !(typeof trackId === 'string' && isUuid(trackId.toLowerCase()))],
  [2019, ({ otpCallbackUrl }) => otpCallbackUrl !== undefined && !isCallbackUrl(otpCallbackUrl)],
];

export type Broken = { readonly about: 'number' | 'other'; readonly rule: ErrorCode };

/** The first rule that a request breaks, and whether it is one about the number. */
export function brokenRule(fields: Fields): Broken | undefined {
  const first = (rules: readonly Rule[]) => rules.find(([, isBroken]) => isBroken(fields))?.[0];
  const [number, other] = [first(numberRules), first(otherRules)];
  if (number !== undefined) return { about: 'number', rule: number };
  return other === undefined ? undefined : { about: 'other', rule: other };
}

/** The number alone, once no rule about it is broken. */
export function readNumber({ phoneNumber, countryIso }: Fields): Pick<NewOtp, 'phoneNumber' | 'countryIso'> {
  const number = textOf(phoneNumber) ?? '';
  return { phoneNumber: number, countryIso: isInternational(number) ? undefined : textOf(countryIso)?.toUpperCase() };
}

/** The whole request, once no rule is broken. */
export function readNewOtp(fields: Fields): NewOtp {
  const { from, template, ttl, maxAttempts, pinType, pinLength, trackId, otpCallbackUrl } = fields;
  return {
    ...readNumber(fields),
    from: textOf(from),
    template: textOf(template),
    ttl: wholeOf(ttl),
    maxAttempts: wholeOf(maxAttempts),
    pinType: textOf(pinType) as PinType | undefined,
    pinLength: wholeOf(pinLength),
    trackId: textOf(trackId)?.toLowerCase(),
    otpCallbackUrl: textOf(otpCallbackUrl),
  };
}

/** The pin that was typed; a number is taken as its digits. @returns undefined without one */
export function readPin({ pin }: Fields): string | undefined {
  if (typeof pin === 'number') return String(pin);
  return typeof pin === 'string' && pin !== '' ? pin : undefined;
}

function wholeNumber(
  name: string,
  [notWhole, tooLow, tooHigh]: readonly [ErrorCode, ErrorCode, ErrorCode],
  least: number,
  most: number,
): Rule[] {
  const value = (fields: Fields) => wholeOf(fields[name]);
  return [
    [notWhole, (fields) => fields[name] !== undefined && value(fields) === undefined],
    [tooLow, (fields) => (value(fields) ?? least) < least],
    [tooHigh, (fields) => (value(fields) ?? most) > most],
  ];
}

/** Whole numbers come as text, too: the vendor's PHP examples send them so. */
function wholeOf(value: unknown): number | undefined {
  if (typeof value === 'string') return /^-?[0-9]+$/.test(value) ? Number(value) : undefined;
  return typeof value === 'number' && Number.isInteger(value) ? value : undefined;
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
  return typeof value === 'string' ? value : undefined;
}

function isInternational(phoneNumber: unknown): boolean {
  return typeof phoneNumber === 'string' && phoneNumber.startsWith('+');
}

function isCountry(iso: unknown): boolean {
  return typeof iso === 'string' && /^[a-z]{2}$/i.test(iso) && countriesProblem([iso.toUpperCase()]) === undefined;
}

function isSender(from: string | undefined): boolean {
  const length = [...(from ?? '')].length;
  return length >= 3 && length <= 15 && !/\p{Cc}/u.test(from ?? '');
}

/** Its form alone: where it leads is judged at each delivery. */
function isCallbackUrl(url: unknown): boolean {
  return typeof url === 'string' && /^https?:\/\/[^\s]+$/i.test(url) && URL.canParse(url);
}
