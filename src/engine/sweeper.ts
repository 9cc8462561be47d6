import type { Delivery } from './delivery.ts';
import type { Log } from './log.ts';
import {
  defaultRetention,
  type PurgeReport,
  purge,
  type RetentionPeriods,
  type RetentionProgress,
} from './retention.ts';
import type { SendBacklog } from './send-backlog.ts';
import { StopSwitch } from './stop-switch.ts';
import type { MaintenanceJob, Store } from './store.ts';
import type { StoreHealth } from './store-health.ts';
import type { WebhookWorker } from './webhook-worker.ts';

const tickMs = 500;
const maintenanceEveryMs = 10_000;
const purgeFirstMs = 60_000;
const purgeEveryMs = 3_600_000;
const retryEveryMs = 2000;
const backlogEveryMs = 10_000;
const largeBacklogEveryMs = 2000;
const batchRows = 500;
/** Batches of one job in one round; what is left waits for the next. */
const batchesMax = 100;
const jobs: readonly MaintenanceJob[] = [
  { kind: 'erase-expired-codes' },
  { kind: 'purge-code-tags' },
  { kind: 'purge-idempotency' },
  { kind: 'purge-people' },
];

export interface SweeperOptions {
  /** How long what is kept. */
  readonly retention?: RetentionPeriods | undefined;
  /** Told whether the store can be written. */
  readonly health?: StoreHealth;
  /** Kept up to date. */
  readonly backlog?: SendBacklog;
  /** Told to look for what is due. */
  readonly webhooks?: Pick<WebhookWorker, 'sweep'>;
}

/**
 * Does what is due: looks at the stop switch and claims sends every half second, forgets what ran out every ten, and
 * every hour, beside the rest, what was kept long enough.
 */
export class Sweeper {
  readonly #store: Store;
  readonly #delivery: Delivery;
  readonly #log: Log;
  readonly #monotonicMs: () => number;
  readonly #stopSwitch: StopSwitch;
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> = Promise.resolve();
  readonly #watched: Omit<SweeperOptions, 'retention'>;
  #maintainAtMs = 0;
  #backlogAtMs = 0;
  #steps = 0;
  readonly #retention: RetentionPeriods;
  readonly #stop = new AbortController();
  #purgeAtMs: number;
  #purge: Promise<unknown> = Promise.resolve();

  constructor(
    store: Store,
    delivery: Delivery,
    log: Log,
    monotonicMs: () => number,
    { retention = defaultRetention, ...watched }: SweeperOptions = {},
  ) {
    this.#watched = watched;
    this.#monotonicMs = monotonicMs;
    this.#retention = retention;
    this.#purgeAtMs = monotonicMs() + purgeFirstMs;
    this.#store = store;
    this.#delivery = delivery;
    this.#log = log;
    this.#stopSwitch = new StopSwitch(store.queries, delivery, log);
  }

  /** Obeys the stop switch from now on: before anything can be sent, and as soon as it was turned. */
  async obeySwitch(): Promise<void> {
    await this.#stopSwitch.look();
  }

  start(): void {
    this.#timer = setTimeout(() => this.#tick(), 0);
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#stop.abort();
    await this.#round;
    await this.#purge;
  }

  /** Forgets at once what was kept long enough, after a purge that is under way. */
  purgeNow(progress?: RetentionProgress): Promise<PurgeReport> {
    const { signal } = this.#stop;
    const report = this.#purge.then(() => purge(this.#store, this.#retention, { progress, signal }));
    this.#purge = report.catch(() => undefined);
    return report;
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
    this.#round = this.#runRound();
    void this.#round.then(() => {
      // Closed meanwhile, it stays closed.
      if (this.#timer !== undefined) this.#timer = setTimeout(() => this.#tick(), tickMs);
    });
  }

  async #runRound(): Promise<void> {
    await this.#attempt('look at the clock', async () => this.#watchClock());
    await this.#attempt('look at the stop switch', () => this.#stopSwitch.look());
    await this.#attempt('claim due sends', () => this.#delivery.claimDue());
    await this.#attempt('tell webhooks', async () => this.#watched.webhooks?.sweep());
    await this.#lookAtBacklog();
    const nowMs = this.#monotonicMs();
    this.#startPurge(nowMs);
    if (nowMs < this.#maintainAtMs) return;
    // What it writes shows whether a store that failed is well again.
    this.#maintainAtMs = nowMs + (this.#watched.health?.failed ? retryEveryMs : maintenanceEveryMs);
    const done = await this.#attempt('maintain the store', () => this.maintain());
    this.#watched.health?.tried(done);
  }

  async #lookAtBacklog(): Promise<void> {
    const backlog = this.#watched.backlog;
    const nowMs = this.#monotonicMs();
    if (backlog === undefined || nowMs < this.#backlogAtMs) return;
    await this.#attempt('look at the backlog', () => backlog.refresh());
    this.#backlogAtMs = nowMs + (backlog.isLarge ? largeBacklogEveryMs : backlogEveryMs);
  }

  /** Not waited for: a long purge must not keep sends from being claimed. A time in doubt deletes nothing. */
  #startPurge(nowMs: number): void {
    if (nowMs < this.#purgeAtMs || !this.#store.clock().confirmed) return;
    this.#purgeAtMs = nowMs + purgeEveryMs;
    void this.#attempt('purge the store', async () => {
      const { rows, logTruncated } = await this.purgeNow();
      if (!logTruncated && !this.#stop.signal.aborted)
        this.#log.warn({ rows }, 'the log of the store could not be emptied after a purge');
    });
  }

  /** One kind of work that fails must not keep the others from being done. */
  async #attempt(work: string, run: () => Promise<unknown>): Promise<boolean> {
    try {
      await run();
      return true;
    } catch (error) {
      this.#log.error({ err: error, work }, 'due work failed; it is tried again');
      return false;
    }
  }

  #watchClock(): void {
    const { steps, confirmed } = this.#store.clock();
    if (steps > this.#steps)
      this.#log.warn({ steps, confirmed }, 'the time of day was stepped by more than five seconds');
    this.#steps = steps;
  }
}
