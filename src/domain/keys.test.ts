import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { type KeyRings, keyOf, repeatedKeys, sampleKeyProblem, UnknownKey, withActiveKey, withoutKey } from './keys.ts';

const old = new Uint8Array(32).fill(1);
const current = new Uint8Array(32).fill(2);
const rings: KeyRings = {
  pepper: { activeId: 'k2', keys: { k1: old, k2: current } },
  data: { activeId: 'k2', keys: { k2: new Uint8Array(32).fill(3) } },
  signing: { activeId: 's1', keys: { s1: new Uint8Array(32).fill(4) } },
};

test('finds a key that is no longer the active one', () => {
  expect(keyOf(rings, 'pepper', 'k1')).toBe(old);
});

test.each(['k1', 'k3', '', '__proto__', 'constructor', 'toString'])('fails closed on the unknown key "%s"', (id) => {
  expect(() => keyOf(rings, 'data', id)).toThrow(UnknownKey);
});

test('a key that is added is the active one, and the older ones stay', () => {
  const added = withActiveKey(rings, 'pepper', 'k3', new Uint8Array(32).fill(9));
  expect(added.pepper.activeId).toBe('k3');
  expect(Object.keys(added.pepper.keys)).toEqual(['k1', 'k2', 'k3']);
  expect([added.data, added.signing]).toEqual([rings.data, rings.signing]);
  expect(Object.keys(rings.pepper.keys)).toEqual(['k1', 'k2']);
});

test('no key is put in the place of another', () => {
  expect(() => withActiveKey(rings, 'pepper', 'k1', current)).toThrow(/holds a key k1 already/);
});

test('a key is dropped by its id, and the active one cannot be', () => {
  expect(withoutKey(rings, 'pepper', 'k1').pepper).toEqual({ activeId: 'k2', keys: { k2: current } });
  expect(() => withoutKey(rings, 'pepper', 'k2')).toThrow(/active key of the pepper ring/);
});

const repeating = (part: Uint8Array) => Uint8Array.from({ length: 32 }, (_, at) => part[at % part.length] ?? 0);
const samples: [what: string, key: Uint8Array][] = [
  ['zeros', new Uint8Array(32)],
  ['equal bytes', new Uint8Array(32).fill(0xab)],
  ['counted bytes', Uint8Array.from({ length: 32 }, (_, at) => at)],
  ['bytes counted down, over zero', Uint8Array.from({ length: 32 }, (_, at) => 5 - 3 * at)],
  ['a repeated word', Buffer.from('changeme'.repeat(4))],
  ['a sentence', Buffer.from('this is a sample key, change it!')],
  ['the text of a shorter key in hexadecimal', Buffer.from(randomBytes(16).toString('hex'))],
  ['a short key repeated', repeating(Uint8Array.of(0xde, 0xad, 0xbe, 0xef))],
  ['half a key repeated', repeating(randomBytes(16))],
];

test.each(samples)('takes %s for a sample', (_, key) => {
  expect(key).toHaveLength(32);
  expect(sampleKeyProblem(key)).toMatch(/^is /);
});

test('takes no drawn key for a sample', () => {
  for (let drawn = 0; drawn < 2000; drawn++) expect(sampleKeyProblem(randomBytes(32))).toBeUndefined();
});

test('names the places of a key that stands in two, and none when each stands alone', () => {
  expect(repeatedKeys(rings)).toEqual([]);
  const twice = { ...rings, signing: { activeId: 's1', keys: { s1: old } } };
  expect(repeatedKeys(twice)).toEqual(['pepper k1', 'signing s1']);
});
