import type Database from 'better-sqlite3';
import type { MaintenanceJob } from '../../engine/store.ts';

const idempotencyKeptMs = 86_400_000;

/** One batch of each maintenance job, in a transaction of its caller's. They decide nothing but age. */
export const jobs: Record<MaintenanceJob, (db: Database.Database, nowMs: number, limit: number) => number> = {
  'erase-expired-codes': (db, nowMs, limit) =>
    db
      .prepare(
        `update verifications set code_salt = null, code_sealed = null where (tenant_id, id) in (
           select tenant_id, id from verifications
           where (code_salt is not null or code_sealed is not null) and expires_at <= ? limit ?)`,
      )
      .run(nowMs, limit).changes,
  'purge-idempotency': (db, nowMs, limit) =>
    db
      .prepare(
        // The oldest rows come first by rowid: no index is needed to find them.
        `delete from idempotency where created_at <= ? and rowid in (
           select rowid from idempotency order by rowid limit ?)`,
      )
      .run(nowMs - idempotencyKeptMs, limit).changes,
};
