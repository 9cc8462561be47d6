import { expect, test } from 'vitest';
import { welchT } from './welch.ts';

const cases: [sentence: string, one: number[], other: number[], t: number][] = [
  // Means 3 and 6, variances 2.5 and 10: -3 / √(2.5/5 + 10/5).
  ['weighs the difference of means with both variances', [1, 2, 3, 4, 5], [2, 4, 6, 8, 10], -Math.sqrt(3.6)],
  // Means 1 and 6, variances 2 and 8/3: -5 / √(2/2 + (8/3)/4).
  ['divides each variance by its own count', [0, 2], [4, 6, 8, 6], -Math.sqrt(15)],
  ['has the sign of the difference', [2, 4, 6, 8, 10], [1, 2, 3, 4, 5], Math.sqrt(3.6)],
  ['is 0 for equal means', [1, 3], [0, 4], 0],
  ['is 0 for values that are all the same', [2, 2], [2, 2, 2], 0],
  ['has no end for constants that differ', [3, 3], [2, 2], Number.POSITIVE_INFINITY],
];

test.each(cases)("Welch's t %s", (_, one, other, t) => {
  expect(welchT(one, other)).toBeCloseTo(t, 12);
});

test.each([
  [[], [1, 2]],
  [[1, 2], [1]],
])("Welch's t refuses samples without a variance: %j and %j", (one, other) => {
  expect(() => welchT(one, other)).toThrow(RangeError);
});
