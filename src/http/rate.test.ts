import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRateTable, type RatePolicy, rateLimitHeaders } from './rate.ts';

const policies: RatePolicy[] = [
  { name: 'requests', quota: 100, windowSeconds: 1 },
  { name: 'creates', quota: 20, windowSeconds: 1, burst: 100 },
  { name: 'checks', quota: 200, windowSeconds: 1 },
  { name: 'reads', quota: 60, windowSeconds: 60 },
  { name: 'failed-authentications', quota: 20, windowSeconds: 60 },
  { name: 'odd', quota: 7, windowSeconds: 3 },
];

/** A table on a clock that the test moves. */
function aTable(capacity?: number) {
  const clock = { nowMs: 1_000_000.25 };
  return { clock, table: createRateTable(() => clock.nowMs, capacity) };
}

test.each(policies)(
  'refuses exactly the one request above the limit of $name, until the stated seconds are over',
  (policy) => {
    const { clock, table } = aTable();
    const most = policy.burst ?? policy.quota;
    const outcomes = Array.from({ length: most + 1 }, () => table.take('key', policy));
    const refused = outcomes.filter((outcome) => !outcome.allowed);

    expect(refused).toEqual([outcomes.at(-1)]);
    const [first] = refused;
    clock.nowMs += (first !== undefined && !first.allowed ? first.retryAfterSeconds : 0) * 1000;
    expect(table.take('key', policy).allowed).toBe(true);
  },
);

test('counts down what remains', () => {
  const { table } = aTable();
  const policy = { name: 'p', quota: 3, windowSeconds: 60 };
  const left = [1, 2, 3].map(() => table.take('key', policy));
  expect(left).toEqual([2, 1, 0].map((remaining) => ({ allowed: true, remaining })));
});

test('keeps keys and policies apart', () => {
  const { table } = aTable();
  const one = { name: 'one', quota: 1, windowSeconds: 60 };
  const two = { name: 'two', quota: 1, windowSeconds: 60 };
  expect([table.take('a', one), table.take('b', one), table.take('a', two)].every(({ allowed }) => allowed)).toBe(true);
  expect(table.take('a', one).allowed).toBe(false);
});

test('takes nothing when it refuses or only looks', () => {
  const { clock, table } = aTable();
  const policy = { name: 'p', quota: 2, windowSeconds: 2 };
  expect(table.peek('key', policy)).toEqual({ allowed: true, remaining: 1 });
  table.take('key', policy, 2);
  for (let i = 0; i < 50; i++) expect(table.take('key', policy)).toEqual({ allowed: false, retryAfterSeconds: 1 });
  clock.nowMs += 1000;
  expect(table.peek('key', policy).allowed).toBe(true);
  expect(table.take('key', policy).allowed).toBe(true);
});

test('calls a cost that can never be met our mistake', () => {
  const { table } = aTable();
  const policy = { name: 'p', quota: 2, windowSeconds: 1 };
  for (const cost of [3, 0, -1, Number.NaN]) expect(() => table.take('key', policy, cost)).toThrow(RangeError);
});

test('never lets more through than the burst and what has grown since', () => {
  const steps = fc.array(fc.tuple(fc.nat({ max: 3_000 }), fc.integer({ min: 1, max: 3 })), { maxLength: 80 });
  fc.assert(
    fc.property(fc.constantFrom(...policies), steps, (policy, asked) => {
      const { clock, table } = aTable();
      const start = clock.nowMs;
      let through = 0;
      for (const [waitMs, cost] of asked) {
        clock.nowMs += waitMs;
        if (table.take('key', policy, cost).allowed) through += cost;
      }
      const grown = ((clock.nowMs - start) / 1000) * (policy.quota / policy.windowSeconds);
      expect(through).toBeLessThanOrEqual((policy.burst ?? policy.quota) + grown + 0.001);
    }),
  );
});

test('forgets the key that has waited longest when the table is full', () => {
  const { table } = aTable(2);
  const policy = { name: 'p', quota: 1, windowSeconds: 60 };
  table.take('a', policy);
  table.take('b', policy);
  table.take('a', policy);
  table.take('c', policy);
  expect(table.peek('a', policy).allowed).toBe(false);
  expect(table.peek('b', policy).allowed).toBe(true);
});

test('grows by less than 64 MiB over a million keys', () => {
  setFlagsFromString('--expose-gc');
  const gc: () => void = runInNewContext('gc');
  const used = () => {
    gc();
    const { heapUsed, arrayBuffers, external } = process.memoryUsage();
    return heapUsed + Math.max(arrayBuffers, external);
  };

  const before = used();
  const { table } = aTable();
  const policy = { name: 'p', quota: 1, windowSeconds: 60 };
  for (let i = 0; i < 1_000_000; i++) table.take(`2001:db8:${i.toString(16)}:1::/64`, policy);
  expect(used() - before).toBeLessThan(64 * 1024 * 1024);
  expect(table.peek(`2001:db8:${(999_999).toString(16)}:1::/64`, policy).allowed).toBe(false);
});

test('tells the limit, what is left and when to come back in header fields', () => {
  const policy = { name: 'creates', quota: 20, windowSeconds: 1, burst: 100 };
  expect(rateLimitHeaders(policy, { allowed: true, remaining: 7 })).toEqual({
    'ratelimit-policy': '"creates";q=20;w=1',
    ratelimit: '"creates";r=7',
  });
  expect(rateLimitHeaders(policy, { allowed: false, retryAfterSeconds: 3 })).toEqual({
    'ratelimit-policy': '"creates";q=20;w=1',
    ratelimit: '"creates";r=0;t=3',
    'retry-after': '3',
  });
});
