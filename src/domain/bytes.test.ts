import { createHash, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { digest, hmac, sameDigest } from './bytes.ts';

const key = new Uint8Array(32).fill(7);

test('digests text and bytes alike, with SHA-256', () => {
  expect(digest('abc').toString('hex')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  expect(digest(Buffer.from('é')).equals(createHash('sha256').update('é').digest())).toBe(true);
});

test('digests of inputs of any length compare without throwing, and only equal inputs are equal', () => {
  const inputs = Array.from({ length: 65 }, (_, length) => new Uint8Array(length));
  for (const one of inputs) {
    for (const other of inputs) expect(sameDigest(digest(one), digest(other))).toBe(one === other);
  }
});

test('computes HMAC-SHA-256 over every part behind its length in four bytes', () => {
  const message = Buffer.concat([Buffer.from([0, 0, 0, 3]), Buffer.from('añ'), Buffer.from([0, 0, 0, 2, 9, 8])]);
  const expected = createHmac('sha256', key).update(message).digest();
  expect(hmac(key, 'añ', Uint8Array.of(9, 8)).equals(expected)).toBe(true);
});

test('agrees with the library about keys and messages of every length, long ones too', () => {
  const bytes = (maxLength: number) => fc.uint8Array({ maxLength });
  fc.assert(
    fc.property(bytes(64), bytes(2000), (anyKey, part) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(part.length);
      const expected = createHmac('sha256', anyKey).update(length).update(part).digest();
      return hmac(anyKey, part).equals(expected);
    }),
    {
      examples: [
        [new Uint8Array(32), new Uint8Array(956)],
        [new Uint8Array(64), new Uint8Array(957)],
      ],
    },
  );
  expect(() => hmac(new Uint8Array(65), 'a')).toThrow(RangeError);
});

test('never confuses two lists of parts, wherever one part ends and the next begins', () => {
  const part = fc.string({ unit: fc.constantFrom('a', 'b', '\u0000', 'é'), maxLength: 4 });
  const parts = fc.array(part, { maxLength: 4 });
  fc.assert(
    fc.property(parts, parts, (one, other) => {
      const same = JSON.stringify(one) === JSON.stringify(other);
      return sameDigest(hmac(key, ...one), hmac(key, ...other)) === same;
    }),
    {
      examples: [
        [
          ['ab', 'c'],
          ['a', 'bc'],
        ],
        [['a', ''], ['a']],
      ],
    },
  );
});
