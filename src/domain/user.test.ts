import { expect, test } from 'vitest';
import { loginOf } from './user.ts';

test.each([
  [{ email: 'ada@example.org', password: 'hash' }, 'ada@example.org'],
  [{ email: 'ada@example.org', password: undefined }, undefined],
  [{ email: undefined, password: 'hash' }, undefined],
])('who has %o logs in as %s', (user, login) => {
  expect(loginOf(user)).toBe(login);
});
