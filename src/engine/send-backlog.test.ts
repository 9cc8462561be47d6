import { expect, test } from 'vitest';
import { SendBacklog } from './send-backlog.ts';
import type { Backlog } from './store.ts';

function setUp(stored: Record<string, number>, held: Record<string, number> = {}) {
  const sum = (counts: Record<string, number>) => Object.values(counts).reduce((all, count) => all + count, 0);
  const answer = (): Backlog => ({ total: sum(stored), byTenant: new Map(Object.entries(stored)) });
  const own = { total: sum(held), of: (tenantId: string) => held[tenantId] ?? 0 };
  return new SendBacklog({ backlog: async () => answer() }, own, () => 0.99);
}

const full = { kind: 'queue-full', retryAfterSeconds: 10 };

test('a tenant with 10,000 messages waiting is refused, and another is not', async () => {
  const backlog = setUp({ flood: 9_000, calm: 5 }, { flood: 700 });
  await backlog.refresh();
  for (let more = 0; more < 300; more++) {
    expect(backlog.refusal('flood')).toBeUndefined();
    backlog.added('flood');
  }
  expect(backlog.refusal('flood')).toEqual(full);
  expect([backlog.refusal('calm'), backlog.refusal('new')]).toEqual([undefined, undefined]);
  await backlog.refresh();
  expect(backlog.refusal('flood')).toBeUndefined();
});

test('with 100,000 waiting everybody is refused, and told to come back in 1 to 5 s', async () => {
  const tenants = Object.fromEntries(Array.from({ length: 11 }, (_, at) => [`t${at}`, 9_090]));
  const backlog = setUp(tenants, { t1: 9 });
  await backlog.refresh();
  expect(backlog.total).toBe(99_999);
  expect(backlog.refusal('new')).toBeUndefined();
  backlog.added('new');
  expect(() => backlog.refusal('new')).toThrow(
    expect.objectContaining({ reason: 'overloaded', retryAfterSeconds: 5 }) as Error,
  );
});

test.each([
  [{ a: 900 }, { a: 99 }, false],
  [{ a: 900 }, { a: 100 }, true],
])('with %j stored and %j held, it is large: %s', async (stored, held, large) => {
  const backlog = setUp(stored, held);
  await backlog.refresh();
  expect(backlog.isLarge).toBe(large);
});
