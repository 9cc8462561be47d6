import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Failures,
  fullWindow,
  oneMoreFailure,
  secondsUntil,
  userFailures,
  type Window,
  widened,
  withOneMore,
} from './limits.ts';

const tenMinutes: Window = { count: 5, seconds: 600 };
const aDay: Window = { count: 10, seconds: 86_400 };
const now = 1_000_000_000;
const ago = (...seconds: number[]) => seconds.map((s) => now - s * 1000);

const cases: [sentence: string, times: number[], full: { window: Window; retryAtMs: number } | undefined][] = [
  ['has room when nothing happened', [], undefined],
  ['has room for the fifth', ago(40, 30, 20, 10), undefined],
  ['has none for the sixth', ago(50, 40, 30, 20, 10), { window: tenMinutes, retryAtMs: now + 550_000 }],
  ['has room in the very millisecond the oldest falls out', ago(600, 40, 30, 20, 10), undefined],
  ['has none a millisecond before', [now - 599_999, ...ago(4, 3, 2, 1)], { window: tenMinutes, retryAtMs: now + 1 }],
  [
    'names the longer window when that one is full',
    ago(9000, 8000, 7000, 6000, 5000, 4000, 3000, 2000, 1000, 900),
    { window: aDay, retryAtMs: now + 86_400_000 - 9_000_000 },
  ],
  [
    'names the window that frees last when both are full',
    ago(9000, 8000, 7000, 6000, 5000, 5, 4, 3, 2, 1),
    { window: aDay, retryAtMs: now + 86_400_000 - 9_000_000 },
  ],
];

test.each(cases)('%s', (_, times, full) => {
  expect(fullWindow(times, [tenMinutes, aDay], now)).toEqual(full);
  expect(fullWindow(times, [aDay, tenMinutes], now)).toEqual(full);
});

test('admits exactly what the windows allow, counted by hand, and from the stated millisecond on', () => {
  const windows = fc.array(
    fc.record({ count: fc.integer({ min: 1, max: 6 }), seconds: fc.integer({ min: 1, max: 30 }) }),
    {
      minLength: 1,
      maxLength: 3,
    },
  );
  const gaps = fc.array(fc.integer({ min: 0, max: 5000 }), { maxLength: 60 });
  fc.assert(
    fc.property(windows, gaps, (limits, waits) => {
      const all: number[] = [];
      let kept: readonly number[] = [];
      let nowMs = now;
      const fits = (atMs: number) =>
        limits.every(({ count, seconds }) => all.filter((time) => time > atMs - seconds * 1000).length < count);
      for (const wait of waits) {
        nowMs += wait;
        const full = fullWindow(kept, limits, nowMs);
        expect(full === undefined).toBe(fits(nowMs));
        if (full === undefined) {
          all.push(nowMs);
          kept = withOneMore(kept, limits, nowMs);
        } else {
          expect([fits(full.retryAtMs - 1), fits(full.retryAtMs)]).toEqual([false, true]);
        }
      }
      expect(kept.length).toBeLessThanOrEqual(Math.max(...limits.map(({ count }) => count)));
    }),
  );
});

test.each([
  [1, 1],
  [1000, 1],
  [1001, 2],
  [0, 1],
  [-5000, 1],
])('%i ms ahead is %i whole seconds to wait, never none', (ms, seconds) => {
  expect(secondsUntil(now + ms, now)).toBe(seconds);
});

test('widens every window by its count alone', () => {
  expect(widened([tenMinutes, aDay], 20)).toEqual([
    { count: 100, seconds: 600 },
    { count: 200, seconds: 86_400 },
  ]);
});

const waits: [failures: number, seconds: number][] = [
  [1, 0],
  [9, 0],
  [10, 30],
  [11, 60],
  [12, 120],
  [16, 1920],
  [17, 3600],
  [99, 3600],
  [100, 86_400],
  [101, 86_400],
  [5000, 86_400],
];

test.each(waits)('after failure %i in a row the next check waits %i seconds', (failures, seconds) => {
  const before: Failures = { count: failures - 1, waitUntilMs: 0 };
  const waitUntilMs = seconds === 0 ? 0 : now + seconds * 1000;
  expect(oneMoreFailure(before, now)).toEqual({ count: failures, waitUntilMs });
});

const userWaits: [failures: number, seconds: number][] = [
  [1, 0],
  [4, 0],
  [5, 30],
  [6, 60],
  [7, 120],
  [11, 1920],
  [12, 3600],
  [99, 3600],
  [100, 3600],
  [5000, 3600],
];

test.each(userWaits)('after failure %i in a row of a user the next one waits %i seconds', (failures, seconds) => {
  const waitUntilMs = seconds === 0 ? 0 : now + seconds * 1000;
  expect(oneMoreFailure({ count: failures - 1, waitUntilMs: 0 }, now, userFailures)).toEqual({
    count: failures,
    waitUntilMs,
  });
});
