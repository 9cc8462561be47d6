/** A latency histogram with buckets half a percent wide, from 1 µs to 100 s: cheap to add to, exact enough to read. */
const GROWTH = Math.log(1.005);
const BUCKETS = Math.ceil(Math.log(100_000_000) / GROWTH) + 1;

export function newHistogram(): Uint32Array {
  return new Uint32Array(BUCKETS);
}

/** Counts one latency; shorter than 1 µs counts as 1 µs, longer than 100 s as 100 s. */
export function record(histogram: Uint32Array, latencyMs: number): void {
  const bucket = Math.round(Math.log(Math.max(latencyMs * 1000, 1)) / GROWTH);
  const index = Math.min(bucket, BUCKETS - 1);
  histogram[index] = (histogram[index] ?? 0) + 1;
}

/**
 * The latency in milliseconds that `share` of the recorded ones do not exceed, to within half a percent.
 * @param share - 0.99 for the 99th percentile
 * @returns NaN for an empty histogram
 */
export function percentile(histogram: Uint32Array, share: number): number {
  const total = histogram.reduce((sum, count) => sum + count, 0);
  const rank = Math.max(1, Math.ceil(total * share));
  let seen = 0;
  for (let bucket = 0; bucket < histogram.length; bucket++) {
    seen += histogram[bucket] ?? 0;
    if (seen >= rank) return Math.exp(bucket * GROWTH) / 1000;
  }
  return Number.NaN;
}
