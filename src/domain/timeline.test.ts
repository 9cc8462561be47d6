import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Moment, moments, unpackTimeline, withMoment } from './timeline.ts';

const names = Object.keys(moments) as Moment[];

test('has a letter of its own for every moment', () => {
  expect(new Set(Object.values(moments)).size).toBe(names.length);
});

test('reads back every entry it packed, in order', () => {
  const entry = fc.record(
    { moment: fc.constantFrom(...names), atMs: fc.nat({ max: 2 ** 45 }), typedLength: fc.nat({ max: 64 }) },
    { requiredKeys: ['moment', 'atMs'] },
  );
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 20 }), (entries) => {
      const packed = entries.reduce(
        (text, { moment, atMs, typedLength }) => withMoment(text, moment, atMs, typedLength),
        '',
      );
      expect(unpackTimeline(packed)).toEqual(entries);
    }),
  );
});

test('reads what was packed before lengths were noted', () => {
  expect(unpackTimeline('cA0wB1.6vC2')).toEqual([
    { moment: 'created', atMs: 360 },
    { moment: 'wrong-code', atMs: 397, typedLength: 6 },
    { moment: 'verified', atMs: 434 },
  ]);
});

test('is empty when nothing has happened', () => {
  expect(unpackTimeline('')).toEqual([]);
});

test('refuses an entry that this version does not know', () => {
  expect(() => unpackTimeline(withMoment('z1A', 'created', 5))).toThrow('unknown timeline entry z');
});
