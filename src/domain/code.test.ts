import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { digest, sameDigest } from './bytes.ts';
import {
  alphabets,
  type CodeAlphabet,
  type CodeSource,
  canonicalCode,
  codeOf,
  codeSpace,
  decoyDigest,
  expectedDigest,
  sealCode,
} from './code.ts';
import { type KeyRings, UnknownKey } from './keys.ts';

const dataKey = new Uint8Array(32).fill(6);
const rings: KeyRings = {
  pepper: { activeId: 'p1', keys: { p1: new Uint8Array(32).fill(5), p0: new Uint8Array(32).fill(4) } },
  data: { activeId: 'd1', keys: { d1: dataKey } },
  signing: { activeId: 's1', keys: {} },
};
const generated: CodeSource = {
  tenantId: 'tenant',
  verificationId: 'verification',
  generation: 1,
  keyId: 'p1',
  alphabet: 'digits',
  length: 6,
  salt: '000102030405060708090a0b0c0d0e0f',
};

/** The derivation once more, from its description. */
function derivedByHand({ tenantId, verificationId, generation, salt = '', length }: CodeSource): string {
  const mac = createHmac('sha256', rings.pepper.keys.p1 ?? new Uint8Array());
  for (const part of ['code', tenantId, verificationId, String(generation), salt]) {
    mac.update(Uint8Array.of(0, 0, 0, part.length)).update(part);
  }
  const wide = BigInt(`0x${mac.digest('hex').slice(0, 32)}`);
  return (wide % 10n ** BigInt(length)).toString().padStart(length, '0');
}

test('derives a code by HMAC from tenant, verification, generation and salt, leading zeros included', () => {
  const sources = Array.from({ length: 500 }, (_, index) => ({ ...generated, verificationId: `v${index}` }));
  const codes = sources.map((source) => codeOf(source, rings));
  expect(codes).toEqual(sources.map(derivedByHand));
  expect(codes.some((code) => code.startsWith('0'))).toBe(true);
});

const different: [what: string, source: CodeSource][] = [
  ['tenant', { ...generated, tenantId: 'other' }],
  ['verification', { ...generated, verificationId: 'other' }],
  ['generation', { ...generated, generation: 2 }],
  ['pepper', { ...generated, keyId: 'p0' }],
  ['salt', { ...generated, salt: '0f0e0d0c0b0a09080706050403020100' }],
];

test.each(different)('has another code for another %s', (_, source) => {
  const long = { alphabet: 'alphanumeric', length: 10 } as const;
  expect(codeOf({ ...source, ...long }, rings)).not.toBe(codeOf({ ...generated, ...long }, rings));
});

test('spells codes of the asked length in the asked alphabet, and the same code every time', () => {
  const form = fc.record({
    alphabet: fc.constantFrom<CodeAlphabet>('digits', 'letters', 'alphanumeric'),
    length: fc.integer({ min: 4, max: 10 }),
    generation: fc.nat(),
    verificationId: fc.uuid(),
  });
  fc.assert(
    fc.property(form, (given) => {
      const code = codeOf({ ...generated, ...given }, rings);
      expect(code).toHaveLength(given.length);
      expect([...code].every((letter) => alphabets[given.alphabet].includes(letter))).toBe(true);
      expect(canonicalCode(code)).toBe(code);
      expect(codeOf({ ...generated, ...given }, rings)).toBe(code);
    }),
  );
});

test('refuses to compute the code of an ended verification, whose salt is gone', () => {
  expect(() => codeOf({ ...generated, salt: undefined }, rings)).toThrow('ended');
});

test('fails closed when the ring lacks the key', () => {
  expect(() => codeOf({ ...generated, keyId: 'p9' }, rings)).toThrow(UnknownKey);
});

test('compares a code by its digest', () => {
  expect(sameDigest(expectedDigest(generated, rings), digest(codeOf(generated, rings)))).toBe(true);
});

test('has a decoy to compare with where there is no code, of the same size and of each verification its own', () => {
  const decoy = decoyDigest('tenant', 'verification', rings);
  expect(decoy).toHaveLength(32);
  expect(sameDigest(decoy, decoyDigest('tenant', 'other', rings))).toBe(false);
});

const sealedCode = sealCode('K7Q2ZX', generated, dataKey, new Uint8Array(12).fill(1));
const supplied: CodeSource = { ...generated, keyId: 'd1', salt: undefined, sealed: sealedCode };

test('gives a supplied code back to its own verification', () => {
  expect(codeOf(supplied, rings)).toBe('K7Q2ZX');
  expect(Buffer.from(sealedCode, 'base64').includes('K7Q2ZX')).toBe(false);
});

const swapped: [what: string, source: CodeSource][] = [
  ['tenant', { ...supplied, tenantId: 'other' }],
  ['verification', { ...supplied, verificationId: 'other' }],
  ['generation', { ...supplied, generation: 2 }],
];

test.each(swapped)('a sealed code moved to another %s cannot be opened', (_, source) => {
  expect(() => codeOf(source, rings)).toThrow();
});

test('counts the codes of a form', () => {
  expect(codeSpace('digits', 6)).toBe(1_000_000);
  expect(codeSpace('letters', 4)).toBe(24 ** 4);
  expect(codeSpace('alphanumeric', 10)).toBe(2 ** 50);
});

test('alphabets repeat no character, and the mixed ones have none that is mistaken for another', () => {
  expect(Object.values(alphabets).map((letters) => new Set(letters).size)).toEqual([10, 24, 32]);
  expect(Object.values(alphabets).map((letters) => letters.length)).toEqual([10, 24, 32]);
  expect(alphabets.letters).not.toMatch(/[IO]/);
  expect(alphabets.alphanumeric).not.toMatch(/[01IO]/);
});
