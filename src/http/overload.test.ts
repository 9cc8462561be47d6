import { expect, test } from 'vitest';
import { Counter } from '../engine/meter.ts';
import { Overload, type RouteUrgency } from './overload.ts';

function setUp(requestsMax = 1000) {
  const now = { delayMs: 0, fraction: 0 };
  const shed = new Counter('urgency');
  const overload = new Overload({
    requestsMax,
    delayMs: () => now.delayMs,
    fraction: () => now.fraction,
    shed,
  });
  const work = (count: number) => {
    for (let at = 0; at < count; at++) overload.began();
  };
  const turnedAway = () =>
    (['create', 'read', 'check', 'operations'] as const).filter((urgency) => overload.refusal(urgency) !== undefined);
  return { overload, now, shed, work, turnedAway };
}

const crowds: [working: number, turnedAway: RouteUrgency[]][] = [
  [499, []],
  [500, ['create']],
  [749, ['create']],
  [750, ['create', 'read']],
  [999, ['create', 'read']],
  [1000, ['create', 'read', 'check']],
  [5000, ['create', 'read', 'check']],
];

test.each(crowds)('with %i requests being worked on, turned away are %j', (working, wanted) => {
  const { overload, work, turnedAway } = setUp();
  work(working);
  expect(overload.isPressed).toBe(wanted.length > 0);
  expect(turnedAway()).toEqual(wanted);
});

const delays: [delayMs: number, turnedAway: RouteUrgency[]][] = [
  [199, []],
  [200, ['create']],
  [300, ['create', 'read']],
  [400, ['create', 'read', 'check']],
];

test.each(delays)('with an event loop %i ms late, turned away are %j', (delayMs, wanted) => {
  const { now, turnedAway } = setUp();
  now.delayMs = delayMs;
  expect(turnedAway()).toEqual(wanted);
});

test('lets everybody in again as soon as there is room', () => {
  const { overload, work, turnedAway } = setUp(4);
  work(4);
  expect(turnedAway()).toHaveLength(3);
  for (let at = 0; at < 3; at++) overload.ended();
  expect(turnedAway()).toEqual([]);
});

test.each([
  [0, 1],
  [0.5, 3],
  [0.999, 5],
])('asks to come back after 1 to 5 s: for %d after %i', (fraction, retryAfterSeconds) => {
  const { now, shed, work, overload } = setUp(1);
  work(1);
  now.fraction = fraction;
  expect(overload.refusal('check')).toEqual({ kind: 'unavailable', reason: 'overloaded', retryAfterSeconds });
  expect(shed.series()).toEqual([{ labels: { urgency: 'check' }, count: 1 }]);
});
