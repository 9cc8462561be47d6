import { type AuditEntry, type AuditHead, auditHash } from './audit.ts';
import type { Queries } from './store.ts';

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

/** Follows every trail from its beginning to its head: a changed, missing, added or moved entry breaks the chain. */
export async function verifyTrails(queries: Queries): Promise<readonly TrailReport[]> {
  const reports: TrailReport[] = [];
  for (const head of await queries.auditHeads()) reports.push(await verifyTrail(queries, head));
  return reports;
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
      const what = defectOf(entry, last);
      if (what !== undefined) return report({ number: entry.number, what });
      last = entry;
    }
    if (entries.length < pageSize) break;
  }
  const complete = last.number === head.number && last.hash === head.hash;
  return report(complete ? undefined : { number: last.number + 1, what: 'is missing at the end of the trail' });
}

function defectOf(entry: AuditEntry, last: { readonly number: number; readonly hash: string }): string | undefined {
  if (entry.number !== last.number + 1) return `follows ${last.number}: what was between them is missing`;
  if (entry.previousHash !== last.hash) return 'does not follow the entry before it';
  const { hash, ...said } = entry;
  return auditHash(said) === hash ? undefined : 'was changed after it was written';
}
