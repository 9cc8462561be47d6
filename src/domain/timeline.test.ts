import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Moment, moments, unpackTimeline, withMoment } from './timeline.ts';

const names = Object.keys(moments) as Moment[];

test('has a letter of its own for every moment', () => {
  expect(new Set(Object.values(moments)).size).toBe(names.length);
});

test('reads back every entry it packed, in order', () => {
  const entry = fc.record({ moment: fc.constantFrom(...names), atMs: fc.nat({ max: 2 ** 45 }) });
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 20 }), (entries) => {
      const packed = entries.reduce((text, { moment, atMs }) => withMoment(text, moment, atMs), '');
      expect(unpackTimeline(packed)).toEqual(entries);
    }),
  );
});

test('is empty when nothing has happened', () => {
  expect(unpackTimeline('')).toEqual([]);
});

test('refuses an entry that this version does not know', () => {
  expect(() => unpackTimeline(withMoment('z1A', 'created', 5))).toThrow('unknown timeline entry z');
});
