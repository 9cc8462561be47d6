import type { Backlog, Queries } from './store.ts';
import { Unavailable } from './unavailable.ts';

/** Messages queued at once, over all tenants and of one. */
const totalMax = 100_000;
const tenantMax = 10_000;
/** From here on the store is asked more often. */
const largeFrom = 1000;
const retryAfterSeconds = 10;

/** The tenant has so many messages waiting that no more are taken. */
export interface QueueFull {
  readonly kind: 'queue-full';
  readonly retryAfterSeconds: number;
}

/** What this process has taken upon itself. */
export interface Held {
  readonly total: number;
  of(tenantId: string): number;
}

/**
 * How many messages wait to be sent: what the store said last, what was written for any process since, and what this
 * process holds. An estimate, so that no create waits for it.
 */
export class SendBacklog {
  readonly #queries: Pick<Queries, 'backlog'>;
  readonly #held: Held;
  readonly #fraction: () => number;
  #stored: Backlog = { total: 0, byTenant: new Map() };
  #added = new Map<string, number>();
  #addedTotal = 0;

  constructor(queries: Pick<Queries, 'backlog'>, held: Held, fraction: () => number) {
    this.#queries = queries;
    this.#held = held;
    this.#fraction = fraction;
  }

  get total(): number {
    return this.#stored.total + this.#addedTotal + this.#held.total;
  }

  /** Whether it is worth asking the store often. */
  get isLarge(): boolean {
    return this.total >= largeFrom;
  }

  /**
   * Whether another message of this tenant is too much.
   * @throws Unavailable when it is too much for the server
   */
  refusal(tenantId: string): QueueFull | undefined {
    if (this.total >= totalMax) throw new Unavailable('overloaded', retrySeconds(this.#fraction));
    const { byTenant } = this.#stored;
    const own = (byTenant.get(tenantId) ?? 0) + (this.#added.get(tenantId) ?? 0) + this.#held.of(tenantId);
    return own >= tenantMax ? { kind: 'queue-full', retryAfterSeconds } : undefined;
  }

  /** A message is written for any process to carry. */
  added(tenantId: string): void {
    this.#added.set(tenantId, (this.#added.get(tenantId) ?? 0) + 1);
    this.#addedTotal++;
  }

  /** Asks the store. */
  async refresh(): Promise<void> {
    this.#stored = await this.#queries.backlog();
    this.#added = new Map();
    this.#addedTotal = 0;
  }
}

/** When to come back to a server that has too much to do: 1 to 5 s, so that not all come back at once. */
export function retrySeconds(fraction: () => number): number {
  return 1 + Math.floor(fraction() * 5);
}
