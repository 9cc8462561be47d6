import { expect, test } from 'vitest';
import { canonicalPassword, passwordProblem } from './password.ts';

const login = 'ada@example.com';

const cases: [sentence: string, password: string, fits: boolean][] = [
  ['seven characters are too few', 'abcdefg', false],
  ['eight are enough', 'abcdefgh', true],
  ['a character outside the first plane counts once', '🔑'.repeat(7), false],
  ['256 are accepted', 'x'.repeat(256), true],
  ['257 are too many', 'x'.repeat(257), false],
  ['the login is no password', login, false],
  ['nor is it in capital letters', login.toUpperCase(), false],
  ['spaces are characters as any other', '        ', true],
];

test.each(cases)('%s', (_, password, fits) => {
  expect(passwordProblem(password, login) === undefined).toBe(fits);
});

test('letters composed and decomposed are one password', () => {
  expect(canonicalPassword('e\u0301te\u0301 2026')).toBe(canonicalPassword('\u00e9t\u00e9 2026'));
});
