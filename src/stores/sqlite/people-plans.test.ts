import type Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { keys, tenantId } from '../../../testing/builders.ts';
import type { MaintenanceJob } from '../../engine/store.ts';
import { openWriter } from './connection.ts';
import { maintain } from './maintenance.ts';
import { peopleQueries } from './people-queries.ts';
import { PeopleTables } from './people-tables.ts';

/** A database that notes what is prepared on it. */
function noting(): { readonly db: Database.Database; readonly statements: string[] } {
  const db = openWriter(':memory:');
  const statements: string[] = [];
  const prepare = db.prepare.bind(db);
  Object.assign(db, {
    prepare(sql: string) {
      statements.push(sql);
      return prepare(sql);
    },
  });
  return { db, statements };
}

const people = /\b(?:from|update) (?:users|factors|challenges|sessions)\b/;

/** How SQLite goes about the statements on users, and on what is theirs. */
function plansOf({ db, statements }: ReturnType<typeof noting>): string[] {
  return statements
    .filter((sql) => people.test(sql))
    .flatMap((sql) => {
      const values = [...sql.matchAll(/\?/g)].map(() => 1);
      const plan = db.prepare(`explain query plan ${sql}`).all(...values) as { detail: string }[];
      return plan.map(({ detail }) => `${detail} | ${sql.replace(/\s+/g, ' ')}`);
    });
}

/** Rows of a whole tenant, or of all. */
const everything = /^SCAN (?:users|factors|challenges|sessions)|\(tenant_id=\?\)/;

const jobs: MaintenanceJob[] = [
  { kind: 'purge-people' },
  { kind: 'erase-recipient', tenantId, recipient: '+33612345678' },
  { kind: 'rewrap', nonces: ['00'.repeat(12)] },
];

test('nothing on users, or on what is theirs, reads all rows of a tenant', () => {
  const noted = noting();
  peopleQueries(noted.db);
  new PeopleTables(noted.db);
  const rings = {
    ...keys,
    data: { ...keys.data, activeId: 'd2', keys: { ...keys.data.keys, d2: new Uint8Array(32) } },
  };
  for (const job of jobs) {
    maintain(noted.db, job, { nowMs: 0, limit: 10, keys: rings, forgetVerification: () => undefined });
  }
  const plans = plansOf(noted);
  expect(plans.length).toBeGreaterThan(25);
  expect(plans.filter((plan) => everything.test(plan))).toEqual([]);
});
