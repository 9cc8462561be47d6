import { Worker } from 'node:worker_threads';
import type { KeyRings } from '../../domain/keys.ts';
import type { ClockSource } from '../../engine/clock.ts';
import type { Command } from '../../engine/deciders.ts';
import type { ClockState, MaintenanceJob, StoreCounters } from '../../engine/store.ts';
import { Unavailable } from '../../engine/unavailable.ts';
import { threadFile } from './thread-file.ts';
import type { WriterOptions } from './writer.ts';

export type WriterCall = { readonly id: number } & WriterRequest;

type WriterRequest =
  | { readonly method: 'commitBatch'; readonly commands: readonly Command[] }
  | { readonly method: 'dueSends'; readonly limit: number }
  | { readonly method: 'maintain'; readonly job: MaintenanceJob; readonly limit: number }
  | { readonly method: 'useKeys'; readonly keys: KeyRings }
  | { readonly method: 'checkpoint' | 'truncateLog' }
  | { readonly method: 'close' };

/** `id` 0 is the first word of a thread that has opened its database. */
export type WriterReply =
  | {
      readonly id: number;
      readonly value: unknown;
      readonly clock: ClockState;
      readonly counters: StoreCounters;
      readonly floorMs: number;
    }
  | { readonly id: number; readonly error: string };

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** The other end of the writing thread: one message each way a call. */
export class WriterThread {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  readonly opened: Promise<unknown>;
  #lastId = 0;
  #closed = false;
  clock: ClockState = { nowMs: 0, confirmed: true, steps: 0 };
  counters: StoreCounters = { commits: 0, commands: 0 };
  /** The highest time that is durable in the database. */
  floorMs = 0;

  /** @param onDeath - told when the thread ends by itself: the store is of no use from then on */
  constructor(options: WriterOptions, clock: ClockSource, onDeath: (error: Error) => void) {
    this.#worker = new Worker(threadFile('writer-thread'), {
      workerData: { options, clock },
      resourceLimits: { maxYoungGenerationSizeMb: 96 },
    });
    this.opened = this.#expect(0);
    this.#worker.on('message', (reply: WriterReply) => this.#receive(reply));
    this.#worker.on('error', (error) => this.#die(error, onDeath));
    this.#worker.on('exit', () => this.#die(new Error('the writing thread ended'), onDeath));
  }

  call<T>(request: WriterRequest): Promise<T> {
    if (this.#closed) return Promise.reject(new Unavailable('store_unavailable'));
    const id = ++this.#lastId;
    try {
      this.#worker.postMessage({ ...request, id } satisfies WriterCall);
    } catch (error) {
      // What cannot be sent has not happened.
      return Promise.reject(error);
    }
    return this.#expect(id) as Promise<T>;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    const closing = this.call({ method: 'close' });
    this.#closed = true;
    await closing;
  }

  #expect(id: number): Promise<unknown> {
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  #receive(reply: WriterReply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if ('error' in reply) {
      waiting?.reject(new Error(reply.error));
      return;
    }
    this.clock = reply.clock;
    this.counters = reply.counters;
    this.floorMs = reply.floorMs;
    waiting?.resolve(reply.value);
  }

  #die(error: Error, onDeath: (error: Error) => void): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    // Of what was under way nobody knows whether it was committed; before it opened, the error is the answer.
    for (const [id, { reject }] of waiting) reject(id === 0 ? error : new Unavailable('outcome_unknown'));
    if (!this.#closed && !waiting.some(([id]) => id === 0)) onDeath(error);
    this.#closed = true;
  }
}
