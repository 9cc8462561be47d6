import { expect, test } from 'vitest';
import { judge } from './goals.ts';
import { median } from './measure.ts';
import type { Round } from './round.ts';
import { rowOf } from './row.ts';

const floor: Round = {
  requestsPerSecond: 40_000,
  p50Ms: 1,
  p99Ms: 2,
  serverCpuMicros: 20,
  generatorCpu: 0.5,
  fsyncsPerRequest: undefined,
  eventLoopDelayP99Ms: undefined,
  voidBecause: '',
};
const sends: Round = { ...floor, requestsPerSecond: 8000, serverCpuMicros: 160, fsyncsPerRequest: 0.1 };

const verdict = (name: string, rounds: readonly Round[]) =>
  judge([
    rowOf(
      'send',
      64,
      rounds,
      rounds.map(() => floor),
    ),
  ]).find((goal) => goal.name === name)?.verdict;

const cases: [sentence: string, goal: string, rounds: readonly Round[], verdict: string][] = [
  ['is met by a figure just on it', 'send: server CPU', [sends], 'met'],
  ['is missed by one just beyond', 'send: server CPU', [{ ...sends, serverCpuMicros: 161 }], 'MISSED'],
  ['is told from its stretch', 'send: requests/s', [sends], 'met, stretch'],
  ['is judged by the median', 'send: fsyncs', [sends, sends, { ...sends, fsyncsPerRequest: 1 }], 'met'],
  ['is void when any round is', 'send: server CPU', [sends, sends, { ...sends, voidBecause: 'lost one' }], 'VOID'],
  ['is not measured without its row', 'check: server CPU', [sends], 'not measured'],
];

test.each(cases)('a goal %s', (_, goal, rounds, expected) => {
  expect(verdict(goal, rounds)).toBe(expected);
});

test('the median of an even count lies between the two middle values', () => {
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([3, 1, 2])).toBe(2);
  expect(median([])).toBeNaN();
});
