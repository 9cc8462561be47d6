export type UnavailableReason = 'overloaded' | 'outcome_unknown' | 'unknown_key' | 'store_unavailable';

/**
 * The machine cannot answer now. Answered 503 with `Retry-After` at the HTTP edge. With `outcome_unknown` the change
 * may or may not have happened; a retry with the same idempotency key settles it.
 */
export class Unavailable extends Error {
  readonly reason: UnavailableReason;
  readonly retryAfterSeconds: number;

  constructor(reason: UnavailableReason, retryAfterSeconds = 1) {
    super(`unavailable: ${reason}`);
    this.name = 'Unavailable';
    this.reason = reason;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
