import { setImmediate as turn } from 'node:timers/promises';
import type { Command, OutcomeOf } from './deciders.ts';
import type { Log } from './log.ts';
import { createMeter, type Meter } from './meter.ts';
import type { Notice } from './notice.ts';
import { retrySeconds } from './send-backlog.ts';
import type { SendJob } from './send-job.ts';
import type { Committed, Store } from './store.ts';
import { StoreHealth } from './store-health.ts';
import { Unavailable } from './unavailable.ts';

/** How dear a command is when there is too much to do: creates are shed first, then changes, checks last. */
export type Urgency = 'create' | 'change' | 'check' | 'record';

/** Share of the waiting room that each may fill; what already happened is always recorded. */
const roomShare: Record<Urgency, number> = { create: 0.5, change: 0.75, check: 1, record: Number.POSITIVE_INFINITY };

const waitingMax = 2000;
const predictedWaitMaxMs = 250;
/** One batch that stood still for long says little about the next ones. */
const batchMsMax = 10_000;

interface Waiting {
  readonly command: Command;
  readonly resolve: (done: { outcome: { readonly kind: string }; job?: SendJob | undefined }) => void;
  readonly reject: (error: Error) => void;
}

interface Watched {
  readonly meter: Meter;
  readonly fraction: () => number;
  /** Told after a commit that wrote something for webhooks. */
  readonly onTells?: (() => void) | undefined;
}

/**
 * Gathers the commands that arrive while a commit is under way, and hands them to the store as the next batch. It
 * keeps time by itself: a batch leaves as soon as one may, so that nobody waits for a timer and one fsync serves all
 * that came meanwhile.
 */
export class Committer {
  readonly #store: Store;
  readonly #log: Log;
  readonly #monotonicMs: () => number;
  readonly #meter: Meter;
  readonly #fraction: () => number;
  readonly #onTells: () => void;
  /** What the answers to its batches say of the store. */
  readonly health: StoreHealth;
  #waiting: Waiting[] = [];
  readonly #batches = new Set<Promise<void>>();
  #scheduled = false;
  /** Moving average of what a batch takes. While batches are small it promises too much; full ones correct it. */
  #msPerBatch = 0;

  /** @param watched - what counts, and where jitter comes from */
  constructor(
    store: Store,
    log: Log,
    monotonicMs: () => number,
    watched: Watched = { meter: createMeter(), fraction: () => 0 },
  ) {
    this.#store = store;
    this.#log = log;
    this.#monotonicMs = monotonicMs;
    this.#meter = watched.meter;
    this.#fraction = watched.fraction;
    this.#onTells = watched.onTells ?? (() => undefined);
    this.health = new StoreHealth(monotonicMs);
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * Resolves once the change is durable.
   * @throws Unavailable when there is too much to do, the store cannot answer, or nobody knows the outcome
   * @throws Error when the command's rule failed: a mistake of ours
   */
  commit<C extends Command>(
    command: C,
    urgency: Urgency,
  ): Promise<{ readonly outcome: OutcomeOf<C>; readonly job?: SendJob | undefined }> {
    if (this.#isFull(urgency)) return Promise.reject(this.#shed(command, urgency));
    const done = new Promise<{ outcome: { readonly kind: string }; job?: SendJob | undefined }>((resolve, reject) => {
      this.#waiting.push({ command, resolve, reject });
    });
    this.#schedule();
    return done as Promise<{ outcome: OutcomeOf<C>; job?: SendJob | undefined }>;
  }

  /** Resolves once every command that had come by now is answered. */
  async settled(): Promise<void> {
    const last = this.#waiting.at(-1);
    // They leave in the order in which they came.
    while (last !== undefined && this.#waiting.includes(last)) await (this.#anyBatch() ?? turn());
    await Promise.all(this.#batches);
  }

  #anyBatch(): Promise<void> | undefined {
    return this.#batches.size === 0 ? undefined : Promise.race(this.#batches);
  }

  #isFull(urgency: Urgency): boolean {
    const share = roomShare[urgency];
    const waiting = this.#waiting.length;
    const predictedMs = (waiting / this.#store.batchSizeMax) * this.#msPerBatch;
    return waiting >= waitingMax * share || predictedMs > predictedWaitMaxMs * share;
  }

  #shed(command: Command, urgency: Urgency): Unavailable {
    this.#meter.shed.add([urgency]);
    this.#meter.commands.add([command.kind, 'unavailable:overloaded']);
    return new Unavailable('overloaded', retrySeconds(this.#fraction));
  }

  #schedule(): void {
    if (this.#scheduled || this.#batches.size >= this.#store.batchesInFlight) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#waiting.length === 0 || this.#batches.size >= this.#store.batchesInFlight) return;
    const batch = this.#waiting.splice(0, this.#store.batchSizeMax);
    const startedMs = this.#monotonicMs();
    this.health.began();
    this.#meter.commitCommands.observe(batch.length);
    const run: Promise<void> = this.#store.commitBatch(batch.map(({ command }) => command)).then(
      (results) => {
        this.health.answered(!results.some(isStoreFailure));
        // The next batch leaves first: the store works on it while the answers of this one are written.
        this.#finish(run, startedMs);
        this.#answer(batch, results);
      },
      (error: unknown) => {
        this.health.answered(false);
        this.#finish(run, startedMs);
        this.#fail(batch, error);
      },
    );
    this.#batches.add(run);
  }

  #finish(run: Promise<void>, startedMs: number): void {
    this.#batches.delete(run);
    const tookMs = Math.min(this.#monotonicMs() - startedMs, batchMsMax);
    this.#meter.commitSeconds.observe(tookMs / 1000);
    this.#msPerBatch = this.#msPerBatch * 0.9 + tookMs * 0.1;
    this.#flush();
  }

  #answer(batch: readonly Waiting[], results: readonly Committed[]): void {
    this.#logUnavailable(results);
    let tells = false;
    for (const [index, { command, resolve, reject }] of batch.entries()) {
      const result = results[index];
      this.#meter.commands.add([command.kind, countedAs(result)]);
      if (result?.kind === 'done') {
        if (result.notice !== undefined) this.#note(result.notice);
        tells ||= result.tells === true;
        resolve(result);
      } else if (result?.kind === 'unavailable') reject(new Unavailable(result.reason));
      else {
        this.#log.error({ command: command.kind, fault: result?.detail }, 'a command failed');
        reject(new Error(`the command ${command.kind} failed`));
      }
    }
    if (tells) this.#onTells();
  }

  #note({ kind, tenantId }: Notice): void {
    this.#meter.notices.add([kind]);
    this.#log.warn({ notice: kind, tenantId }, 'something for an operator to hear of');
  }

  /** Says once a batch what an operator has to mend, such as a full disk. */
  #logUnavailable(results: readonly Committed[]): void {
    const unavailable = results.filter((result) => result.kind === 'unavailable');
    if (unavailable.length === 0) return;
    const reasons = [...new Set(unavailable.map(({ reason }) => reason))];
    this.#log.error({ reasons, commands: unavailable.length }, 'the store could not answer');
  }

  #fail(batch: readonly Waiting[], error: unknown): void {
    this.#log.error({ fault: String(error) }, 'a batch failed');
    const unavailable = error instanceof Unavailable ? error : new Unavailable('outcome_unknown');
    for (const { command, reject } of batch) {
      this.#meter.commands.add([command.kind, `unavailable:${unavailable.reason}`]);
      reject(unavailable);
    }
  }
}

/** A key that is missing says nothing of the store. */
function isStoreFailure(result: Committed): boolean {
  return (
    result.kind === 'unavailable' && (result.reason === 'store_unavailable' || result.reason === 'outcome_unknown')
  );
}

function countedAs(result: Committed | undefined): string {
  if (result?.kind === 'done') return result.outcome.kind;
  return result?.kind === 'unavailable' ? `unavailable:${result.reason}` : 'fault';
}
