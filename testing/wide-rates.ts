import type { RatePolicy } from '../src/http/rate.ts';
import { defaultRates, type RateName } from '../src/http/rates.ts';

/** So wide that only a rate that a test sets itself is met. */
export const wide = Object.fromEntries(
  Object.keys(defaultRates).map((name) => [name, { name, quota: 1_000_000, windowSeconds: 1 }]),
) as Record<RateName, RatePolicy>;
