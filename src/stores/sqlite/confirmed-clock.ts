import type Database from 'better-sqlite3';
import { forgetFutureOfPeople } from './people-clock.ts';

const longestWaitMs = 86_400_000;

/**
 * An operator says that the time of day is right although the database has seen later. What was written under that
 * later time must not live, nor lock anybody out, until it comes round again.
 */
export function forgetFuture(db: Database.Database, nowMs: number): void {
  // Those that have ended too: by their expiry retention knows when a row is old.
  db.prepare(
    `update verifications set expires_at = @nowMs, code_salt = null, code_sealed = null where created_at > @nowMs`,
  ).run({ nowMs });
  db.prepare(
    `update recipients set send_times = '', wait_until = min(wait_until, @latestMs) where updated_at > @nowMs`,
  ).run({ nowMs, latestMs: nowMs + longestWaitMs });
  // No verification lives longer than a day, and its tag a day longer.
  db.prepare('delete from code_tags where erase_at > ?').run(nowMs + 2 * longestWaitMs);
  db.prepare('delete from addresses where updated_at > ?').run(nowMs);
  forgetFutureOfPeople(db, nowMs);
}
