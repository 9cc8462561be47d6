import { expect, test } from 'vitest';
import { isLong } from '../../testing/scale.ts';
import { alphabets, type CodeAlphabet, codeOf } from './code.ts';

/*
 * Chi-square against even shares. The bounds are those of a million codes and hold for any number of them: the
 * statistic does not grow with the sample. Pepper and salts are fixed, so that a run repeats itself.
 */
const withinMs = 120_000;
const count = isLong ? 1_000_000 : 100_000;
const rings = {
  pepper: { activeId: 'p1', keys: { p1: new Uint8Array(32).fill(0x5a) } },
  data: { activeId: 'd1', keys: {} },
  signing: { activeId: 's1', keys: {} },
};

function* codes(alphabet: CodeAlphabet): Generator<string> {
  const form = { tenantId: 't', verificationId: 'v', generation: 1, keyId: 'p1', alphabet, length: 6 };
  for (let index = 0; index < count; index++) {
    yield codeOf({ ...form, salt: index.toString(16).padStart(32, '0') }, rings);
  }
}

function chiSquare(seen: readonly number[]): number {
  const even = count / seen.length;
  return seen.reduce((sum, times) => sum + (times - even) ** 2 / even, 0);
}

function tally(alphabet: CodeAlphabet): { positions: number[][]; firstThree: number[] } {
  const letters = alphabets[alphabet];
  const positions = Array.from({ length: 6 }, () => new Array<number>(letters.length).fill(0));
  const firstThree = new Array<number>(letters.length ** 3).fill(0);
  for (const code of codes(alphabet)) {
    const places = [...code].map((letter) => letters.indexOf(letter));
    for (const [position, place] of places.entries()) increment(positions[position] ?? [], place);
    const [first = 0, second = 0, third = 0] = places;
    increment(firstThree, (first * letters.length + second) * letters.length + third);
  }
  return { positions, firstThree };
}

function increment(counts: number[], at: number): void {
  counts[at] = (counts[at] ?? 0) + 1;
}

test('six-digit codes are even at every position, in their first three digits, and in their leading zeros', {
  timeout: withinMs,
}, () => {
  const { positions, firstThree } = tally('digits');
  // 9 and 999 degrees of freedom: one fair sample in a million goes beyond.
  for (const seen of positions) expect(chiSquare(seen)).toBeLessThan(46.0);
  expect(chiSquare(firstThree)).toBeLessThan(1226);

  const leadingZeros = (positions[0]?.[0] ?? 0) / count;
  // Five standard deviations, which are 0.15 % of a million codes.
  expect(Math.abs(leadingZeros - 0.1)).toBeLessThan(0.0015 * Math.sqrt(1_000_000 / count));
});

test('alphanumeric codes are even at every position', { timeout: withinMs }, () => {
  // 31 degrees of freedom.
  for (const seen of tally('alphanumeric').positions) expect(chiSquare(seen)).toBeLessThan(84.2);
});
