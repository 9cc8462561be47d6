/** Time as the machine tells it, milliseconds. Injected everywhere, so that tests can drive it. */
export interface Clock {
  /** The wall clock, which may step in either direction. */
  wallMs(): number;
  /** Since some fixed moment; never steps. */
  monotonicMs(): number;
}

/** Plain data that names a clock, so that a thread can read the same one. */
export type ClockSource = 'system' | { readonly virtual: SharedArrayBuffer };

const monotonicStart = process.hrtime.bigint();

const systemClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => Number(process.hrtime.bigint() - monotonicStart) / 1e6,
};

/** A virtual clock is two 64-bit floats in shared memory: wall and monotonic milliseconds. */
export function clockFrom(source: ClockSource): Clock {
  if (source === 'system') return systemClock;
  const cells = new Float64Array(source.virtual);
  return { wallMs: () => cells[0] ?? 0, monotonicMs: () => cells[1] ?? 0 };
}
