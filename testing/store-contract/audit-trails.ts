import { expect, test } from 'vitest';
import { verifyTrails } from '../../src/engine/audit-trails.ts';
import { aService, aTenant, freshId, otherTenantId, tenantId, times } from '../builders.ts';
import { renameTenant, stopSending } from './administrative.ts';
import { atRest, type OpenStore, run, runAtOnce, type StoreUnderTest } from './given.ts';

const trail = ({ store }: StoreUnderTest, owner: string) => store.queries.audit(owner, 0, 1000);

export function auditTrailContract(open: OpenStore): void {
  test('entries that come while the trail is looked at are no defect', async () => {
    await using given = await open();
    const { queries } = given.store;
    await run(given, renameTenant('before'));
    const busy: typeof queries = {
      ...queries,
      async audit(...asked) {
        await run(given, renameTenant('meanwhile'));
        return queries.audit(...asked);
      },
    };
    expect((await verifyTrails(busy)).map(({ problem }) => problem)).toEqual([undefined]);
  });

  test('a purge while the trail is looked at is no defect', async () => {
    await using given = await open();
    const { store, clock } = given;
    for (let at = 0; at < 5; at++) {
      await run(given, renameTenant(`name ${at}`));
      clock.advance(1000);
    }
    const purging: typeof store.queries = {
      ...store.queries,
      async audit(...asked) {
        await store.maintain({ kind: 'purge-audit', olderThanMs: 2500 }, 500);
        return store.queries.audit(...asked);
      },
    };
    expect(await verifyTrails(purging)).toMatchObject([{ entries: 2, head: { number: 5 }, problem: undefined }]);
  });

  test('trails of two tenants are two: a thousand changes at once leave each without a gap', async () => {
    await using given = await open();
    const changesOf = (owner: string) => times(500, (at) => renameTenant(`name ${at}`, { tenantId: owner }));
    await runAtOnce(given, [...changesOf(tenantId), ...changesOf(otherTenantId)], 50);
    for (const owner of [tenantId, otherTenantId]) {
      expect((await trail(given, owner)).map(({ number }) => number)).toEqual(times(500, (at) => at + 1));
    }
    const reports = await verifyTrails(given.store.queries);
    expect(reports.map(({ entries, problem }) => [entries, problem])).toEqual([
      [500, undefined],
      [500, undefined],
    ]);
  });
}

const own = `tenant_id = x'${tenantId.replaceAll('-', '')}'`;
const noSuchHash = 'e'.repeat(64);
const change = (what: string, which: string) => `update audit set ${what} where ${own} and ${which}`;
const remove = (which: string) => `delete from audit where ${own} and ${which}`;
const addedEntry = `insert into audit select tenant_id, 6, at, actor, action, target, before, after, address, request_id,
  hash, hash from audit where ${own} and number = 5`;

const tampering: [what: string, sql: string, number: number][] = [
  ['a changed entry', change(`after = '{"name":"harmless"}'`, 'number = 3'), 3],
  ['another time', change('at = at - 1', 'number = 3'), 3],
  ['another author', change(`actor = 'operator'`, 'number = 1'), 1],
  ['a new hash for a changed entry', change(`actor = 'x', hash = '${noSuchHash}'`, 'number = 3'), 3],
  ['an entry that is gone', remove('number = 3'), 4],
  ['the first one gone', remove('number = 1'), 2],
  ['the last one gone', remove('number = 5'), 5],
  ['the last two gone', remove('number >= 4'), 4],
  ['all of them gone', remove('number > 0'), 1],
  [
    'two that changed places',
    [change('number = 9', 'number = 2'), change('number = 2', 'number = 3'), change('number = 3', 'number = 9')].join(
      ';',
    ),
    2,
  ],
  ['one added at the end', addedEntry, 6],
  ['a head that forgets the last one', `update audit_heads set number = 4 where ${own}`, 4],
  ['a head with another hash', `update audit_heads set hash = '${noSuchHash}' where ${own}`, 5],
  ['no head', `delete from audit_heads where ${own}`, 1],
];

export function persistentAuditTrailContract(open: OpenStore): void {
  test.each(tampering)("is found by the trail's verification: %s", async (_, sql, number) => {
    await using given = await open();
    for (let at = 0; at < 5; at++) await run(given, renameTenant(`name ${at}`));
    await run(given, stopSending);
    await atRest(given).alter(sql);
    const found = (await verifyTrails(given.store.queries)).filter(({ problem }) => problem !== undefined);
    expect(found.map(({ tenantId: owner, problem }) => [owner, problem?.number])).toEqual([[tenantId, number]]);
  });

  test('a trail goes on where it ended before a restart', async () => {
    await using given = await open();
    await run(given, renameTenant('one'));
    await atRest(given).reopen();
    await run(given, renameTenant('two'));
    const [one, two] = await trail(given, tenantId);
    expect([one?.number, two?.number, two?.previousHash]).toEqual([1, 2, one?.hash]);
  });

  test('a tenant of whom nothing was ever changed has no trail, and that is no defect', async () => {
    await using given = await open();
    const id = freshId();
    await run(given, aTenant({ tenantId: id, service: aService({ tenantId: id }) }));
    expect(await verifyTrails(given.store.queries)).toEqual([]);
  });
}
