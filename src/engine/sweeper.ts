import type { Delivery } from './delivery.ts';
import type { Log } from './log.ts';
import type { MaintenanceJob, Store } from './store.ts';

const tickMs = 500;
const maintenanceEveryMs = 10_000;
const batchRows = 500;
/** Batches of one job in one round; what is left waits for the next. */
const batchesMax = 100;
const jobs: readonly MaintenanceJob[] = ['erase-expired-codes', 'purge-idempotency'];

/** Does what is due: claims sends every half second, and forgets what ran out every ten. */
export class Sweeper {
  readonly #store: Store;
  readonly #delivery: Delivery;
  readonly #log: Log;
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> = Promise.resolve();
  #ticks = 0;
  #steps = 0;

  constructor(store: Store, delivery: Delivery, log: Log) {
    this.#store = store;
    this.#delivery = delivery;
    this.#log = log;
  }

  start(): void {
    this.#timer = setTimeout(() => this.#tick(), 0);
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#round;
  }

  /** Runs every maintenance job until nothing is left, or its share of this round is used up. */
  async maintain(): Promise<void> {
    for (const job of jobs) {
      for (let batch = 0; batch < batchesMax; batch++) {
        if ((await this.#store.maintain(job, batchRows)) < batchRows) break;
      }
    }
  }

  #tick(): void {
    this.#round = this.#runRound().catch((error: unknown) => {
      this.#log.error({ err: error }, 'a round of due work failed; it is tried again');
    });
    void this.#round.then(() => {
      // Closed meanwhile, it stays closed.
      if (this.#timer !== undefined) this.#timer = setTimeout(() => this.#tick(), tickMs);
    });
  }

  async #runRound(): Promise<void> {
    this.#watchClock();
    await this.#delivery.claimDue();
    if (this.#ticks++ % (maintenanceEveryMs / tickMs) === 0) await this.maintain();
  }

  #watchClock(): void {
    const { steps, confirmed } = this.#store.clock();
    if (steps > this.#steps)
      this.#log.warn({ steps, confirmed }, 'the time of day was stepped by more than five seconds');
    this.#steps = steps;
  }
}
