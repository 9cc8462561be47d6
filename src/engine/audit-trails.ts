import { type AuditEntry, type AuditHead, auditHash, noHash } from './audit.ts';
import type { Queries } from './store.ts';
import { serverTenantId } from './tenancy.ts';

/** What became of the look at one tenant's trail. */
export interface TrailReport {
  readonly tenantId: string;
  /** Entries looked at. */
  readonly entries: number;
  readonly head: { readonly number: number; readonly hash: string };
  /** The first entry that is not as it was written. */
  readonly problem?: { readonly number: number; readonly what: string } | undefined;
}

const pageSize = 500;
/** 50 million entries: beyond it something feeds us pages without end. */
const pagesMax = 100_000;

/** A trail that was purged while it was looked at is looked at again. */
const runsMax = 5;

/** Follows every trail from its beginning to its head: a changed, missing, added or moved entry breaks the chain. */
export async function verifyTrails(queries: Queries): Promise<readonly TrailReport[]> {
  const owners = [serverTenantId, ...(await queries.tenants()).map(({ id }) => id)];
  const heads = (await queries.auditHeads()).map(({ tenantId }) => tenantId);
  const reports: TrailReport[] = [];
  for (const tenantId of new Set([...heads, ...owners])) {
    const report = await verifySteady(queries, tenantId);
    if (report !== undefined) reports.push(report);
  }
  return reports;
}

/** @returns undefined where there is no trail */
async function verifySteady(queries: Queries, tenantId: string): Promise<TrailReport | undefined> {
  let report: TrailReport | undefined;
  for (let run = 0; run < runsMax; run++) {
    const head = await headOf(queries, tenantId);
    report = head === undefined ? await headless(queries, tenantId) : await verifyTrail(queries, head);
    if (report?.problem === undefined || sameHead(head, await headOf(queries, tenantId))) return report;
  }
  return report;
}

async function headOf(queries: Queries, tenantId: string): Promise<AuditHead | undefined> {
  return (await queries.auditHeads()).find((head) => head.tenantId === tenantId);
}

function sameHead(one: AuditHead | undefined, other: AuditHead | undefined): boolean {
  return one?.number === other?.number && one?.firstNumber === other?.firstNumber;
}

async function headless(queries: Queries, tenantId: string): Promise<TrailReport | undefined> {
  const [first] = await queries.audit(tenantId, 0, 1);
  if (first === undefined) return undefined;
  const problem = { number: first.number, what: 'belongs to a trail whose end was removed' };
  return { tenantId, entries: 0, head: { number: 0, hash: noHash }, problem };
}

async function verifyTrail(queries: Queries, head: AuditHead): Promise<TrailReport> {
  const { tenantId, firstNumber, firstPreviousHash } = head;
  let last = { number: firstNumber - 1, hash: firstPreviousHash };
  const report = (problem?: TrailReport['problem']): TrailReport => ({
    tenantId,
    entries: last.number - firstNumber + 1,
    head: { number: head.number, hash: head.hash },
    problem,
  });
  for (let page = 0; page < pagesMax; page++) {
    const entries = await queries.audit(tenantId, page === 0 ? 0 : last.number, pageSize);
    for (const entry of entries) {
      if (entry.number > head.number) return report((await isNew(queries, entry)) ? undefined : beyond(entry));
      const what = defectOf(entry, last);
      if (what !== undefined) return report({ number: entry.number, what });
      last = entry;
      const asItEnds = entry.number < head.number || last.hash === head.hash;
      if (!asItEnds) return report({ number: entry.number, what: 'is not how the trail ended' });
    }
    if (entries.length < pageSize) break;
  }
  const complete = last.number === head.number;
  return report(complete ? undefined : { number: last.number + 1, what: 'is missing at the end of the trail' });
}

/** Whether an entry was written since the head was read: then there is another head, which knows of it. */
async function isNew(queries: Queries, { tenantId, number }: AuditEntry): Promise<boolean> {
  return ((await headOf(queries, tenantId))?.number ?? 0) >= number;
}

function beyond({ number }: AuditEntry) {
  return { number, what: 'stands after the end of the trail' };
}

function defectOf(entry: AuditEntry, last: { readonly number: number; readonly hash: string }): string | undefined {
  if (entry.number !== last.number + 1) return `follows ${last.number}: what was between them is missing`;
  if (entry.previousHash !== last.hash) return 'does not follow the entry before it';
  const { hash, ...said } = entry;
  return auditHash(said) === hash ? undefined : 'was changed after it was written';
}
