import { expect, test } from 'vitest';
import { type Figure, figuresText } from './figure.ts';

const figure: Figure = { name: 'a check', value: 1.2345, unit: 'ms', below: 2, over: '9 runs' };

const cases: [sentence: string, given: Partial<Figure>, line: RegExp][] = [
  ['stands beside its goal', {}, /^a check +1\.23 ms +< 2 ms +met +9 runs$/m],
  ['needs no unit', { unit: '' }, /^a check +1\.23 +< 2 +met/m],
  ['misses a goal that it just reaches', { value: 2 }, / 2 ms +< 2 ms +MISSED/],
  ['misses its goal when there was nothing to measure', { value: Number.NaN }, / NaN ms +< 2 ms +MISSED/],
];

test.each(cases)('a figure %s', (_, given, line) => {
  expect(figuresText([{ ...figure, ...given }])).toMatch(line);
});
