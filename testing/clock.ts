import { type Clock, type ClockSource, clockFrom } from '../src/engine/clock.ts';

/** The first of January 2026. */
export const startMs = Date.UTC(2026, 0, 1);

/** Time that passes only when a test says so; a thread that is given its source reads the same time. */
export interface VirtualClock extends Clock {
  readonly source: ClockSource;
  /** Time passes: both clocks go on. */
  advance(ms: number): void;
  /** Somebody sets the time of day: only the wall clock moves. */
  stepWall(ms: number): void;
}

export function virtualClock(wallMs = startMs): VirtualClock {
  const virtual = new SharedArrayBuffer(2 * Float64Array.BYTES_PER_ELEMENT);
  const cells = new Float64Array(virtual);
  cells.set([wallMs, 1000]);
  const move = (cell: number, ms: number) => {
    cells[cell] = (cells[cell] ?? 0) + ms;
  };
  return {
    ...clockFrom({ virtual }),
    source: { virtual },
    advance(ms) {
      move(0, ms);
      move(1, ms);
    },
    stepWall: (ms) => move(0, ms),
  };
}
