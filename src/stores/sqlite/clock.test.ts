import fc from 'fast-check';
import { expect, test } from 'vitest';
import { startMs, virtualClock } from '../../../testing/clock.ts';
import { StoreClock } from './clock.ts';

const day = 86_400_000;

test('never goes back, never stands still while time passes, and follows the time of day no further than a day', () => {
  const move = fc.record({
    passedMs: fc.nat({ max: 20_000 }),
    stepMs: fc.oneof(fc.constant(0), fc.integer({ min: -2 * day, max: 2 * day }), fc.integer({ min: -20, max: 20 })),
  });
  fc.assert(
    fc.property(fc.array(move, { maxLength: 40 }), (moves) => {
      const virtual = virtualClock();
      const clock = new StoreClock(virtual, 0);
      let lastMs = clock.nowMs();
      for (const { passedMs, stepMs } of moves) {
        virtual.advance(passedMs);
        virtual.stepWall(stepMs);
        const nowMs = clock.nowMs();
        const { confirmed } = clock.state();
        if (stepMs > day) expect(confirmed).toBe(false);
        expect(nowMs).toBe(confirmed ? Math.max(lastMs + passedMs, virtual.wallMs()) : lastMs + passedMs);
        lastMs = nowMs;
      }
    }),
  );
});

test('tells whole milliseconds', () => {
  const virtual = virtualClock(startMs + 0.25);
  const clock = new StoreClock(virtual, 0);
  virtual.advance(1.5);
  expect(clock.nowMs()).toBe(startMs + 1);
});

test('a time of day that drifts, a little each time, is followed without being called a step', () => {
  const virtual = virtualClock();
  const clock = new StoreClock(virtual, 0);
  for (let second = 0; second < 100; second++) {
    virtual.advance(1000);
    virtual.stepWall(1000);
    clock.nowMs();
  }
  expect(clock.state()).toEqual({ nowMs: startMs + 200_000, confirmed: true, steps: 0 });
});

test.each([
  [0, startMs, true],
  [startMs - day, startMs, true],
  [startMs + 5000, startMs + 5000, true],
  [startMs + day, startMs + day, true],
  [startMs + day + 1, startMs + day + 1, false],
])('begins at the stored floor of %i when that is later: at %i', (floorMs, nowMs, confirmed) => {
  expect(new StoreClock(virtualClock(), floorMs).state()).toEqual({ nowMs, confirmed, steps: 0 });
});

test('tells the time of day as well, wherever it is set, but for a step that is still to be confirmed', () => {
  const virtual = virtualClock();
  const clock = new StoreClock(virtual, 0);
  for (const [stepMs, seenMs] of [
    [7_200_000, 7_200_000],
    [-7_200_000, 0],
    [-3_600_000, -3_600_000],
    [3_600_000, 0],
  ] as const) {
    virtual.stepWall(stepMs);
    clock.nowMs();
    expect(clock.wallMs).toBe(startMs + seenMs);
  }
  virtual.stepWall(-2 * day);
  expect(clock.nowMs()).toBe(clock.wallMs);
});
