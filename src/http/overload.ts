import type { Counter } from '../engine/meter.ts';
import { retrySeconds } from '../engine/send-backlog.ts';
import type { EdgeError } from './edge-error.ts';

/** How dear a request is when there is too much to do: creates go first, checks last, the operator's never. */
export type RouteUrgency = 'create' | 'read' | 'check' | 'operations';

/** Share of what the server bears at which each is turned away. */
const shares: Readonly<Record<RouteUrgency, number>> = {
  create: 0.5,
  read: 0.75,
  check: 1,
  operations: Number.POSITIVE_INFINITY,
};
const leastShare = Math.min(...Object.values(shares));

/** Event-loop delay at which checks are turned away; creates from half of it on, 200 ms. */
const delayMaxMs = 400;

export interface OverloadOptions {
  /** Requests being worked on at once. */
  readonly requestsMax: number;
  /** Event-loop delay, 99th percentile of the last seconds. */
  readonly delayMs: () => number;
  /** From 0 to below 1, for jitter. */
  readonly fraction: () => number;
  readonly shed: Counter<'urgency'>;
}

/**
 * Turns requests away before the server drowns in them. A request counts from when it was read whole and belongs to
 * somebody, so that nobody can fill the place with halves of requests.
 */
export class Overload {
  readonly #options: OverloadOptions;
  #working = 0;

  constructor(options: OverloadOptions) {
    this.#options = options;
  }

  get working(): number {
    return this.#working;
  }

  began(): void {
    this.#working++;
  }

  ended(): void {
    this.#working--;
  }

  /** Whether anybody is to be turned away: all that a request costs while there is room. */
  get isPressed(): boolean {
    return this.#pressure >= leastShare;
  }

  refusal(urgency: RouteUrgency): EdgeError | undefined {
    if (this.#pressure < shares[urgency]) return undefined;
    this.#options.shed.add([urgency]);
    return { kind: 'unavailable', reason: 'overloaded', retryAfterSeconds: retrySeconds(this.#options.fraction) };
  }

  get #pressure(): number {
    const { requestsMax, delayMs } = this.#options;
    return Math.max(this.#working / requestsMax, delayMs() / delayMaxMs);
  }
}
