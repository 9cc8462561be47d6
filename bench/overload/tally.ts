import { newHistogram, record } from '../histogram.ts';
import type { Response } from '../response.ts';
import type { Answers, MixResult, Second } from './mix.ts';

/** An answer, be it a refusal, is worth something for so long after its request was due. */
export const patienceMs = 1000;

export type Kind = 'creates' | 'checks';

const noAnswers = (): Answers => ({ asked: 0, skipped: 0, done: 0, shed: 0, limited: 0, odd: 0, unanswered: 0 });

/** Counts what becomes of requests. */
export class Tally {
  readonly #answers: Record<Kind, Answers> = { creates: noAnswers(), checks: noAnswers() };
  readonly #latencies = newHistogram();
  readonly #bySecond: Second[] = [];
  #inTime = 0;
  #firstOdd = '';

  asked(kind: Kind): void {
    this.#answers[kind].asked++;
  }

  /** Nobody was free for it while its answer would have been worth something. */
  skipped(kind: Kind): void {
    this.#answers[kind].asked++;
    this.#answers[kind].skipped++;
  }

  unanswered(kind: Kind, reason: string): void {
    this.#answers[kind].unanswered++;
    this.#firstOdd ||= reason;
  }

  /**
   * @param done - whether the answer is the one that is due
   * @param dueAfterMs - from the start of the job
   */
  answered(kind: Kind, { status, body }: Response, done: boolean, dueAfterMs: number, latencyMs: number): void {
    const outcome = done ? 'done' : status === 503 ? 'shed' : status === 429 ? 'limited' : 'odd';
    this.#answers[kind][outcome]++;
    if (outcome === 'odd') this.#firstOdd ||= `${status} ${body.slice(0, 200)}`;
    else if (latencyMs <= patienceMs) this.#inTime++;

    const second = this.#second(Math.floor(dueAfterMs / 1000));
    record(this.#latencies, latencyMs);
    record(second.latencies, latencyMs);
    if (!done) second.refused++;
  }

  #second(number: number): Second {
    while (this.#bySecond.length <= number) this.#bySecond.push({ latencies: newHistogram(), refused: 0 });
    return this.#bySecond[number] ?? { latencies: newHistogram(), refused: 0 };
  }

  result(elapsedMs: number, cpuMs: number): MixResult {
    const counted = { inTime: this.#inTime, firstOdd: this.#firstOdd, latencies: this.#latencies };
    return { ...this.#answers, ...counted, bySecond: this.#bySecond, elapsedMs, cpuMs };
  }
}
