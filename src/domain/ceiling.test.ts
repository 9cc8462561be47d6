import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type CeilingNotice, type Usage, withOneSend } from './ceiling.ts';

const dayMs = 86_400_000;
const day = 20_454;
const noon = day * dayMs + dayMs / 2;

/** What so many messages of one day are told, one after another. */
function sent(count: number, ceiling: number, nowMs = noon) {
  let usage: Usage | undefined;
  const notices: [at: number, CeilingNotice][] = [];
  for (let at = 1; at <= count; at++) {
    const counted = withOneSend(usage, ceiling, nowMs);
    if (counted.kind !== 'counted') return { usage, notices, refused: counted };
    usage = counted.usage;
    if (counted.notice !== undefined) notices.push([at, counted.notice]);
  }
  return { usage, notices, refused: undefined };
}

const cases: [sentence: string, usage: Usage | undefined, nowMs: number, sends: number | 'refused'][] = [
  ['counts the first message of a tenant', undefined, noon, 1],
  ['counts one more on the same day', { day, sends: 6 }, noon, 7],
  ['lets the last one through', { day, sends: 9 }, noon, 10],
  ['refuses the one after it', { day, sends: 10 }, noon, 'refused'],
  ['refuses in the last millisecond of the day', { day, sends: 10 }, (day + 1) * dayMs - 1, 'refused'],
  ['counts anew in the first millisecond of the next day', { day, sends: 10 }, (day + 1) * dayMs, 1],
  ['counts anew after days without a message', { day: day - 9, sends: 10 }, noon, 1],
  ['refuses while more is counted than a lowered ceiling allows', { day, sends: 25 }, noon, 'refused'],
];

test.each(cases)('%s', (_, usage, nowMs, sends) => {
  const counted = withOneSend(usage, 10, nowMs);
  if (sends === 'refused') expect(counted).toEqual({ kind: 'ceiling-reached', retryAtMs: (day + 1) * dayMs });
  else expect(counted).toMatchObject({ kind: 'counted', usage: { day: Math.floor(nowMs / dayMs), sends } });
});

test.each([0, -1])('a ceiling of %i was never set, and nothing may be sent', (ceiling) => {
  expect(withOneSend(undefined, ceiling, noon)).toEqual({ kind: 'ceiling-not-set' });
});

const notices: [ceiling: number, warningAt: number | undefined][] = [
  [1, undefined],
  [2, undefined],
  [3, undefined],
  [4, undefined],
  [5, 4],
  [6, 5],
  [10, 8],
  [100, 80],
  [101, 81],
];

test.each(notices)(
  'under a ceiling of %i warns at %s, once, and says at the last that it was reached',
  (ceiling, at) => {
    const { notices: said } = sent(ceiling, ceiling);
    const warned = at === undefined ? [] : [[at, 'ceiling-warning']];
    expect(said).toEqual([...warned, [ceiling, 'ceiling-reached']]);
  },
);

test('warns at four fifths exactly where there is such a number', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200_000_000 }), (fifth) => {
      const notice = (sends: number) => {
        const counted = withOneSend({ day, sends: sends - 1 }, 5 * fifth, noon);
        return counted.kind === 'counted' ? counted.notice : counted.kind;
      };
      return notice(4 * fifth) === 'ceiling-warning' && notice(4 * fifth - 1) === undefined;
    }),
  );
});

test('never counts more than the ceiling, however often it is asked', () => {
  fc.assert(
    fc.property(fc.nat({ max: 40 }), fc.integer({ min: 1, max: 20 }), (asked, ceiling) => {
      const { usage, refused } = sent(asked, ceiling);
      return (usage?.sends ?? 0) === Math.min(asked, ceiling) && (refused !== undefined) === asked > ceiling;
    }),
  );
});
