import type { Clock } from '../../engine/clock.ts';
import type { ClockState } from '../../engine/store.ts';

const noticeMs = 5000;
const confirmMs = 86_400_000;

/**
 * The store's time: never earlier than before, and never slower than the monotonic clock. A forward step of the wall
 * clock is followed, which may end codes early; a backward step changes nothing. A step of more than a day is not
 * followed, and is for an operator to confirm.
 */
export class StoreClock {
  readonly #clock: Clock;
  #valueMs: number;
  #wallMs: number;
  #readAtMs: number;
  #offsetMs: number;
  #confirmed = true;
  #steps = 0;

  /** @param floorMs - the highest time a former process stored: 0 for a new store */
  constructor(clock: Clock, floorMs: number) {
    this.#clock = clock;
    const wallMs = clock.wallMs();
    this.#wallMs = wallMs;
    this.#valueMs = Math.max(floorMs, wallMs);
    this.#readAtMs = clock.monotonicMs();
    this.#offsetMs = wallMs - this.#readAtMs;
    this.#confirmed = floorMs - wallMs <= confirmMs;
  }

  /** Whole milliseconds UTC. */
  nowMs(): number {
    const monotonicMs = this.#clock.monotonicMs();
    const wallMs = this.#clock.wallMs();
    const offsetMs = wallMs - monotonicMs;
    if (Math.abs(offsetMs - this.#offsetMs) > noticeMs) this.#notice(offsetMs);
    else this.#offsetMs = offsetMs;

    const elapsedMs = this.#valueMs + (monotonicMs - this.#readAtMs);
    this.#valueMs = this.#confirmed ? Math.max(elapsedMs, wallMs) : elapsedMs;
    this.#wallMs = this.#confirmed ? wallMs : this.#valueMs;
    this.#readAtMs = monotonicMs;
    return Math.floor(this.#valueMs);
  }

  /** The wall clock as it was at the last `nowMs`; that time itself while a step is still to be confirmed. */
  get wallMs(): number {
    return Math.floor(this.#wallMs);
  }

  state(): ClockState {
    return { nowMs: this.nowMs(), confirmed: this.#confirmed, steps: this.#steps };
  }

  #notice(offsetMs: number): void {
    this.#steps++;
    if (Math.abs(offsetMs - this.#offsetMs) > confirmMs) this.#confirmed = false;
    this.#offsetMs = offsetMs;
  }
}
