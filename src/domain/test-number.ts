import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { type KeyRings, keyOf } from './keys.ts';
import type { Recipient } from './recipient.ts';
import { openSealed, resealed, seal } from './seal.ts';

/** A recipient that belongs to nobody, with a code that is always the same: for tests against a server in production. */
export interface TestNumber {
  /** Canonical. */
  readonly recipient: string;
  /** Names the data key of `sealed`. */
  readonly keyId: string;
  /** Its code, sealed, in base64. */
  readonly sealed: string;
  /** When it stops being one; absent only in development mode. */
  readonly validUntilMs?: number | undefined;
}

/** The test number that a recipient is, if it is one now. */
export function testNumberOf(numbers: readonly TestNumber[], recipient: string, nowMs: number): TestNumber | undefined {
  return numbers.find((one) => one.recipient === recipient && (one.validUntilMs ?? Number.POSITIVE_INFINITY) > nowMs);
}

/** Whose test number it is. */
export interface TestNumberPlace {
  readonly tenantId: string;
  readonly service: string;
}

/** Seals the code of a test number, bound to tenant, service and recipient. @param nonce - 12 fresh bytes */
export function sealTestCode(
  code: string,
  { recipient, ...place }: TestNumberPlace & { readonly recipient: string },
  key: Uint8Array,
  nonce: Uint8Array,
): string {
  return seal(key, nonce, Buffer.from(code, 'utf8'), contextOf(place, recipient)).toString('base64');
}

/**
 * The code of a test number, in canonical form.
 * @throws UnknownKey when the data ring lacks its key; Error when it was tampered with or belongs elsewhere
 */
export function openTestCode(
  { recipient, keyId, sealed }: TestNumber,
  { tenantId, service }: TestNumberPlace,
  rings: KeyRings,
): string {
  const key = keyOf(rings, 'data', keyId);
  const context = contextOf({ tenantId, service }, recipient);
  return openSealed(key, Buffer.from(sealed, 'base64'), context).toString('utf8');
}

/** A test number with its code sealed anew under the active data key. Throws as `openTestCode` does. */
export function resealedTestNumber(
  number: TestNumber,
  place: TestNumberPlace,
  rings: KeyRings,
  nonce: Uint8Array,
): TestNumber {
  const keyId = rings.data.activeId;
  const [from, to] = [keyOf(rings, 'data', number.keyId), keyOf(rings, 'data', keyId)];
  const context = contextOf(place, number.recipient);
  const sealed = resealed(Buffer.from(number.sealed, 'base64'), from, to, context, nonce).toString('base64');
  return { ...number, keyId, sealed };
}

function contextOf({ tenantId, service }: TestNumberPlace, recipient: string): readonly string[] {
  return ['test-number', tenantId, service, recipient];
}

const northAmerican = /^\+1[2-9]\d{2}55501\d{2}$/;

/**
 * Ranges that regulators keep free for films, books and tests: prefixes in E.164, each with the digits that follow.
 * Sources: NANPA 555-0100 to 0199 (above); Ofcom "Numbers for drama"; ARCEP decision 2018-0881; ACMA "Phone numbers for use in
 * TV shows, films and creative works"; BNetzA "Rufnummern für Medienproduktionen"; ComReg drama numbers.
 */
const fictionalRanges: readonly RegExp[] = [
  /^\+44(?:1632960|2079460|11[3-8]4960|1[2-6]14960|1914980|2896496|2920180|7700900|8081570|9098790|3069990)\d{3}$/,
  /^\+33(?:19900|26191|35301|46571|53649|63998)\d{4}$/,
  /^\+61(?:[2378](?:5550|7010)\d{4}|491570(?:006|110|15[6-9]))$/,
  /^\+49(?:3023125|6990009|4066969|2214710|8999998)\d{3}$/,
  /^\+3532091\d{5}$/,
];

const reservedDomain = /(?:^|[.@])(?:example\.(?:com|net|org)|example|test|invalid)$/;

/**
 * Whether nobody can own a recipient, now or later: a number that is kept for fiction, or an address below a domain
 * reserved for examples and tests (RFC 2606 §2, §3). That no range is assigned to a number does not do: ranges are
 * assigned every year, and the number would go on having its code.
 */
export function belongsToNobody(recipient: Recipient): boolean {
  if (recipient.kind === 'email') return reservedDomain.test(recipient.value);
  if (northAmerican.test(recipient.value)) return isGeographic(recipient.value);
  return fictionalRanges.some((range) => range.test(recipient.value));
}

/** Freephone, premium and personal codes, and some countries of the Caribbean, give out 555 like any other. */
function isGeographic(number: string): boolean {
  const parsed = parsePhoneNumberFromString(number);
  const kept = parsed?.country === 'US' || parsed?.country === 'CA';
  return kept && parsed?.getType() === 'FIXED_LINE_OR_MOBILE';
}
