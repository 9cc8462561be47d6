import type { AttemptResult } from '../domain/webhook.ts';

/** Calls under way at once: all of them, those to one destination, and those to one that did not answer the last time. */
const parallelMax = 256;
const eachMax = 4;
const eachSilentMax = 1;
const silentMax = 10_000;

/** Keeps destinations apart: one that does not answer takes one of the places, and no more than a few when it does. */
export class WebhookLanes {
  readonly #running = new Map<string, number>();
  /** Those that did not answer the last time; the oldest is forgotten first. */
  readonly #silent = new Set<string>();
  #total = 0;

  get hasRoom(): boolean {
    return this.#total < parallelMax;
  }

  /** @returns whether there is a place; it has to be left again */
  enter(destination: string): boolean {
    const running = this.#running.get(destination) ?? 0;
    const most = this.#silent.has(destination) ? eachSilentMax : eachMax;
    if (!this.hasRoom || running >= most) return false;
    this.#running.set(destination, running + 1);
    this.#total++;
    return true;
  }

  leave(destination: string): void {
    const running = (this.#running.get(destination) ?? 0) - 1;
    if (running > 0) this.#running.set(destination, running);
    else this.#running.delete(destination);
    this.#total--;
  }

  learn(destination: string, result: AttemptResult): void {
    if (result.kind !== 'failed' || result.httpStatus !== undefined) {
      this.#silent.delete(destination);
      return;
    }
    this.#silent.add(destination);
    const [oldest] = this.#silent;
    if (this.#silent.size > silentMax && oldest !== undefined) this.#silent.delete(oldest);
  }
}
