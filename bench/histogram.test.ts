import fc from 'fast-check';
import { expect, test } from 'vitest';
import { newHistogram, percentile, record } from './histogram.ts';

test('gives back a latency to within half a percent, from a microsecond to a hundred seconds', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.001, max: 100_000, noNaN: true }), (latencyMs) => {
      const histogram = newHistogram();
      record(histogram, latencyMs);
      return Math.abs(percentile(histogram, 0.5) / latencyMs - 1) < 0.005;
    }),
  );
});

test('finds the percentiles of a thousand latencies', () => {
  const histogram = newHistogram();
  for (let latencyMs = 1; latencyMs <= 1000; latencyMs++) record(histogram, latencyMs);
  expect(percentile(histogram, 0.5) / 500).toBeCloseTo(1, 2);
  expect(percentile(histogram, 0.99) / 990).toBeCloseTo(1, 2);
  expect(percentile(histogram, 1) / 1000).toBeCloseTo(1, 2);
});

test('knows no percentile of nothing', () => {
  expect(percentile(newHistogram(), 0.99)).toBeNaN();
});
