/** Ranges of French mobile numbers that are valid throughout, by the three digits after +33. */
const PREFIXES = [...span(600, 629), ...span(640, 689), ...span(730, 799)];
/** A range is a number without its last three digits; guards against pumping count by it. */
const RANGES = PREFIXES.length * 1000;
const STRIDE = 7919;

export const MAX_INDEX = RANGES * 1000;

function* span(first: number, last: number): Generator<number> {
  for (let value = first; value <= last; value++) yield value;
}

/**
 * The nine digits after +33 of recipient number `index`: distinct for every index below `MAX_INDEX`, and spread so
 * that neighbours in time are neither neighbours in an index nor in a number range.
 */
export function nationalNumber(index: number): number {
  const range = (index * STRIDE) % RANGES;
  const prefix = PREFIXES[Math.floor(range / 1000)] ?? 600;
  const line = (Math.floor(index / RANGES) + range * 7) % 1000;
  return prefix * 1_000_000 + (range % 1000) * 1000 + line;
}

/** Recipient number `index` as E.164. */
export function recipientOf(index: number): string {
  return `+33${nationalNumber(index)}`;
}
