import fc from 'fast-check';
import { expect, test } from 'vitest';
import { iso, isoOrNull } from './times.ts';

test('spells every time as the language itself does, in whatever order they come', () => {
  const times = fc.integer({ min: -62_167_219_200_000, max: 253_402_300_799_999 });
  // A second of another time that is remembered at the same place.
  const near = fc
    .record({ ms: fc.nat({ max: 5000 }), laps: fc.nat({ max: 3 }) })
    .map(({ ms, laps }) => ms + laps * 1_024_000);
  fc.assert(
    fc.property(fc.array(fc.oneof(times, near)), (all) => all.every((ms) => iso(ms) === new Date(ms).toISOString())),
  );
});

test('has no time for what is not there, and refuses what no date has', () => {
  expect(isoOrNull(undefined)).toBeNull();
  expect(isoOrNull(0)).toBe('1970-01-01T00:00:00.000Z');
  for (const ms of [Number.NaN, Number.POSITIVE_INFINITY, 9e15]) expect(() => iso(ms)).toThrow(RangeError);
});
