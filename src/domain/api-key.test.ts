import { expect, test } from 'vitest';
import { makeApiKey, readApiKey } from './api-key.ts';
import { digest } from './bytes.ts';

const id = '0123456789abcdef';
const key = makeApiKey('live', id, 'ab'.repeat(32));

test('makes a key that names itself, with the id it is looked up by and a checksum at the end', () => {
  expect(key).toMatch(/^cs_live_0123456789abcdef_(ab){32}[0-9a-f]{8}$/);
  expect(key.slice(-8)).toBe(digest(key.slice(0, -8)).toString('hex').slice(0, 8));
});

test('reads the id and the digest of the whole key', () => {
  const read = readApiKey(key);
  expect(read?.id).toBe(id);
  expect(read?.hash.equals(digest(key))).toBe(true);
});

test('a key changed in any one character has another digest or is no key', () => {
  for (let at = 0; at < key.length; at++) {
    const changed = key.slice(0, at) + (key.charAt(at) === 'a' ? 'b' : 'a') + key.slice(at + 1);
    expect(readApiKey(changed)?.hash.equals(digest(key)) ?? false).toBe(false);
  }
});

const refused: [sentence: string, text: string][] = [
  ['nothing', ''],
  ['another prefix', key.replace('cs_', 'sk_')],
  ['capital letters', key.toUpperCase()],
  ['a character too many', `${key}0`],
  ['a character too few', key.slice(0, -1)],
  ['space around it', ` ${key}`],
  ['a new line behind it', `${key}\n`],
  ['a megabyte', `cs_live_${'a'.repeat(2 ** 20)}`],
];

test.each(refused)('does not take for a key: %s', (_, text) => {
  expect(readApiKey(text)).toBeUndefined();
});
