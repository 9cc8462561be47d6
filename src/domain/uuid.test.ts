import { expect, test } from 'vitest';
import { derivedUuid, isUuid } from './uuid.ts';

const id = '0192f0c1-7d3a-7000-8000-0123456789ab';

test('knows an id of ours', () => {
  expect(isUuid(id)).toBe(true);
});

test('makes the same id of the same parts, and another of others', () => {
  const made = derivedUuid('a', 'bc');
  expect(made).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(derivedUuid('a', 'bc')).toBe(made);
  expect(new Set([made, derivedUuid('ab', 'c'), derivedUuid('a', 'bd'), derivedUuid('abc')]).size).toBe(4);
});

const others: [sentence: string, text: string][] = [
  ['nothing', ''],
  ['capital letters', id.toUpperCase()],
  ['no hyphens', id.replaceAll('-', '')],
  ['one character too few', id.slice(1)],
  ['one character too many', `${id}0`],
  ['a line break at the end', `${id}\n`],
  ['something before it', ` ${id}`],
];

test.each(others)('takes %s for none', (_, text) => {
  expect(isUuid(text)).toBe(false);
});
