import { keyOf } from '../domain/keys.ts';
import { maskedRecipient } from '../domain/masking.ts';
import { backoffAfter, type TryResult, worthSending } from '../domain/send.ts';
import { Bag } from './bag.ts';
import type { SettleSend } from './commands/settle-send.ts';
import type { Committer } from './committer.ts';
import type { Directory } from './directory.ts';
import { FairQueue } from './fair-queue.ts';
import type { KeySource } from './key-source.ts';
import type { Log } from './log.ts';
import type { Meter } from './meter.ts';
import type { Message, Provider } from './provider.ts';
import { ProviderCall } from './provider-call.ts';
import type { Random } from './random.ts';
import { rendered } from './rendered.ts';
import { isCurrent, type SendJob } from './send-job.ts';
import type { Store } from './store.ts';
import { Unavailable } from './unavailable.ts';

export interface DeliveryOptions {
  readonly store: Store;
  readonly committer: Committer;
  readonly keys: KeySource;
  readonly providers: ReadonlyMap<string, Provider>;
  readonly directory: Directory;
  readonly random: Random;
  readonly log: Log;
  readonly epoch: string;
  /** How long a provider may take. */
  readonly tryTimeoutMs?: number | undefined;
  /** What counts calls, and the clock that measures them. */
  readonly measured?: { readonly meter: Meter; readonly monotonicMs: () => number } | undefined;
}

/** Calls to providers under way at once, in this process. */
const parallelMax = 256;
/** Sends that this process takes upon itself; beyond it they are written for any process to claim. */
const localMax = 1000;
/** Those of one tenant, and up to where it claims: the rest is kept for whoever else comes. */
const sharedMax = 750;
const claimMax = 200;
const claimBatchesMax = 5;
const defaultTimeoutMs = 10_000;
const watchEveryMs = 100;
const recordRunsMax = 60;
const recordPauseMs = 1000;

/**
 * Carries sends to providers. A send comes in memory from the commit that wrote it; what nobody carries any more (a
 * retry, or the send of a process that died) is found by `claimDue`.
 */
export class Delivery {
  readonly #options: DeliveryOptions;
  readonly #deduplicating: readonly string[];
  readonly #queue = new FairQueue<SendJob>();
  /** Sends queued here or under way, by tenant. */
  readonly #local = new Map<string, number>();
  /** Sends under way. They are counted and not kept in a set: what is long gone would cling to its old tables. */
  #running = 0;
  #ended: (() => void)[] = [];
  readonly #calls = new Bag<ProviderCall>();
  #watch: NodeJS.Timeout | undefined;
  #closing = false;
  #held = false;

  constructor(options: DeliveryOptions) {
    this.#options = options;
    this.#deduplicating = [...options.providers.values()].filter((p) => p.deduplicates).map((p) => p.name);
  }

  /** This process's epoch while it can take more, else undefined: the send is then written for any process. */
  get epoch(): string | undefined {
    return this.total >= localMax || this.stopped ? undefined : this.#options.epoch;
  }

  /** The same for a send of one tenant, who may not take all the places. */
  epochFor(tenantId: string): string | undefined {
    return this.of(tenantId) >= sharedMax ? undefined : this.epoch;
  }

  /** Sends it has taken upon itself, and those of one tenant among them. */
  get total(): number {
    return this.#queue.size + this.#running;
  }

  of(tenantId: string): number {
    return this.#local.get(tenantId) ?? 0;
  }

  /** Calls to providers under way. */
  get running(): number {
    return this.#running;
  }

  /** Whether it begins nothing at present. */
  get stopped(): boolean {
    return this.#closing || this.#held;
  }

  /** Takes a send whose try is durable. */
  carry(job: SendJob): void {
    if (this.stopped) {
      // Where even this fails, the next start takes the send over.
      void this.#settle(job, { kind: 'stopped' }, 0).catch(() => undefined);
      return;
    }
    this.#count(job, 1);
    if (this.#running >= parallelMax) this.#queue.push(job.code.tenantId, job);
    else this.#start(job, job.outdated === true);
  }

  #count({ code: { tenantId } }: SendJob, change: 1 | -1): void {
    const count = this.of(tenantId) + change;
    if (count === 0) this.#local.delete(tenantId);
    else this.#local.set(tenantId, count);
  }

  /** Claims due sends that nobody owns, while there are any and room for them. @returns how many were looked at */
  async claimDue(): Promise<number> {
    let looked = 0;
    for (let batch = 0; batch < claimBatchesMax && this.#mayClaim; batch++) {
      const found = await this.#claimBatch();
      looked += found;
      if (found < claimMax) break;
    }
    return looked;
  }

  get held(): boolean {
    return this.#held;
  }

  /** Begins no call to a provider until `release`: an operator has stopped all sending. What waits goes back. */
  async hold(): Promise<void> {
    this.#held = true;
    await this.#handBack();
  }

  release(): void {
    this.#held = false;
  }

  get #mayClaim(): boolean {
    return !this.stopped && this.total < sharedMax;
  }

  async #claimBatch(): Promise<number> {
    const due = await this.#options.store.dueSends(claimMax);
    await Promise.all(
      due.map(async ({ tenantId, verificationId, number }) => {
        const { job } = await this.#options.committer.commit(
          {
            kind: 'claim-send',
            tenantId,
            key: { verificationId, number },
            epoch: this.#options.epoch,
            deduplicating: this.#deduplicating,
          },
          'record',
        );
        if (job !== undefined) this.carry(job);
      }),
    );
    return due.length;
  }

  /** Takes no more, hands back what has not begun, and waits for what is under way. */
  async close(): Promise<void> {
    this.#closing = true;
    await this.#handBack();
    if (this.#running > 0) await new Promise<void>((resolve) => this.#ended.push(resolve));
  }

  async #handBack(): Promise<void> {
    const notBegun = this.#queue.drain();
    for (const job of notBegun) this.#count(job, -1);
    await Promise.allSettled(notBegun.map((job) => this.#settle(job, { kind: 'stopped' }, 0)));
  }

  #start(job: SendJob, waited: boolean): void {
    this.#running++;
    void this.#run(job, waited);
  }

  async #run(job: SendJob, waited: boolean): Promise<void> {
    try {
      await this.#carry(job, waited);
    } catch (error) {
      const { verificationId } = job.code;
      const recipient = this.#masked(job);
      this.#options.log.error({ err: error, verificationId, recipient }, 'the outcome of a send could not be recorded');
    }
    this.#running--;
    this.#count(job, -1);
    const next = this.#queue.shift();
    if (next !== undefined) this.#start(next, true);
    else if (this.#running === 0) for (const told of this.#ended.splice(0)) told();
  }

  async #carry(job: SendJob, waited: boolean): Promise<void> {
    const { random, providers } = this.#options;
    const provider = providers.get(job.provider);
    // One that went straight on cannot have ended: its commit was answered in this very turn.
    const result = (waited ? await this.#refusalOf(job) : undefined) ?? (await this.#try(provider, job));
    this.#options.measured?.meter.sends.add([job.channel, job.provider, result.kind]);
    await this.#settle(job, result, backoffAfter(job.tries, random.fraction()));
  }

  #settle(job: SendJob, result: SettleSend['result'], backoffMs: number): Promise<void> {
    const { tenantId, verificationId } = job.code;
    const { number, tries, provider } = job;
    const deduplicates = this.#deduplicating.includes(provider);
    const { epoch } = this.#options;
    const key = { verificationId, number };
    return this.#record({ kind: 'settle-send', tenantId, key, epoch, tries, result, backoffMs, deduplicates });
  }

  /** What a provider accepted must not be forgotten: a store that cannot answer now is asked again, a few times. */
  async #record(settle: SettleSend): Promise<void> {
    for (let run = 1; run <= recordRunsMax; run++) {
      try {
        await this.#options.committer.commit(settle, 'record');
        return;
      } catch (error) {
        if (run === recordRunsMax || !(error instanceof Unavailable)) throw error;
        await new Promise((resolve) => setTimeout(resolve, recordPauseMs));
      }
    }
  }

  /** Why a message that had to wait is not sent after all. */
  async #refusalOf(job: SendJob): Promise<SettleSend['result'] | undefined> {
    const { store } = this.#options;
    const { tenantId, verificationId } = job.code;
    try {
      const current = await store.queries.verification(tenantId, verificationId);
      if (current === undefined || !isCurrent(job, current)) return { kind: 'ended' };
      return worthSending(current, store.clock().nowMs) ? undefined : { kind: 'ended' };
    } catch (error) {
      this.#options.log.warn({ err: error, verificationId }, 'a send could not be looked up; it is handed back');
      return { kind: 'stopped' };
    }
  }

  async #try(provider: Provider | undefined, job: SendJob): Promise<TryResult | { readonly kind: 'stopped' }> {
    if (provider === undefined) return { kind: 'refused', reason: 'unknown-provider' };
    const message = await this.#render(job).catch(() => undefined);
    if (message === undefined) return { kind: 'unavailable', reason: 'cannot-render' };
    if (this.#held) return { kind: 'stopped' };
    const call = new ProviderCall();
    this.#calls.add(call);
    this.#watchCalls();
    const { measured } = this.#options;
    const startedMs = measured?.monotonicMs() ?? 0;
    try {
      return await call.answer(provider.send(message, call));
    } catch (error) {
      const { verificationId } = job.code;
      const reason = call.expired ? 'timeout' : 'broken-connection';
      // The message of a provider's error may quote what it was given: only its name is fit for a log.
      const errorName = error instanceof Error ? error.name : 'unknown';
      const { provider } = job;
      const recipient = this.#masked(job);
      this.#options.log.warn(
        { verificationId, provider, recipient, reason, errorName },
        'the outcome of a try is unknown',
      );
      return { kind: 'unknown', reason };
    } finally {
      this.#calls.delete(call);
      measured?.meter.providerCall(job.provider, (measured.monotonicMs() - startedMs) / 1000);
    }
  }

  /** Ends calls that take too long. One timer for all of them, while there are any: most calls are short. */
  #watchCalls(): void {
    this.#watch ??= setTimeout(() => {
      this.#watch = undefined;
      const limitMs = this.#options.tryTimeoutMs ?? defaultTimeoutMs;
      for (const call of this.#calls.all()) call.expireAfter(limitMs, watchEveryMs);
      if (this.#calls.size > 0) this.#watchCalls();
    }, watchEveryMs);
  }

  #masked({ recipient }: SendJob): string {
    const rings = this.#options.keys.current();
    return maskedRecipient(recipient, keyOf(rings, 'pepper', rings.pepper.activeId));
  }

  async #render(job: SendJob): Promise<Message> {
    const { directory, keys, store } = this.#options;
    const service = await directory.service(job.code.tenantId, job.service);
    return rendered(job, service, keys.current(), store.clock().nowMs);
  }
}
