import type Database from 'better-sqlite3';
import type { MaintenanceJob } from '../../engine/store.ts';
import type { BatchContext } from './batch-context.ts';
import { purgeCodeTags } from './code-tags.ts';
import { eraseRecipient, eraseTraces } from './erasure.ts';
import { purgePeople } from './people-retention.ts';
import { purgeAddresses, purgeAudit, purgeVerificationRows, purgeVerifications } from './retention.ts';
import { type RewrapContext, rewrap } from './rewrap.ts';
import { purgeEvents } from './webhook-retention.ts';

/** What the jobs need between them. */
export interface MaintenanceContext extends BatchContext, RewrapContext {}

export const idempotencyKeptMs = 86_400_000;

/** One batch of a job, in a transaction of its caller's. @returns how many rows it dealt with */
type Batch<Job> = (db: Database.Database, job: Job, context: MaintenanceContext) => number;

/** They decide nothing but age, or which key something is sealed under. */
const batches: { readonly [Kind in MaintenanceJob['kind']]: Batch<Extract<MaintenanceJob, { kind: Kind }>> } = {
  'erase-expired-codes': (db, _, { nowMs, limit }) =>
    db
      .prepare(
        `update verifications set code_salt = null, code_sealed = null where (tenant_id, id) in (
           select tenant_id, id from verifications
           where (code_salt is not null or code_sealed is not null) and expires_at <= ? limit ?)`,
      )
      .run(nowMs, limit).changes,
  'purge-code-tags': (db, _, context) => purgeCodeTags(db, context),
  'purge-idempotency': (db, _, { nowMs, limit }) =>
    db
      .prepare(
        // The oldest rows come first by rowid: no index is needed to find them.
        `delete from idempotency where created_at <= ? and rowid in (
           select rowid from idempotency order by rowid limit ?)`,
      )
      .run(nowMs - idempotencyKeptMs, limit).changes,
  rewrap: (db, { nonces }, context) => rewrap(db, nonces.slice(0, context.limit), context),
  'purge-verifications': purgeVerifications,
  'purge-verification-rows': purgeVerificationRows,
  'purge-addresses': purgeAddresses,
  'purge-audit': purgeAudit,
  'purge-events': purgeEvents,
  'purge-people': (db, _, context) => purgePeople(db, context),
  'erase-recipient': eraseRecipient,
  'erase-traces': eraseTraces,
};

/** Runs one batch of a job, in a transaction of its caller's. */
export function maintain(db: Database.Database, job: MaintenanceJob, context: MaintenanceContext): number {
  const batch = batches[job.kind] as Batch<MaintenanceJob>;
  return batch(db, job, context);
}
