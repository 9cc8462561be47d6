import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nearest } from './nearest.ts';

const cases: [name: string, known: string[], meant: string | undefined][] = [
  ['lisen', ['listen', 'logLevel'], 'listen'],
  ['listne', ['logLevel', 'listen'], 'listen'],
  ['', ['aaa', 'b'], 'b'],
  ['anything', [], undefined],
  ['same', ['sane', 'same'], 'same'],
];

test.each(cases)('%j among %j means %j', (name, known, meant) => {
  expect(nearest(name, known)).toBe(meant);
});

test('is the name itself when that is known, whatever else is', () => {
  const names = fc.uniqueArray(fc.string({ maxLength: 12 }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(names, fc.nat(), (known, place) => {
      const name = known[place % known.length] ?? '';
      expect(nearest(name, known)).toBe(name);
    }),
  );
});

test('takes a very long name in its stride', () => {
  expect(nearest('x'.repeat(1_000_000), ['one', 'xxx'])).toBe('xxx');
});
