import { expect, test } from 'vitest';
import { keys, tenantId } from '../../../testing/builders.ts';
import { notedDatabase, plansOf } from '../../../testing/query-plans.ts';
import type { MaintenanceJob } from '../../engine/store.ts';
import { maintain } from './maintenance.ts';
import { peopleQueries } from './people-queries.ts';
import { PeopleTables } from './people-tables.ts';

/** Users, and what is theirs. */
const people = /\b(?:from|update) (?:users|factors|challenges|sessions)\b/;

/** Rows of a whole tenant, or of all. */
const everything = /^SCAN (?:users|factors|challenges|sessions)|\(tenant_id=\?\)/;

const jobs: MaintenanceJob[] = [
  { kind: 'purge-people' },
  { kind: 'erase-recipient', tenantId, recipient: '+33612345678' },
  { kind: 'rewrap', nonces: ['00'.repeat(12)] },
];

test('nothing on users, or on what is theirs, reads all rows of a tenant', () => {
  const noted = notedDatabase();
  peopleQueries(noted.db);
  new PeopleTables(noted.db);
  const rings = {
    ...keys,
    data: { ...keys.data, activeId: 'd2', keys: { ...keys.data.keys, d2: new Uint8Array(32) } },
  };
  for (const job of jobs) {
    maintain(noted.db, job, { nowMs: 0, limit: 10, keys: rings, forgetVerification: () => undefined });
  }
  const plans = plansOf(noted, people);
  expect(plans.length).toBeGreaterThan(25);
  expect(plans.filter((plan) => everything.test(plan))).toEqual([]);
});
