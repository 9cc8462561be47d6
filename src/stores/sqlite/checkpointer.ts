import { Worker } from 'node:worker_threads';
import { threadFile } from './thread-file.ts';

export interface CheckpointReply {
  /** Pages in the log, copied back or not. */
  readonly logPages: number;
}

const everyMs = 500;
/** Beyond so many pages (64 MiB) the writer copies the rest itself, so that the log begins anew. */
const logPagesMax = 32_768;

/**
 * Keeps the log short without the writer waiting for it: most of the copying happens on a thread of its own. Only
 * the little that was written meanwhile is left to the writer, and only when the log has grown long.
 */
export class Checkpointer {
  readonly #worker: Worker;
  readonly #written: () => number;
  readonly #finish: () => Promise<unknown>;
  #timer: NodeJS.Timeout | undefined;
  #writtenBefore = 0;
  #answer: ((reply: CheckpointReply) => void) | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  /**
   * @param written - counts commits: nothing is done while it stands still
   * @param finish - has the writer copy what is left
   */
  constructor(file: string, written: () => number, finish: () => Promise<unknown>) {
    this.#written = written;
    this.#finish = finish;
    this.#worker = new Worker(threadFile('checkpoint-thread'), { workerData: { file }, trackUnmanagedFds: false });
    this.#worker.on('message', (reply: CheckpointReply) => this.#answer?.(reply));
    // Without it the writer's own checkpoint, at a much longer log, takes over.
    this.#worker.on('error', () => void this.close());
    this.#worker.on('exit', () => this.#answer?.({ logPages: 0 }));
    this.#schedule();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    const ended = new Promise((resolve) => this.#worker.once('exit', resolve));
    this.#worker.postMessage('close');
    await ended;
  }

  /** Copies back what is there now, so that little of it is left to the writer. */
  async copyBack(): Promise<void> {
    if (!this.#closed) await this.#checkpoint();
  }

  #schedule(): void {
    if (this.#closed) return;
    this.#timer = setTimeout(() => {
      void this.#round().finally(() => this.#schedule());
    }, everyMs);
    this.#timer.unref();
  }

  async #round(): Promise<void> {
    const written = this.#written();
    if (written === this.#writtenBefore) return;
    this.#writtenBefore = written;
    const { logPages } = await this.#checkpoint();
    if (logPages < logPagesMax || this.#closed) return;
    // Once more: what the first one left took a while to write, what this one leaves took little.
    await this.#checkpoint();
    if (!this.#closed) await this.#finish().catch(() => undefined);
  }

  /** One at a time, each with its answer. */
  #checkpoint(): Promise<CheckpointReply> {
    const reply = this.#last.then(() => this.#ask());
    this.#last = reply;
    return reply;
  }

  #ask(): Promise<CheckpointReply> {
    return new Promise((resolve) => {
      if (this.#closed) return resolve({ logPages: 0 });
      this.#answer = resolve;
      this.#worker.postMessage('checkpoint');
    });
  }
}
