import { expect, test } from 'vitest';
import { aService, keys, noLimits, tenantId } from '../../../testing/builders.ts';
import { virtualClock } from '../../../testing/clock.ts';
import { verifyTrails } from '../../engine/audit-trails.ts';
import { sqliteQueries } from './queries.ts';
import { Writer } from './writer.ts';

const by = { name: 'operator ada' };
const tenant = { id: tenantId, name: 'Acme', dailySendsMax: 1 };

function writerWithTrail(): Writer {
  const writer = new Writer({ file: ':memory:', keys, limits: noLimits, epoch: 'e1' }, virtualClock());
  writer.commitBatch([{ kind: 'create-tenant', tenantId, by, tenant, service: aService() }]);
  writer.commitBatch([{ kind: 'change-tenant', tenantId, by, changes: { dailySendsMax: 2 } }]);
  return writer;
}

test.each([
  ['whole', '', undefined],
  ['without its head', 'delete from audit_heads', { number: 3, what: 'is missing at the end of the trail' }],
  [
    'without head and beginning',
    'delete from audit_heads; delete from audit where number = 1',
    { number: 2, what: expect.stringContaining('missing') },
  ],
])('a trail %s is told', async (_, tampering, problem) => {
  const writer = writerWithTrail();
  writer.db.exec(tampering);
  const reports = await verifyTrails(sqliteQueries(writer.db, () => 0));
  expect(reports.map((report) => report.problem)).toEqual([problem]);
  writer.close();
});
