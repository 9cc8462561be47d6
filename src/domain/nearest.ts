/** No name of ours is longer; what is beyond is not compared. */
const lengthMax = 128;

/** The known name that takes the fewest changes of a letter to reach, for "did you mean …?"; undefined when none is known. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const short = name.slice(0, lengthMax);
  const distances = known.map((other) => ({ other, distance: distance(short, other.slice(0, lengthMax)) }));
  return distances.sort((one, two) => one.distance - two.distance)[0]?.other;
}

/** Levenshtein distance. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (one[i - 1] === other[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
