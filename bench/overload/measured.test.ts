import { expect, test } from 'vitest';
import { newHistogram, record } from '../histogram.ts';
import { judgeOverload, type Measured, phasesText, secondsUntilNormal } from './measured.ts';
import type { Answers, MixResult } from './mix.ts';

const none: Answers = { asked: 0, skipped: 0, done: 0, shed: 0, limited: 0, odd: 0, unanswered: 0 };
const spread = (...latenciesMs: readonly number[]) => {
  const latencies = newHistogram();
  for (const latencyMs of latenciesMs) record(latencies, latencyMs);
  return latencies;
};

/** A thousand creates and a hundred checks in a second, all done. */
function aResult(given: Partial<MixResult> = {}): MixResult {
  const creates = { ...none, asked: 1000, done: 1000 };
  const checks = { ...none, asked: 100, done: 100 };
  const timing = { elapsedMs: 1000, cpuMs: 100, latencies: spread(10), bySecond: [second(10)] };
  return { creates, checks, inTime: 1100, firstOdd: '', ...timing, ...given };
}

const second = (latencyMs: number, refused = 0) => ({ latencies: spread(latencyMs), refused });

function measured(given: Partial<Measured>): Measured {
  const [capacity, quiet, overload, recovery] = [aResult(), aResult(), aResult(), aResult()];
  const tenants = { alone: aResult(), beside: aResult(), flood: aResult() };
  return { capacity, quiet, overload, recovery, peakBytes: 400 * 2 ** 20, ...tenants, ...given };
}

const seconds: [sentence: string, seconds: ReturnType<typeof second>[], normal: number][] = [
  ['at once', [second(10)], 1],
  ['when p99 has come down to twice what it was', [second(90), second(61), second(59)], 3],
  ['when nobody is refused any more', [second(10, 1), second(10)], 2],
  ['never, as far as one looked', [second(90), second(90)], Number.POSITIVE_INFINITY],
  ['never without an answer', [], Number.POSITIVE_INFINITY],
];

test.each(seconds)('is normal again %s', (_, bySecond, normal) => {
  expect(secondsUntilNormal(bySecond, 30)).toBe(normal);
});

test('a p99 up to 20 ms is normal, however short it was before', () => {
  expect(secondsUntilNormal([second(21), second(19)], 1)).toBe(2);
});

const someRefused = { creates: { ...none, asked: 1000, done: 600, shed: 400 } };
const fewChecks = { ...none, asked: 100, done: 98, shed: 2 };
const goals: [sentence: string, goal: string, given: Partial<Measured>, verdict: string][] = [
  ['as much as the capacity', 'goodput', {}, 'met'],
  ['less than seven tenths', 'goodput', { overload: aResult(someRefused) }, 'MISSED'],
  ['as much, by a generator without time left', 'goodput', { overload: aResult({ cpuMs: 950 }) }, 'VOID'],
  ['one too late', 'answered 200, 201, 429 or 503 within 1 s', { overload: aResult({ inTime: 1099 }) }, 'MISSED'],
  ['creates refused', 'checks that succeed', { overload: aResult(someRefused) }, 'met'],
  ['checks refused', 'checks that succeed', { overload: aResult({ checks: fewChecks }) }, 'MISSED'],
  ['400 MiB', 'memory of the server', {}, 'met'],
  ['512 MiB', 'memory of the server', { peakBytes: 512 * 2 ** 20 }, 'MISSED'],
  ['nobody knows', 'memory of the server', { peakBytes: undefined }, 'not measured'],
  ['at once', 'until p99 is normal again', {}, 'met'],
  ['never', 'until p99 is normal again', { recovery: aResult({ bySecond: [second(900)] }) }, 'MISSED'],
  ['some refused', 'requests of a tenant beside a flood that succeed', { beside: aResult(someRefused) }, 'MISSED'],
  ['not twice', 'p95 of a tenant beside a flood', { beside: aResult({ latencies: spread(19) }) }, 'met'],
  ['over twice', 'p95 of a tenant beside a flood', { beside: aResult({ latencies: spread(21) }) }, 'MISSED'],
];

test.each(goals)('%s: %s', (_, goal, given, verdict) => {
  expect(judgeOverload(measured(given)).find(({ name }) => name === goal)?.verdict).toBe(verdict);
});

test('a phase is a line of shares, and its first odd answer another', () => {
  const checks = { ...none, asked: 100, done: 90, shed: 5, odd: 5 };
  const text = phasesText([{ name: 'the flood', result: aResult({ checks, firstOdd: '404 {}' }) }]);
  expect(text).toMatch(
    /^the flood +1100 +1090 +100\.0 % +90\.0 % +0\.45 % +- +0\.45 % +- +- +10\.0 +10\.0 +10\.0 +10 %$/m,
  );
  expect(text).toMatch(/^the flood: 404 {}$/m);
});
