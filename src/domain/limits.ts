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

/** Failed checks in a row: of one recipient over all its verifications, or of one user over all factors. */
export interface Failures {
  readonly count: number;
  /** No check is evaluated before this time. */
  readonly waitUntilMs: number;
}

export const noFailures: Failures = { count: 0, waitUntilMs: 0 };

/** From the failure after `free` of them on there is a wait of 30 s, doubling to an hour. */
export interface FailureRule {
  readonly free: number;
  /** From this failure on it is a day. */
  readonly lockAt?: number;
}

/** Of a recipient: guesses are bounded a verification already. */
export const recipientFailures: FailureRule = { free: 9, lockAt: 100 };
/** Of a user: codes of factors, recovery codes and passwords. */
export const userFailures: FailureRule = { free: 4 };

const lockSeconds = 86_400;

/** One more wrong code or password. */
export function oneMoreFailure({ count }: Failures, nowMs: number, rule = recipientFailures): Failures {
  const next = count + 1;
  return { count: next, waitUntilMs: next > rule.free ? nowMs + waitSeconds(next, rule) * 1000 : 0 };
}

function waitSeconds(failures: number, { free, lockAt = Number.POSITIVE_INFINITY }: FailureRule): number {
  if (failures >= lockAt) return lockSeconds;
  return Math.min(30 * 2 ** (failures - free - 1), 3600);
}
