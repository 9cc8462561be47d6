import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { type KeyRings, keyOf } from './keys.ts';
import type { Recipient } from './recipient.ts';
import { openSealed, seal } from './seal.ts';

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

/** Where a test number belongs: its code opens nowhere else. */
export interface TestNumberPlace {
  readonly tenantId: string;
  /** Of the service. */
  readonly name: string;
}

/** @param nonce - 12 fresh bytes  @returns base64 */
export function sealTestCode(
  code: string,
  place: TestNumberPlace,
  recipient: string,
  key: Uint8Array,
  nonce: Uint8Array,
): string {
  return seal(key, nonce, Buffer.from(code, 'utf8'), sealContext(place, recipient)).toString('base64');
}

/** @throws UnknownKey when the ring lacks the key  @throws Error when the row was tampered with */
export function openTestCode(
  { recipient, keyId, sealed }: TestNumber,
  place: TestNumberPlace,
  rings: KeyRings,
): string {
  const bytes = Buffer.from(sealed, 'base64');
  return openSealed(keyOf(rings, 'data', keyId), bytes, sealContext(place, recipient)).toString('utf8');
}

function sealContext({ tenantId, name }: TestNumberPlace, recipient: string): readonly string[] {
  return ['test-number', tenantId, name, recipient];
}

/**
 * Ranges that regulators keep free for films, books and tests: prefixes in E.164, each with the digits that follow.
 * Sources: NANPA 555-0100 to 0199; Ofcom "Numbers for drama"; ARCEP decision 2018-0881; ACMA "Phone numbers for use in
 * TV shows, films and creative works"; BNetzA "Rufnummern für Medienproduktionen"; ComReg drama numbers.
 */
const fictionalRanges: readonly RegExp[] = [
  /^\+1[2-9]\d{2}55501\d{2}$/,
  /^\+44(?:1632960|2079460|1[1-6][1-8]4960|1914980|2896496|2920180|7700900|8081570|9098790|3069990)\d{3}$/,
  /^\+33(?:19900|26191|35301|46571|53649|63998)\d{4}$/,
  /^\+61(?:[2378](?:5550|7010)\d{4}|491570(?:006|110|15[6-9]))$/,
  /^\+49(?:3023125|6990009|4066969|2214710|8999998)\d{3}$/,
  /^\+3532091\d{5}$/,
];

const reservedDomain = /(?:^|[.@])(?:example\.(?:com|net|org)|example|test|invalid)$/;

/**
 * Whether nobody can own a recipient: a number that no range is assigned to or that is kept for fiction, or an address
 * below a domain reserved for examples and tests (RFC 2606 §2, §3).
 */
export function belongsToNobody(recipient: Recipient): boolean {
  if (recipient.kind === 'email') return reservedDomain.test(recipient.value);
  const parsed = parsePhoneNumberFromString(recipient.value);
  return parsed?.isValid() !== true || fictionalRanges.some((range) => range.test(recipient.value));
}
