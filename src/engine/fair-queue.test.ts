import fc from 'fast-check';
import { expect, test } from 'vitest';
import { times } from '../../testing/builders.ts';
import { FairQueue } from './fair-queue.ts';

function emptied<T>(queue: FairQueue<T>): T[] {
  return times(queue.size, () => queue.shift() as T);
}

test('one message behind a thousand of another tenant is the second to go', () => {
  const queue = new FairQueue<string>();
  for (let at = 0; at < 1000; at++) queue.push('flood', `flood ${at}`);
  queue.push('calm', 'calm 0');
  expect(emptied(queue).slice(0, 3)).toEqual(['flood 0', 'calm 0', 'flood 1']);
});

test('keeps the order of each tenant, gives everything once, and nobody two turns in one round', () => {
  const pushed = fc.array(fc.nat({ max: 4 }), { maxLength: 200 });
  fc.assert(
    fc.property(pushed, (tenants) => {
      const queue = new FairQueue<{ tenant: number; at: number }>();
      for (const [at, tenant] of tenants.entries()) queue.push(String(tenant), { tenant, at });
      expect(queue.size).toBe(tenants.length);
      const taken = emptied(queue);
      expect(queue.shift()).toBeUndefined();
      expect(taken.map(({ at }) => at).sort((a, b) => a - b)).toEqual([...tenants.keys()]);
      const rounds = new Map<number, number>();
      const turns = taken.map(({ tenant, at }) => {
        const round = rounds.get(tenant) ?? 0;
        rounds.set(tenant, round + 1);
        return { round, tenant, at };
      });
      // Round by round, and within one in the order in which the tenants came.
      const first = (tenant: number) => tenants.indexOf(tenant);
      const fair = [...turns].sort((a, b) => a.round - b.round || first(a.tenant) - first(b.tenant));
      expect(turns).toEqual(fair);
      for (const tenant of new Set(tenants)) {
        const own = taken.filter((item) => item.tenant === tenant).map(({ at }) => at);
        expect(own).toEqual([...own].sort((a, b) => a - b));
      }
    }),
  );
});

test('what comes while it is being emptied waits its turn, and draining takes all', () => {
  const queue = new FairQueue<string>();
  for (const item of ['a1', 'a2', 'a3']) queue.push('a', item);
  expect(queue.shift()).toBe('a1');
  queue.push('b', 'b1');
  queue.push('a', 'a4');
  expect([queue.shift(), queue.shift()]).toEqual(['a2', 'b1']);
  expect(queue.drain()).toEqual(['a3', 'a4']);
  expect([queue.size, queue.shift()]).toEqual([0, undefined]);
  queue.push('a', 'a5');
  expect(queue.shift()).toBe('a5');
});
