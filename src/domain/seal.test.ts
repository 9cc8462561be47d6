import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openSealed, seal } from './seal.ts';

const key = new Uint8Array(32).fill(3);
const nonce = new Uint8Array(12).fill(4);
const context = ['verification', 'tenant', 'id', '1'];
const sealed = seal(key, nonce, Buffer.from('secret'), context);

test('opens what it sealed, whatever the bytes and the context', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), fc.array(fc.string(), { maxLength: 4 }), (plain, around) => {
      return openSealed(key, seal(key, nonce, plain, around), around).equals(plain);
    }),
  );
});

test('opens bytes that are a part of a larger buffer', () => {
  const around = Buffer.concat([Buffer.alloc(5, 1), sealed, Buffer.alloc(5, 1)]);
  expect(openSealed(key, around.subarray(5, 5 + sealed.length), context).toString()).toBe('secret');
});

test('does not show the plain text', () => {
  expect(sealed.includes('secret')).toBe(false);
});

const changed = sealed.map((byte, at) => (at === sealed.length - 1 ? byte ^ 1 : byte));
const refused: [sentence: string, open: () => unknown][] = [
  ['another key', () => openSealed(new Uint8Array(32).fill(9), sealed, context)],
  ['another context', () => openSealed(key, sealed, [...context.slice(0, 3), '2'])],
  ['a context cut elsewhere', () => openSealed(key, sealed, ['verification', 'tenan', 'tid', '1'])],
  ['a changed byte', () => openSealed(key, changed, context)],
  ['a cut tag', () => openSealed(key, sealed.subarray(0, -4), context)],
  ['nothing at all', () => openSealed(key, new Uint8Array(0), context)],
];

test.each(refused)('refuses %s', (_, open) => {
  expect(open).toThrow();
});
