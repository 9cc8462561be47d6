import { expect, test } from 'vitest';
import { applicationIdOf, keyIdOfApplication, makeApiKey, pairOf, readApiKey, readKeyPair } from './api-key.ts';
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

test.each(['live', 'dev'])('a key made for %s is one of those that its halves can be of', (environment) => {
  const whole = makeApiKey(environment, id, 'ab'.repeat(32));
  const pair = pairOf(whole);
  expect(pair).toEqual({ key: id, secret: 'ab'.repeat(32) });
  const candidates = readKeyPair(pair);
  expect(candidates.map((candidate) => candidate.id)).toEqual([id, id]);
  expect(candidates.filter(({ hash }) => hash.equals(digest(whole)))).toHaveLength(1);
});

const noHalves: [sentence: string, key: string, secret: string][] = [
  ['a whole key for one half', key, 'ab'.repeat(32)],
  ['a key id too short', id.slice(1), 'ab'.repeat(32)],
  ['capital letters', id, 'AB'.repeat(32)],
  ['a secret with a line behind it', id, `${'ab'.repeat(32)}\n`],
  ['a secret too short', id, 'ab'.repeat(31)],
  ['nothing', '', ''],
  ['an underscore where none may be', `${id.slice(1)}_`, 'ab'.repeat(32)],
];

test.each(noHalves)('no key has halves such as %s', (_, half, secret) => {
  expect(readKeyPair({ key: half, secret })).toEqual([]);
});

test('the halves of something that is no key are a mistake of ours, and are not shown', () => {
  expect(() => pairOf(`${key}0`)).toThrow(/^the halves of something that is no API key$/);
});

test('an application id is 40 hexadecimal digits that lead back to the key id', () => {
  const applicationId = applicationIdOf(id);
  expect(applicationId).toMatch(/^0123456789abcdef[0-9a-f]{24}$/);
  expect(keyIdOfApplication(applicationId)).toBe(id);
  for (let at = 0; at < applicationId.length; at++) {
    const changed = applicationId.slice(0, at) + (applicationId[at] === 'a' ? 'b' : 'a') + applicationId.slice(at + 1);
    expect(keyIdOfApplication(changed)).toBeUndefined();
  }
  expect(keyIdOfApplication(applicationId.toUpperCase())).toBeUndefined();
  expect(keyIdOfApplication(`${applicationId}0`)).toBeUndefined();
});
