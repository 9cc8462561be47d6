import { expect, test } from 'vitest';
import { digest } from './bytes.ts';
import { readSessionToken, sessionTokenOf } from './session-token.ts';

const id = '0192f000-0000-7000-8000-0000000000a1';
const token = sessionTokenOf(id, 'ab'.repeat(32));

test('a session token names its session and is known by its digest', () => {
  expect(readSessionToken(token)).toEqual({ id, hash: digest(token) });
});

const strangers: [what: string, text: string][] = [
  ['nothing', ''],
  ['one letter less', token.slice(0, -1)],
  ['one letter more', `${token}0`],
  ['upper case', token.toUpperCase()],
  ['a line end behind it', `${token}\n`],
  ['an API key', `cs_dev_${'0'.repeat(16)}_${'0'.repeat(72)}`],
];

test.each(strangers)('%s is no session token', (_, text) => {
  expect(readSessionToken(text)).toBeUndefined();
});
