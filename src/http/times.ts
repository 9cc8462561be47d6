/* Times in answers are ISO 8601 in UTC, with milliseconds. */

const remembered = 1024;
/** Spelt seconds, each at its number modulo how many are remembered: `2026-03-01T09:30:00.`, and which second it is. */
const seconds = new Float64Array(remembered).fill(Number.NaN);
const spelt = new Array<string>(remembered).fill('');
const millis = Array.from({ length: 1000 }, (_, ms) => `${String(ms).padStart(3, '0')}Z`);

/**
 * Most answers hold three or four times, and most of those lie in the same few minutes: spelling the day and the second
 * costs ten times what looking them up does.
 * @param ms - whole milliseconds since 1970
 * @throws RangeError for a time that no date has
 */
export function iso(ms: number): string {
  const second = Math.floor(ms / 1000);
  const place = second & (remembered - 1);
  if (seconds[place] !== second) {
    spelt[place] = new Date(second * 1000).toISOString().slice(0, -4);
    seconds[place] = second;
  }
  return `${spelt[place]}${millis[ms - second * 1000]}`;
}

export function isoOrNull(ms: number | undefined): string | null {
  return ms === undefined ? null : iso(ms);
}
