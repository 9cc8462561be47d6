import { type NumberType, type PhoneNumber, parsePhoneNumberFromString } from 'libphonenumber-js/max';

/** What stands behind a phone number, as far as its range tells. */
export type LineKind =
  | 'mobile'
  | 'fixed-line'
  /** Of countries whose ranges do not tell the two apart. */
  | 'fixed-line-or-mobile'
  | 'toll-free'
  | 'premium-rate'
  | 'shared-cost'
  | 'voip'
  | 'personal'
  | 'pager'
  | 'uan'
  | 'voicemail'
  | 'satellite'
  /** A service of no country: freephone, networks and numbers that are given out world-wide. */
  | 'global'
  /** No range is assigned to it. */
  | 'unknown';

const kinds = {
  MOBILE: 'mobile',
  FIXED_LINE: 'fixed-line',
  FIXED_LINE_OR_MOBILE: 'fixed-line-or-mobile',
  TOLL_FREE: 'toll-free',
  PREMIUM_RATE: 'premium-rate',
  SHARED_COST: 'shared-cost',
  VOIP: 'voip',
  PERSONAL_NUMBER: 'personal',
  PAGER: 'pager',
  UAN: 'uan',
  VOICEMAIL: 'voicemail',
} as const satisfies Record<Exclude<NumberType, undefined>, LineKind>;

/** Calling codes of no country. Source: ITU-T, list of assigned country codes. */
const worldWide: Readonly<Record<string, LineKind>> = {
  800: 'global',
  808: 'shared-cost',
  870: 'satellite',
  878: 'personal',
  881: 'satellite',
  882: 'global',
  883: 'global',
  888: 'global',
  979: 'premium-rate',
};

/** The kind of line of a number that is read already. @param type - what its range is for, if it is of any */
export function lineOfType(
  { countryCallingCode }: Pick<PhoneNumber, 'countryCallingCode'>,
  type: NumberType,
): LineKind {
  return worldWide[countryCallingCode] ?? (type === undefined ? 'unknown' : kinds[type]);
}

/** The kind of line of a canonical number. It reads the number, which takes some microseconds. */
export function lineOf(e164: string): LineKind {
  const number = parsePhoneNumberFromString(e164);
  return number === undefined ? 'unknown' : lineOfType(number, number.getType());
}

/** Nobody reads messages there, or each of them is dear and somebody earns by it. */
const neverServed: ReadonlySet<LineKind> = new Set([
  'premium-rate',
  'shared-cost',
  'personal',
  'pager',
  'uan',
  'voicemail',
  'satellite',
  'global',
]);
/** A call reaches them, and some take messages; most do not. */
const withoutMessages: ReadonlySet<LineKind> = new Set(['fixed-line', 'toll-free']);

/** Whether anything is sent to such a line. @param onlyMessages - landlines and freephone are left out too */
export function servesLine(line: LineKind, onlyMessages = false): boolean {
  return !neverServed.has(line) && !(onlyMessages && withoutMessages.has(line));
}
