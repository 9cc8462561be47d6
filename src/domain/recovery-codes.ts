import { type Digest, digest, sameDigest } from './bytes.ts';
import type { KeyRings } from './keys.ts';
import { openedSecret, type SealedSecret, sealedSecret } from './sealed-secret.ts';

/**
 * The recovery codes of a user: single-use codes that stand in for a factor. They are sealed as one value that is never
 * written again; which of them are spent stands beside it.
 */
export interface RecoverySet {
  /** Raised by each new set; the sealed value is bound to tenant, user and version. */
  readonly version: number;
  /** `hashed`: SHA-256 of each code, so that they were shown once. `shown`: the codes, for a face that shows them again. */
  readonly form: RecoveryForm;
  readonly secret: SealedSecret;
  /** How many there were. */
  readonly count: number;
  /** A bit a code, in order: 1 when it was used. */
  readonly spent: number;
  readonly createdAtMs: number;
}

export type RecoveryForm = 'hashed' | 'shown';

/** Whose set it is. */
export interface RecoveryPlace {
  readonly tenantId: string;
  readonly userId: string;
}

const codesInSet = 10;
/** 32 letters of which none is taken for another: no i, l, o or u. */
const letters = '0123456789abcdefghjkmnpqrstvwxyz';
/** 120 bits, so that a fast hash suffices; 50 where the code is shown again and every guess is counted. */
const codeLetters = { hashed: 24, shown: 10 } as const satisfies Record<RecoveryForm, number>;
const longest = 64;

/** Random bytes that a set is made of: a byte a letter, of which five bits are used. */
export function recoveryBytes(form: RecoveryForm): number {
  return codesInSet * codeLetters[form];
}

/** Ten codes, in canonical form. @param hex - `recoveryBytes` fresh bytes in hexadecimal */
export function recoveryCodesFrom(hex: string, form: RecoveryForm): readonly string[] {
  const drawn = [...Buffer.from(hex, 'hex')].map((byte) => letters.charAt(byte & 31)).join('');
  const length = codeLetters[form];
  if (drawn.length !== codesInSet * length) throw new RangeError('not as many bytes as recovery codes need');
  return Array.from({ length: codesInSet }, (_, at) => drawn.slice(at * length, (at + 1) * length));
}

/** As people copy a code: in groups of four letters. */
export function groupedRecoveryCode(code: string): string {
  return code.replace(/.{4}(?=.)/g, '$&-');
}

/** @returns undefined for what cannot be a recovery code, spaces, hyphens and case passed over */
export function canonicalRecoveryCode(typed: string): string | undefined {
  if (typed.length > longest) return undefined;
  const code = typed.replace(/[ -]/g, '').toLowerCase();
  const possible = Object.values(codeLetters).some((length) => length === code.length);
  return possible && [...code].every((letter) => letters.includes(letter)) ? code : undefined;
}

/** A new set in the place of an older one. @param nonce - 12 fresh bytes */
export function newRecoverySet(
  codes: readonly string[],
  form: RecoveryForm,
  {
    place,
    older,
    keys,
    nonce,
    nowMs,
  }: {
    readonly place: RecoveryPlace;
    readonly older: RecoverySet | undefined;
    readonly keys: KeyRings;
    readonly nonce: Uint8Array;
    readonly nowMs: number;
  },
): RecoverySet {
  const version = (older?.version ?? 0) + 1;
  const kept = form === 'shown' ? codes : codes.map((code) => digest(code).toString('hex'));
  const secret = sealedSecret(Buffer.from(JSON.stringify(kept)), recoveryContext(place, version), keys, nonce);
  return { version, form, secret, count: codes.length, spent: 0, createdAtMs: nowMs };
}

/** What the sealed value of a set is bound to. */
export function recoveryContext({ tenantId, userId }: RecoveryPlace, version: number): readonly string[] {
  return ['recovery-codes', tenantId, userId, String(version)];
}

/**
 * The set without the code that was typed. All codes are compared, used ones as well, so that the time of the answer
 * does not tell which it was.
 * @param code - canonical
 * @returns undefined when no unused code is this one
 * @throws UnknownKey when the data ring lacks its key; Error when it was tampered with
 */
export function withoutRecoveryCode(
  set: RecoverySet,
  code: string,
  place: RecoveryPlace,
  keys: KeyRings,
): RecoverySet | undefined {
  const given = digest(code);
  let spent = set.spent;
  for (const [at, kept] of keptIn(set, place, keys).entries()) {
    const expected = set.form === 'shown' ? digest(kept) : (Buffer.from(kept, 'hex') as Digest);
    if (sameDigest(given, expected)) spent |= 1 << at;
  }
  return spent === set.spent ? undefined : { ...set, spent };
}

/** The codes that are left of a set that can be shown again; none of any other. Throws as `withoutRecoveryCode` does. */
export function shownRecoveryCodes(set: RecoverySet, place: RecoveryPlace, keys: KeyRings): readonly string[] {
  if (set.form !== 'shown') return [];
  return keptIn(set, place, keys).filter((_, at) => (set.spent & (1 << at)) === 0);
}

/** How many codes are left. */
export function recoveryCodesLeft({ count, spent }: Pick<RecoverySet, 'count' | 'spent'>): number {
  let left = count;
  for (let bits = spent; bits !== 0; bits &= bits - 1) left--;
  return left;
}

function keptIn({ secret, version }: RecoverySet, place: RecoveryPlace, keys: KeyRings): readonly string[] {
  return JSON.parse(openedSecret(secret, recoveryContext(place, version), keys).toString('utf8'));
}
