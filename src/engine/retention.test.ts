import { expect, test } from 'vitest';
import { aCreate, aTenant, freshNumber, otherTenantId, tenantId, times } from '../../testing/builders.ts';
import { openEngine, type TestEngine } from '../../testing/engine.ts';
import { runBatch, stored } from '../../testing/store-contract/given.ts';
import { until } from '../../testing/until.ts';
import { defaultRetention, erase, purge } from './retention.ts';
import type { MaintenanceJob } from './store.ts';
import { Sweeper } from './sweeper.ts';

const day = 86_400_000;
const minute = 60_000;

const someCreates = (count: number) => times(count, () => aCreate({ address: '192.0.2.7' }));

test('a purge runs every job to its end, says how far it is, and empties the log', async () => {
  await using parts = await openEngine();
  await runBatch(parts, someCreates(1200));
  const told: [work: MaintenanceJob['kind'], rows: number][] = [];
  const later = (days: number) => {
    parts.clock.advance(days * day);
    return purge(parts.store, defaultRetention, { progress: (...step) => told.push(step) });
  };
  expect(await later(31)).toEqual({
    rows: {
      'purge-events': 0,
      'purge-verifications': 1200,
      'purge-verification-rows': 0,
      'purge-addresses': 1,
      'purge-audit': 0,
    },
    logTruncated: true,
  });
  expect(told).toEqual([
    ['purge-verifications', 500],
    ['purge-verifications', 1000],
    ['purge-verifications', 1200],
    ['purge-addresses', 1],
  ]);
  expect((await later(370)).rows).toMatchObject({ 'purge-verifications': 0, 'purge-verification-rows': 1200 });
});

test('keeps recipients as long as it is told', async () => {
  await using parts = await openEngine();
  await runBatch(parts, someCreates(1));
  parts.clock.advance(3 * day);
  const rows = async (recipientDays: number) =>
    (await purge(parts.store, { recipientDays, auditDays: 365 })).rows['purge-verifications'];
  expect(await rows(3)).toBe(0);
  expect(await rows(2)).toBe(1);
});

test('a purge that is ended goes on with the next one', async () => {
  await using parts = await openEngine();
  await runBatch(parts, someCreates(1200));
  parts.clock.advance(31 * day);
  const stop = new AbortController();
  const run = { signal: stop.signal, progress: () => stop.abort() };
  expect((await purge(parts.store, defaultRetention, run)).rows['purge-verifications']).toBe(500);
  expect((await purge(parts.store, defaultRetention)).rows['purge-verifications']).toBe(700);
});

test('a person is erased with one tenant or with all, however the number is written', async () => {
  await using parts = await openEngine({ tenants: [aTenant(), aTenant({ tenantId: otherTenantId })] });
  const recipient = freshNumber();
  const creates = [tenantId, otherTenantId].map((tenant) => aCreate({ tenantId: tenant, requested: { recipient } }));
  const written = `${recipient.slice(0, 3)} ${recipient.slice(3)}`;
  await runBatch(parts, creates);
  expect(await erase(parts.store, { recipient: written, tenantId })).toEqual({
    kind: 'erased',
    recipient,
    rows: 3,
    logTruncated: true,
  });
  const left = () => parts.store.queries.verification(otherTenantId, creates[1]?.requested.id ?? '');
  expect(await left()).toMatchObject({ recipient });
  expect(await erase(parts.store, { recipient })).toMatchObject({ kind: 'erased', rows: 3 });
  expect(await left()).toMatchObject({ recipient: '#erased', status: 'cancelled' });
  expect(await erase(parts.store, { recipient })).toMatchObject({ kind: 'erased', rows: 0 });
});

test('says what is no recipient', async () => {
  await using parts = await openEngine();
  expect(await erase(parts.store, { recipient: '0612345678' })).toMatchObject({ kind: 'invalid', field: 'recipient' });
});

async function withSweeper(parts: TestEngine, use: (sweeper: Sweeper) => Promise<void>): Promise<void> {
  const sweeper = new Sweeper(parts.store, parts.delivery, parts.log, parts.clock.monotonicMs);
  try {
    await use(sweeper);
  } finally {
    await sweeper.close();
  }
}

const purged = (parts: TestEngine, id: string) =>
  until('the purge of a verification', async () =>
    (await stored({ ...parts, [Symbol.asyncDispose]: async () => undefined }, id)).recipient.startsWith('#')
      ? true
      : undefined,
  );

test('the sweeper purges a minute after the start, and then every hour', async () => {
  await using parts = await openEngine();
  const [old, young] = someCreates(2);
  if (!old || !young) throw new Error('unreachable');
  await runBatch(parts, [old]);
  parts.clock.advance(31 * day);
  await runBatch(parts, [young]);
  await withSweeper(parts, async (sweeper) => {
    sweeper.start();
    parts.clock.advance(minute - 1);
    // What is due every ten seconds has been done, and the purge has not.
    await until('a round', async () => ((await parts.store.queries.counts()).secretsOverdue === 0 ? true : undefined));
    expect((await parts.store.queries.verification(tenantId, old.requested.id))?.recipient).toBe(
      old.requested.recipient,
    );
    parts.clock.advance(1);
    await purged(parts, old.requested.id);
    parts.clock.advance(31 * day);
    await purged(parts, young.requested.id);
  });
  expect(parts.log.lines).toEqual([]);
});

test('the sweeper deletes nothing while the time of day is in doubt, and purges at once when asked', async () => {
  await using parts = await openEngine();
  const [create] = someCreates(1);
  if (!create) throw new Error('unreachable');
  await runBatch(parts, [create]);
  parts.clock.stepWall(2 * day);
  await parts.store.dueSends(1);
  parts.clock.advance(31 * day);
  await withSweeper(parts, async (sweeper) => {
    sweeper.start();
    await until('a round', async () => ((await parts.store.queries.counts()).secretsOverdue === 0 ? true : undefined));
    expect((await parts.store.queries.verification(tenantId, create.requested.id))?.recipient).toBe(
      create.requested.recipient,
    );
    expect((await sweeper.purgeNow()).rows['purge-verifications']).toBe(1);
  });
});

test.each(['acme', otherTenantId])('refuses to erase with a tenant %s that is none', async (wrong) => {
  await using parts = await openEngine();
  const erased = await erase(parts.store, { recipient: freshNumber(), tenantId: wrong });
  expect(erased).toEqual({ kind: 'invalid', field: 'tenant', remedy: 'must be the id of a tenant' });
});
