import { type Digest, digest, hmac } from './bytes.ts';
import { type KeyRings, keyOf } from './keys.ts';
import { openSealed, resealed, seal } from './seal.ts';

/** Letters and digits that are mistaken for each other (0 and O, 1 and I) are left out of the mixed alphabets. */
export const alphabets = {
  digits: '0123456789',
  letters: 'ABCDEFGHJKLMNPQRSTUVWXYZ',
  alphanumeric: '23456789ABCDEFGHJKLMNPQRSTUVWXYZ',
} as const;
export type CodeAlphabet = keyof typeof alphabets;

/** What a code can be made of. `natural`: digits that do not begin with 0, as a number is written. */
export type CodeForm = CodeAlphabet | 'natural';

/** How many codes there are of this form. */
export function codeSpace(alphabet: CodeAlphabet, length: number): number {
  return alphabets[alphabet].length ** length;
}

/** What a verification's row holds of its code: enough to compute it with the key ring, and nothing without. */
export interface CodeSource {
  readonly tenantId: string;
  readonly verificationId: string;
  /** Raised by each new code, which kills the older one. */
  readonly generation: number;
  /** Names the pepper key of a derived code, the data key of a sealed one. */
  readonly keyId: string;
  readonly alphabet: CodeForm;
  readonly length: number;
  /** 16 random bytes in hexadecimal; erased when the verification ends. Absent when the caller supplied the code. */
  readonly salt?: string | undefined;
  /** The caller's own code, sealed, in base64; erased when the verification ends. */
  readonly sealed?: string | undefined;
}

/**
 * The code of a verification, in canonical form.
 *
 * A generated code is derived, as RFC 4226 §5.3 derives one from a counter: HMAC-SHA-256 under the pepper over
 * tenant, verification, generation and salt, of which 128 bits are reduced modulo alphabet^length (the bias is below
 * 2^-78). A code that the caller supplied is unsealed.
 * @throws UnknownKey when the ring lacks the key
 * @throws Error when the row was tampered with, or holds neither salt nor sealed code
 */
export function codeOf(source: CodeSource, rings: KeyRings): string {
  if (source.sealed !== undefined) {
    return openSealed(
      keyOf(rings, 'data', source.keyId),
      Buffer.from(source.sealed, 'base64'),
      sealContext(source),
    ).toString('utf8');
  }
  if (source.salt === undefined) throw new Error('the code of an ended verification was asked for');
  const { tenantId, verificationId, generation, alphabet, length, salt } = source;
  const key = keyOf(rings, 'pepper', source.keyId);
  const mac = hmac(key, 'code', tenantId, verificationId, String(generation), salt);
  const drawn = (mac.readBigUInt64BE(0) << 64n) | mac.readBigUInt64BE(8);
  return alphabet === 'natural' ? spellNatural(drawn, length) : spell(drawn, alphabets[alphabet], length);
}

/** Digest of the expected code, for comparison with the digest of the typed one. Throws as `codeOf` does. */
export function expectedDigest(source: CodeSource, rings: KeyRings): Digest {
  return digest(codeOf(source, rings));
}

/** Seals a code that the caller supplied, bound to its verification and generation. @param nonce - 12 fresh bytes */
export function sealCode(
  code: string,
  source: Pick<CodeSource, 'tenantId' | 'verificationId' | 'generation'>,
  key: Uint8Array,
  nonce: Uint8Array,
): string {
  return seal(key, nonce, Buffer.from(code, 'utf8'), sealContext(source)).toString('base64');
}

/**
 * A supplied code sealed anew under the active data key.
 * @param nonce - 12 fresh bytes
 * @throws UnknownKey when the ring lacks the key it is sealed under; Error when the row was tampered with
 */
export function resealedCode(
  source: Pick<CodeSource, 'tenantId' | 'verificationId' | 'generation' | 'keyId'> & { readonly sealed: string },
  rings: KeyRings,
  nonce: Uint8Array,
): Pick<CodeSource, 'keyId'> & { readonly sealed: string } {
  const keyId = rings.data.activeId;
  const [from, to] = [keyOf(rings, 'data', source.keyId), keyOf(rings, 'data', keyId)];
  const sealed = resealed(Buffer.from(source.sealed, 'base64'), from, to, sealContext(source), nonce);
  return { keyId, sealed: sealed.toString('base64') };
}

function sealContext(source: Pick<CodeSource, 'tenantId' | 'verificationId' | 'generation'>): readonly string[] {
  return ['verification', source.tenantId, source.verificationId, String(source.generation)];
}

function spell(value: bigint, alphabet: string, length: number): string {
  // alphabet^length stays below 2^53, so that after one wide reduction plain numbers carry on.
  let rest = Number(value % power(alphabet.length, length));
  let code = '';
  for (let place = 0; place < length; place++) {
    code = alphabet.charAt(rest % alphabet.length) + code;
    rest = Math.floor(rest / alphabet.length);
  }
  return code;
}

function spellNatural(value: bigint, length: number): string {
  const least = power(10, length - 1);
  return String(least + (value % (9n * least)));
}

/** Powers by base and exponent: computing one takes longer than all else that is done with it. */
const powers = new Map<number, bigint>();
const exponentsMax = 64;

function power(base: number, exponent: number): bigint {
  const known = powers.get(base * exponentsMax + exponent);
  if (known !== undefined) return known;
  const value = BigInt(base) ** BigInt(exponent);
  // Lengths of codes are few; nothing else is remembered.
  if (exponent < exponentsMax) powers.set(base * exponentsMax + exponent, value);
  return value;
}

const canonical = /^[0-9A-Z]{4,10}$/;

/**
 * The canonical form of a code somebody typed: ASCII spaces and hyphens dropped, letters in upper case.
 * @returns undefined when what is left is not 4 to 10 ASCII letters or digits
 */
export function canonicalCode(typed: string): string | undefined {
  // Longer text cannot be a code, even with every other character a space.
  if (typed.length > 64) return undefined;
  if (canonical.test(typed)) return typed;
  const code = typed.replace(/[ -]/g, '').replace(/[a-z]/g, (letter) => letter.toUpperCase());
  return canonical.test(code) ? code : undefined;
}

/** How closely a typed code must be spelt as it was sent. Without one, spaces and hyphens are passed over. */
export type CodeSpelling = 'exact' | 'any-case';

/** What a typed code is compared as. @returns undefined when, passing over spaces and hyphens, it cannot be a code */
export function typedCode(typed: string, spelling?: CodeSpelling): string | undefined {
  if (spelling === undefined) return canonicalCode(typed);
  return spelling === 'exact' ? typed : typed.toUpperCase();
}

/**
 * The same work as `expectedDigest` for a verification that is unknown or has ended, so that the time of an answer
 * does not tell which it was.
 */
export function decoyDigest(tenantId: string, verificationId: string, rings: KeyRings): Digest {
  const form = { generation: 1, keyId: rings.pepper.activeId, alphabet: 'digits', length: 6, salt: noSalt } as const;
  return expectedDigest({ tenantId, verificationId, ...form }, rings);
}

const noSalt = '0'.repeat(32);
