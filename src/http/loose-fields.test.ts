import { expect, test } from 'vitest';
import { EdgeRefusal } from './edge-error.ts';
import { fieldsOf, firstBroken, textOf, unreadable, wholeNumberRules, wholeOf, withoutNulls } from './loose-fields.ts';

const values: [value: unknown, text: string | undefined, whole: number | undefined][] = [
  ['a', 'a', undefined],
  ['', '', undefined],
  ['060', '060', 60],
  ['-1', '-1', -1],
  [60, '60', 60],
  [1.5, undefined, undefined],
  // Not every digit of it is known.
  [2 ** 60, undefined, 2 ** 60],
  [true, undefined, undefined],
  [null, undefined, undefined],
  [[1], undefined, undefined],
];

test.each(values)('%j is read as the text %j and the whole number %j', (value, text, whole) => {
  expect([textOf(value), wholeOf(value)]).toEqual([text, whole]);
});

test.each([undefined, null, 'text', 1, ['a']])('%j has no fields', (body) => {
  expect(fieldsOf(body)).toBeUndefined();
});

test('null is as good as absent', () => {
  expect(withoutNulls({ a: null, b: 0, c: '' })).toEqual({ b: 0, c: '' });
});

const rules = [...wholeNumberRules('ttl', [60, 1800], ['no-number', 'too-low', 'too-high'] as const)];
const broken: [ttl: unknown, code: string | undefined][] = [
  [undefined, undefined],
  [60, undefined],
  ['1800', undefined],
  [59, 'too-low'],
  [1801, 'too-high'],
  ['soon', 'no-number'],
];

test.each(broken)('of a number from 60 to 1800, %j breaks %s', (ttl, code) => {
  expect(firstBroken(rules, ttl === undefined ? {} : { ttl })).toBe(code);
});

test('of two rules that are broken, the first is the answer', () => {
  expect(firstBroken([['a', () => false] as const, ['b', () => true] as const, ['c', () => true] as const], {})).toBe(
    'b',
  );
});

test('a field that cannot be read is refused by its name', () => {
  const refusal = unreadable('ttl', 'must be a number');
  expect(refusal).toBeInstanceOf(EdgeRefusal);
  expect(refusal.edge).toEqual({ kind: 'invalid', field: 'ttl', remedy: 'must be a number' });
});
