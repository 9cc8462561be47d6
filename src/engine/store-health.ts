const silentMaxMs = 2000;
/** A failure counts for so long at most: without requests nothing else may come to show that it is over. */
const failureKeptMs = 30_000;

/** Whether the store keeps up with what it is given, told from its answers to commits. */
export class StoreHealth {
  readonly #monotonicMs: () => number;
  #underWay = 0;
  #lastWordMs = 0;
  #failedAtMs: number | undefined;

  constructor(monotonicMs: () => number) {
    this.#monotonicMs = monotonicMs;
  }

  /** A batch is on its way. */
  began(): void {
    if (this.#underWay === 0) this.#lastWordMs = this.#monotonicMs();
    this.#underWay++;
  }

  /** A batch was answered. @param committed - false when the store could not take it */
  answered(committed: boolean): void {
    this.#underWay--;
    this.#lastWordMs = this.#monotonicMs();
    this.#failedAtMs = committed ? undefined : this.#lastWordMs;
  }

  /** Something else was written, or could not be. It ends a failure or prolongs it, and begins none. */
  tried(written: boolean): void {
    if (this.#failedAtMs !== undefined) this.#failedAtMs = written ? undefined : this.#monotonicMs();
  }

  get failed(): boolean {
    return this.#failedAtMs !== undefined && this.#monotonicMs() - this.#failedAtMs < failureKeptMs;
  }

  /** The last commit was taken, and none has been waiting for two seconds. */
  get answers(): boolean {
    const silentMs = this.#underWay === 0 ? 0 : this.#monotonicMs() - this.#lastWordMs;
    return !this.failed && silentMs <= silentMaxMs;
  }
}
