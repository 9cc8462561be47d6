import { createRecentSlots } from './recent-slots.ts';

/** How much of something is let through for each key: `quota` in `windowSeconds`, evenly, after a first burst. */
export interface RatePolicy {
  /** Fixed in our code, never taken from input: each name has keys of its own, and stands in the answer's headers. */
  readonly name: string;
  readonly quota: number;
  readonly windowSeconds: number;
  /** Most that may be taken at once after a pause; `quota` when absent. */
  readonly burst?: number;
}

export type RateOutcome =
  | { readonly allowed: true; readonly remaining: number }
  | { readonly allowed: false; readonly retryAfterSeconds: number };

export interface RateTable {
  /**
   * Takes `cost` (1 when absent) if that much is there, else takes nothing.
   * @param key - canonical, so that every spelling of one thing meets one bucket
   * @throws RangeError when `cost` could never be allowed: a mistake in our code
   */
  take(key: string, policy: RatePolicy, cost?: number): RateOutcome;
  /** The same answer without taking: for limits that count only failures, taken once the failure is known. */
  peek(key: string, policy: RatePolicy, cost?: number): RateOutcome;
}

/** Most keys remembered at once over all policies; the least recently used goes first. */
export const rateTableKeys = 100_000;

/**
 * Token buckets in memory, for rates by the second whose loss at a restart does no harm; what must be exact over
 * processes is counted in the store.
 * @param nowMs - a clock that never steps back, such as `performance.now`
 */
export function createRateTable(nowMs: () => number, capacity = rateTableKeys): RateTable {
  const slots = createRecentSlots(capacity);
  const tokens = new Float64Array(capacity);
  const filledAtMs = new Float64Array(capacity);

  /** Brings a bucket up to date and returns its slot; an unknown key has a full one. */
  function refilled(key: string, policy: RatePolicy): number {
    const { slot, fresh } = slots.use(policy.name, key);
    const now = nowMs();
    const most = burstOf(policy);
    const grown = (tokens[slot] ?? 0) + (now - (filledAtMs[slot] ?? 0)) * perMs(policy);
    tokens[slot] = fresh ? most : Math.min(most, grown);
    filledAtMs[slot] = now;
    return slot;
  }

  function ask(key: string, policy: RatePolicy, cost: number, charge: boolean): RateOutcome {
    if (!(cost > 0 && cost <= burstOf(policy)))
      throw new RangeError(`no cost of ${cost} fits the policy ${policy.name}`);
    const slot = refilled(key, policy);
    const left = (tokens[slot] ?? 0) - cost;
    if (left < -ROUNDING) return { allowed: false, retryAfterSeconds: secondsFor(-left, policy) };
    if (charge) tokens[slot] = left;
    return { allowed: true, remaining: Math.floor(left + ROUNDING) };
  }

  return {
    take: (key, policy, cost = 1) => ask(key, policy, cost, true),
    peek: (key, policy, cost = 1) => ask(key, policy, cost, false),
  };
}

/**
 * The fields that tell a caller about a limit, `retry-after` with them when it was reached.
 * @see IETF draft "RateLimit header fields for HTTP", version 10
 */
export function rateLimitHeaders(policy: RatePolicy, outcome: RateOutcome): Record<string, string> {
  const stated = { 'ratelimit-policy': `"${policy.name}";q=${policy.quota};w=${policy.windowSeconds}` };
  if (outcome.allowed) return { ...stated, ratelimit: `"${policy.name}";r=${outcome.remaining}` };
  const seconds = outcome.retryAfterSeconds;
  return { ...stated, ratelimit: `"${policy.name}";r=0;t=${seconds}`, 'retry-after': String(seconds) };
}

/**
 * The same in the older form, which has no number of a standard; spelt as vendors' pages spell it.
 * @param resetSeconds - since 1970, once it is reached
 */
export function olderRateHeaders(limit: number, remaining: number, resetSeconds?: number): Record<string, string> {
  const left = { 'X-Rate-Limit-Limit': String(limit), 'X-Rate-Limit-Remaining': String(remaining) };
  return resetSeconds === undefined ? left : { ...left, 'X-Rate-Limit-Reset': String(resetSeconds) };
}

/** Refilling adds fractions; what is missing by less than this is there. */
const ROUNDING = 1e-6;

function burstOf({ burst, quota }: RatePolicy): number {
  return burst ?? quota;
}

function perMs({ quota, windowSeconds }: RatePolicy): number {
  return quota / (windowSeconds * 1000);
}

function secondsFor(missing: number, policy: RatePolicy): number {
  return Math.max(1, Math.ceil((missing - ROUNDING) / perMs(policy) / 1000));
}
