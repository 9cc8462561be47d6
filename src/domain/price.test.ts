import fc from 'fast-check';
import { expect, test } from 'vitest';
import { amountOf, microsOf, perPartMicros, priceTable } from './price.ts';

const table = priceTable('EUR', [
  { channel: 'sms', country: 'FR', perPartMicros: 45_000 },
  { channel: 'sms', country: '*', perPartMicros: 80_000 },
  { channel: 'voice', country: 'FR', perPartMicros: 0 },
]);

test.each([
  ['a country that is listed has its own price', 'sms', 'FR', 45_000],
  ['another one has that of all', 'sms', 'GB', 80_000],
  ['so has a number of no country', 'sms', undefined, 80_000],
  ['a price of nothing is a price', 'voice', 'FR', 0],
  ['a channel without a price for all has none elsewhere', 'voice', 'GB', undefined],
  ['a channel that is not listed has none', 'whatsapp', 'FR', undefined],
] as const)('%s', (_, channel, country, micros) => {
  expect(perPartMicros(table, { channel, country })).toBe(micros);
});

test.each([
  [0.045, 45_000],
  [0.000001, 1],
  [-12.5, -12_500_000],
  [0, 0],
  [999_999_999.999999, 999_999_999_999_999],
  [1_000_000_000, 1_000_000_000_000_000],
  [0.0000001, undefined],
  [1.0000005, undefined],
  [1_000_000_000.5, undefined],
  [Number.NaN, undefined],
  [Number.POSITIVE_INFINITY, undefined],
])('%s is %s millionths', (amount, micros) => {
  expect(microsOf(amount)).toBe(micros);
});

test('every number of millionths comes back from the amount that it is written as', () => {
  fc.assert(
    fc.property(fc.integer({ min: -1e15, max: 1e15 }), (micros) => {
      const written = Number.parseFloat(String(amountOf(micros)));
      return microsOf(written) === (micros === 0 ? 0 : micros);
    }),
  );
});
