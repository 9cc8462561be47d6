import { EdgeRefusal } from './edge-error.ts';
import { createRateTable, type RatePolicy } from './rate.ts';

/** Rates by the second, per key, tenant, address or verification. What must be exact is counted in the store. */
export const defaultRates = {
  apiKey: { name: 'api-key', quota: 100, windowSeconds: 1 },
  creates: { name: 'tenant-creates', quota: 20, windowSeconds: 1, burst: 100 },
  checks: { name: 'tenant-checks', quota: 200, windowSeconds: 1 },
  statusReads: { name: 'status-reads', quota: 60, windowSeconds: 60 },
  keyIssues: { name: 'key-issues', quota: 5, windowSeconds: 60 },
  users: { name: 'user', quota: 20, windowSeconds: 1, burst: 100 },
  logins: { name: 'logins', quota: 10, windowSeconds: 60 },
  failedAuthentications: { name: 'failed-authentications', quota: 20, windowSeconds: 60 },
} as const satisfies Record<string, RatePolicy>;

export type RateName = keyof typeof defaultRates;

export interface RateLimiter {
  /** @throws EdgeRefusal when the rate is reached */
  take(name: RateName, key: string): void;
  /**
   * The same without taking, before work of which only a failure is taken: beyond the rate there is no more of it.
   * @throws EdgeRefusal when the rate is reached
   */
  admit(name: RateName, key: string): void;
  /** What is left of a rate, for vendors who say so in every answer; undefined where there is none. Takes nothing. */
  left(name: RateName, key: string): RateLeft | undefined;
}

export interface RateLeft {
  readonly quota: number;
  readonly remaining: number;
}

/** @param nowMs - a clock that never steps back */
export function createRateLimiter(rates: Readonly<Record<RateName, RatePolicy>>, nowMs: () => number): RateLimiter {
  const table = createRateTable(nowMs);
  const refuse = (policy: RatePolicy, outcome: ReturnType<typeof table.take>) => {
    if (outcome.allowed) return;
    throw new EdgeRefusal({ kind: 'rate-limited', retryAfterSeconds: outcome.retryAfterSeconds, policy });
  };
  return {
    take: (name, key) => refuse(rates[name], table.take(key, rates[name])),
    admit: (name, key) => refuse(rates[name], table.peek(key, rates[name])),
    left(name, key) {
      const outcome = table.peek(key, rates[name]);
      // As if one had been taken: that one is still there.
      return { quota: rates[name].quota, remaining: outcome.allowed ? outcome.remaining + 1 : 0 };
    },
  };
}

/** Development mode has no rates: nobody but the developer is there. */
export const noRates: RateLimiter = { take: () => undefined, admit: () => undefined, left: () => undefined };
