import { expect, test } from 'vitest';
import { until } from '../../testing/until.ts';
import { summaryOf, watchLoopDelay } from './loop-delay.ts';

const second = (p99Ms: number) => ({ p50Ms: p99Ms / 10, p99Ms, maxMs: p99Ms * 2 });

test.each([
  ['nothing yet', [], 0, 0],
  ['one bad second', [1, 1, 900, 1, 1], 1, 1800],
  ['two bad seconds', [1, 700, 1, 900, 1], 700, 1800],
  ['the first second alone', [900], 0, 1800],
])('%s of five', (_, seconds, p99Ms, maxMs) => {
  expect(summaryOf(seconds.map(second))).toMatchObject({ p99Ms, maxMs });
});

test('sees an event loop that is held up, and that it no longer is', async () => {
  const delay = watchLoopDelay();
  try {
    const hold = (ms: number) => {
      const end = performance.now() + ms;
      while (performance.now() < end);
    };
    await until('the delay to be seen', () => {
      hold(250);
      return delay.p99Ms > 150 || undefined;
    });
    expect(delay.maxMs).toBeGreaterThan(150);
  } finally {
    delay.close();
  }
});
