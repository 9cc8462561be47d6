import type Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keys, otherTenantId, tenantId, times } from '../../../testing/builders.ts';
import { startMs } from '../../../testing/clock.ts';
import { type AuditEntry, auditHash, noHash } from '../../engine/audit.ts';
import { openWriter } from './connection.ts';
import { idToBytes } from './ids.ts';
import { maintain } from './maintenance.ts';
import { prepareTables } from './tables.ts';
import { tenancyQueries } from './tenancy-queries.ts';
import { auditCells, auditHeadCells } from './tenancy-rows.ts';

const day = 86_400_000;

let db: Database.Database;
beforeEach(() => {
  db = openWriter(':memory:');
});
afterEach(() => db.close());

/** A trail with an entry a day, the first of them when the clock starts. */
function trail(tenant: string, count: number): void {
  const tables = prepareTables(db);
  let previousHash = noHash;
  for (const at of times(count, (index) => index)) {
    const said = { tenantId: tenant, number: at + 1, atMs: startMs + at * day, actor: 'api-key a', action: 'change' };
    const entry = { ...said, target: 'service default', before: 'null', after: '{}', previousHash };
    previousHash = auditHash(entry);
    tables.audit.put(auditCells(idToBytes(tenant), { ...entry, hash: previousHash }));
  }
  const head = { tenantId: tenant, number: count, hash: previousHash, firstNumber: 1, firstPreviousHash: noHash };
  tables.auditHeads.put(auditHeadCells(idToBytes(tenant), head));
}

const purge = (nowMs: number, limit: number) =>
  maintain(
    db,
    { kind: 'purge-audit', olderThanMs: 365 * day },
    { nowMs, limit, keys, forgetVerification: () => undefined },
  );

/** Whether what is left leads, link by link, from where its head says it begins to where it ends. */
async function verified(tenant: string): Promise<readonly AuditEntry[]> {
  const queries = tenancyQueries(db);
  const entries = await queries.audit(tenant, 0, 1000);
  const head = (await queries.auditHeads()).find((one) => one.tenantId === tenant);
  let hash = head?.firstPreviousHash;
  for (const [index, entry] of entries.entries()) {
    expect(entry).toMatchObject({ number: (head?.firstNumber ?? 0) + index, previousHash: hash });
    hash = auditHash(entry);
    expect(entry.hash).toBe(hash);
  }
  expect({ hash, number: (head?.firstNumber ?? 0) + entries.length - 1 }).toEqual({
    hash: head?.hash,
    number: head?.number,
  });
  return entries;
}

test('the oldest entries of every trail go, in batches, and what is left still verifies after each', async () => {
  trail(tenantId, 30);
  trail(otherTenantId, 5);
  const nowMs = startMs + 365 * day + 12 * day + 1;
  const removed: number[] = [];
  for (let batch = 0; batch < 5; batch++) {
    removed.push(purge(nowMs, 4));
    await verified(tenantId);
    await verified(otherTenantId);
  }
  expect(removed).toEqual([4, 4, 4, 4, 2]);
  expect(purge(nowMs, 4)).toBe(0);
  expect((await verified(tenantId))[0]).toMatchObject({ number: 14 });
  expect(await verified(otherTenantId)).toEqual([]);
});

test('an entry stays for all of its days', async () => {
  trail(tenantId, 2);
  expect(purge(startMs + 365 * day, 10)).toBe(0);
  expect(purge(startMs + 365 * day + 1, 10)).toBe(1);
  expect(await verified(tenantId)).toHaveLength(1);
});
