import { expect, test } from 'vitest';
import { type KeyRings, keyOf, UnknownKey } from './keys.ts';

const old = new Uint8Array(32).fill(1);
const current = new Uint8Array(32).fill(2);
const rings: KeyRings = {
  pepper: { activeId: 'k2', keys: { k1: old, k2: current } },
  data: { activeId: 'k2', keys: { k2: current } },
};

test('finds a key that is no longer the active one', () => {
  expect(keyOf(rings, 'pepper', 'k1')).toBe(old);
});

test.each(['k1', 'k3', '', '__proto__', 'constructor', 'toString'])('fails closed on the unknown key "%s"', (id) => {
  expect(() => keyOf(rings, 'data', id)).toThrow(UnknownKey);
});
