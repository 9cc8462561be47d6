import { isValidPhoneNumber } from 'libphonenumber-js/max';
import { expect, test } from 'vitest';
import { MAX_INDEX, recipientOf } from './recipients.ts';

const first = Array.from({ length: 200_000 }, (_, index) => recipientOf(index));

test('numbers are distinct, also far into a long run', () => {
  const far = Array.from({ length: 200_000 }, (_, index) => recipientOf(MAX_INDEX - 1 - index));
  expect(new Set([...first, ...far]).size).toBe(400_000);
});

test('numbers are valid French mobile numbers', () => {
  const sampled = Array.from({ length: 2000 }, (_, at) => recipientOf(Math.floor((at * MAX_INDEX) / 2000)));
  expect([...first.slice(0, 2000), ...sampled].filter((recipient) => !isValidPhoneNumber(recipient))).toEqual([]);
});

test('a range of a thousand numbers is met only once in the first hundred thousand', () => {
  const ranges = first.slice(0, 100_000).map((recipient) => recipient.slice(0, -3));
  expect(new Set(ranges).size).toBe(100_000);
});
