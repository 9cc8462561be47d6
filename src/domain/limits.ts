/** At most `count` within any `seconds`. */
export interface Window {
  readonly count: number;
  readonly seconds: number;
}

/** Why something is refused now, and when it is no longer. */
export interface WindowFull {
  readonly window: Window;
  readonly retryAtMs: number;
}

/**
 * Whether one more fits into every window.
 * @param times - when earlier ones happened, ascending, milliseconds
 * @returns the fullest window (the one that frees last), or undefined when one more fits
 */
export function fullWindow(
  times: readonly number[],
  windows: readonly Window[],
  nowMs: number,
): WindowFull | undefined {
  let full: WindowFull | undefined;
  for (const window of windows) {
    // The one that must fall out of the window before another fits in.
    const oldest = times[times.length - window.count];
    if (oldest === undefined) continue;
    const retryAtMs = oldest + window.seconds * 1000;
    if (retryAtMs > nowMs && retryAtMs > (full?.retryAtMs ?? 0)) full = { window, retryAtMs };
  }
  return full;
}

/** Whole seconds to wait, as `Retry-After` wants them. */
export function secondsUntil(atMs: number, nowMs: number): number {
  return Math.max(1, Math.ceil((atMs - nowMs) / 1000));
}

/** The times with one more, without those that no window can see any longer. */
export function withOneMore(times: readonly number[], windows: readonly Window[], nowMs: number): number[] {
  const longest = Math.max(...windows.map((window) => window.seconds)) * 1000;
  const most = Math.max(...windows.map((window) => window.count));
  return [...times.filter((time) => time > nowMs - longest), nowMs].slice(-most);
}

/** The same windows, `factor` times as wide. */
export function widened(windows: readonly Window[], factor: number): Window[] {
  return windows.map(({ count, seconds }) => ({ count: count * factor, seconds }));
}

/** Limits that are counted in durable rows, exactly. */
export interface Limits {
  readonly recipientSends: readonly Window[];
  readonly addressCreates: readonly Window[];
}

export const defaultLimits: Limits = {
  recipientSends: [
    { count: 5, seconds: 600 },
    { count: 10, seconds: 86_400 },
  ],
  addressCreates: [
    { count: 10, seconds: 600 },
    { count: 30, seconds: 3600 },
  ],
};

/** Failed checks of one recipient, in a row, over all its verifications. */
export interface Failures {
  readonly count: number;
  /** No check is evaluated before this time. */
  readonly waitUntilMs: number;
}

const freeFailures = 9;
const lockFailures = 100;
const lockSeconds = 86_400;

/** One more wrong code: from the tenth on a wait of 30 s, doubling to an hour; at a hundred, a day. */
export function oneMoreFailure({ count }: Failures, nowMs: number): Failures {
  const next = count + 1;
  return { count: next, waitUntilMs: next > freeFailures ? nowMs + waitSeconds(next) * 1000 : 0 };
}

function waitSeconds(failures: number): number {
  if (failures >= lockFailures) return lockSeconds;
  return Math.min(30 * 2 ** (failures - freeFailures - 1), 3600);
}
