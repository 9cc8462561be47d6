/** Whether tests count as high as they ever do: set for the long run, too slow for every run. */
export const isLong = (process.env.COUNTERSIGN_TEST_LONG ?? '') !== '';

/** How high a test counts: `full` in the long run, else a tenth of it. */
export function scaled(full: number): number {
  return isLong ? full : Math.ceil(full / 10);
}
