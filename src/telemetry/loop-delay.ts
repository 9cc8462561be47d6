import { monitorEventLoopDelay } from 'node:perf_hooks';

const resolutionMs = 20;
const everyMs = 1000;
const secondsKept = 5;

/** How late the event loop was over the last five seconds, in milliseconds. */
export interface LoopDelay {
  readonly p50Ms: number;
  /** One bad second in five is passed over: the 99th percentile of five seconds leaves out a pause or two. */
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** Samples the event loop once a second; ends with `close`. */
export function watchLoopDelay(): LoopDelay & { close(): void } {
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs });
  histogram.enable();
  let seconds: readonly LoopDelay[] = [];
  let current: LoopDelay = summaryOf(seconds);
  // Each sample holds the time that the timer was to wait.
  const late = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - resolutionMs);
  const timer = setInterval(() => {
    const { max } = histogram;
    const second = { p50Ms: late(histogram.percentile(50)), p99Ms: late(histogram.percentile(99)), maxMs: late(max) };
    seconds = [...seconds.slice(1 - secondsKept), second];
    current = summaryOf(seconds);
    histogram.reset();
  }, everyMs).unref();
  return {
    get p50Ms() {
      return current.p50Ms;
    },
    get p99Ms() {
      return current.p99Ms;
    },
    get maxMs() {
      return current.maxMs;
    },
    close() {
      clearInterval(timer);
      histogram.disable();
    },
  };
}

/** @param seconds - the last ones, at most five */
export function summaryOf(seconds: readonly LoopDelay[]): LoopDelay {
  const sorted = (field: keyof LoopDelay) => seconds.map((second) => second[field]).sort((a, b) => b - a);
  const [, secondWorst = 0] = sorted('p99Ms');
  const medians = sorted('p50Ms');
  return {
    p50Ms: medians[Math.floor(medians.length / 2)] ?? 0,
    p99Ms: secondWorst,
    maxMs: sorted('maxMs')[0] ?? 0,
  };
}
