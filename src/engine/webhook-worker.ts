import { setTimeout as pause } from 'node:timers/promises';
import type { AttemptResult } from '../domain/webhook.ts';
import { callbackPrefix } from './announced.ts';
import type { ClaimDeliveryOutcome } from './commands/carry-delivery.ts';
import type { Committer } from './committer.ts';
import type { Log } from './log.ts';
import type { Meter } from './meter.ts';
import type { Random } from './random.ts';
import type { DueDelivery, Store } from './store.ts';
import { Unavailable } from './unavailable.ts';
import { WebhookLanes } from './webhook-lanes.ts';
import { type WordingOptions, wordedCall } from './webhook-message.ts';
import type { WebhookAnswer, WebhookTransport } from './webhook-transport.ts';

export interface WebhookWorkerOptions extends WordingOptions {
  readonly store: Store;
  readonly committer: Committer;
  readonly transport: WebhookTransport;
  readonly random: Random;
  readonly log: Log;
  readonly meter: Meter;
  readonly epoch: string;
}

type Claimed = Extract<ClaimDeliveryOutcome, { kind: 'claimed' }>;

/** Looks at destinations in one round: each passes by 500. */
const looksMax = 20;
const dueMax = 200;
const expiriesMax = 500;
const expiryRoundsMax = 20;
const recordRunsMax = 60;
const recordPauseMs = 1000;
/** How long calls under way are waited for at a stop. */
const closingMs = 1000;

/**
 * Tells receivers what happened. What is to be told stands in the store; a commit that wrote some of it wakes the worker,
 * and what is due later is found by a look every half second. A delivery is claimed before it is carried, so that what a
 * dead process had on its way is taken over.
 */
export class WebhookWorker {
  readonly #options: WebhookWorkerOptions;
  readonly #lanes = new WebhookLanes();
  readonly #running = new Set<Promise<void>>();
  readonly #stop = new AbortController();
  #round: Promise<void> | undefined;
  #again = false;
  /** A command of an operator without a server tells nothing: its commits wake nobody. */
  #started = false;
  #closing = false;
  /** The destination that the last look ended at: the next one goes on behind it. */
  #after = '';

  constructor(options: WebhookWorkerOptions) {
    this.#options = options;
  }

  /** Calls under way. */
  get running(): number {
    return this.#running.size;
  }

  /** Looks for what is due, now or right after the look that is under way. */
  wake(): void {
    if (this.#closing || !this.#started) return;
    this.#again = true;
    this.#round ??= this.#look()
      .catch((error: unknown) => {
        // Not at once: the next sweep does.
        this.#again = false;
        this.#options.log.error({ err: error, work: 'tell webhooks' }, 'due work failed; it is tried again');
      })
      .finally(() => {
        this.#round = undefined;
        if (this.#again) this.wake();
      });
  }

  /** Does what is due: wakes, and writes down what ran out. The first one starts the worker. */
  async sweep(): Promise<void> {
    this.#started = true;
    this.wake();
    for (let round = 0; round < expiryRoundsMax && !this.#closing; round++) {
      const due = await this.#options.store.queries.dueExpiries(expiriesMax);
      const { committer } = this.#options;
      await Promise.all(due.map((one) => committer.commit({ kind: 'expire', ...one }, 'record')));
      if (due.length < expiriesMax) break;
    }
  }

  /** Takes no more; calls under way are waited for a moment, then broken off and handed back. */
  async close(): Promise<void> {
    this.#closing = true;
    const patience = setTimeout(() => this.#stop.abort(), closingMs);
    await this.#round;
    await Promise.all(this.#running);
    clearTimeout(patience);
  }

  async #look(): Promise<void> {
    while (this.#again && !this.#closing) {
      this.#again = false;
      // From where the last look ended to the end, and once more from the beginning.
      for (
        let look = 0, turned = this.#after === '';
        look < looksMax && this.#lanes.hasRoom && !this.#closing;
        look++
      ) {
        const { due, next } = await this.#options.store.queries.dueDeliveries(this.#after, dueMax);
        await this.#claimAll(due);
        this.#after = next ?? '';
        if (next === undefined && turned) break;
        turned ||= next === undefined;
      }
    }
  }

  async #claimAll(due: readonly DueDelivery[]): Promise<void> {
    const mine = due.filter(({ destination }) => this.#lanes.enter(destination));
    const claims = await Promise.allSettled(mine.map((one) => this.#claim(one)));
    const failed = claims.find((claim) => claim.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  async #claim({ tenantId, ...key }: DueDelivery): Promise<void> {
    const { committer, epoch } = this.#options;
    let claimed: Claimed | undefined;
    try {
      const { outcome } = await committer.commit({ kind: 'claim-delivery', tenantId, key, epoch }, 'record');
      if (outcome.kind === 'claimed') claimed = outcome;
    } finally {
      if (claimed === undefined) this.#lanes.leave(key.destination);
    }
    if (claimed !== undefined) this.#start({ tenantId, ...key }, claimed);
  }

  #start(delivery: DueDelivery, claimed: Claimed): void {
    const { destination, verificationId } = delivery;
    const run = this.#carry(delivery, claimed)
      .catch((error: unknown) => {
        this.#options.log.error({ err: error, verificationId }, 'the outcome of a webhook could not be recorded');
      })
      .finally(() => {
        this.#running.delete(run);
        this.#lanes.leave(destination);
        this.wake();
      });
    this.#running.add(run);
  }

  async #carry({ tenantId, ...key }: DueDelivery, claimed: Claimed): Promise<void> {
    const { committer, epoch, random, meter } = this.#options;
    const result = await this.#attempt(claimed, key.verificationId);
    this.#lanes.learn(key.destination, result);
    const to = key.destination.startsWith(callbackPrefix) ? 'callback' : 'endpoint';
    meter.webhooks.add([to, 'reason' in result ? result.reason : result.kind]);
    const { attempts } = claimed;
    const jitter = random.fraction();
    for (let run = 1; run <= recordRunsMax; run++) {
      try {
        await committer.commit({ kind: 'settle-delivery', tenantId, key, epoch, attempts, result, jitter }, 'record');
        return;
      } catch (error) {
        if (run === recordRunsMax || this.#closing || !(error instanceof Unavailable)) throw error;
        await pause(recordPauseMs);
      }
    }
  }

  async #attempt(claimed: Claimed, verificationId: string): Promise<AttemptResult> {
    const { store, transport, log } = this.#options;
    try {
      const call = await wordedCall(claimed.event, claimed.endpoint, this.#options, store.clock().nowMs);
      if (call === undefined) return { kind: 'dropped', reason: 'nothing-to-tell' };
      const answer = await transport.post(call, this.#stop.signal);
      return this.#stop.signal.aborted && answer.kind === 'unanswered' ? { kind: 'stopped' } : resultOf(answer);
    } catch (error) {
      // What it says may hold parts of the event: only the name is fit for a log.
      const errorName = error instanceof Error ? error.name : 'unknown';
      log.error({ errorName, verificationId }, 'an event could not be put into words');
      return { kind: 'failed', reason: 'internal-error' };
    }
  }
}

/** What the answer of a receiver means: only 2xx is a success, and 410 the wish to hear no more. */
function resultOf(answer: WebhookAnswer): AttemptResult {
  if (answer.kind === 'unanswered') return { kind: 'failed', reason: answer.reason };
  const { status: httpStatus, retryAfterSeconds } = answer;
  if (httpStatus >= 200 && httpStatus < 300) return { kind: 'delivered', httpStatus };
  if (httpStatus === 410) return { kind: 'gone', httpStatus };
  const waits = httpStatus === 429 || httpStatus === 503 ? { retryAfterSeconds } : {};
  return { kind: 'failed', reason: 'refused', httpStatus, ...waits };
}
