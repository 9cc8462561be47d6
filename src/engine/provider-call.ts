import type { TryResult } from '../domain/send.ts';
import type { Bagged } from './bag.ts';

/** One call to a provider under way. What it costs beyond the call itself is paid only when it is used. */
export class ProviderCall implements Bagged {
  #controller: AbortController | undefined;
  #reject: ((error: Error) => void) | undefined;
  #ageMs = 0;
  expired = false;
  place = 0;

  /** Aborts when the call has taken too long; for whatever the provider waits for. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    return this.#controller.signal;
  }

  /** What the provider says, or a rejection when it takes too long, whether or not it listens to the signal. */
  answer(sent: Promise<TryResult>): Promise<TryResult> {
    return new Promise((resolve, reject) => {
      this.#reject = reject;
      sent.then(resolve, reject);
    });
  }

  /** Told that `passedMs` more went by. */
  expireAfter(limitMs: number, passedMs: number): void {
    this.#ageMs += passedMs;
    if (this.#ageMs < limitMs) return;
    this.expired = true;
    this.#controller?.abort();
    this.#reject?.(new Error('the provider took too long'));
  }
}
