import type Database from 'better-sqlite3';
import { timeStep } from '../../domain/totp.ts';

/** The longest wait of a user. */
const longestWaitMs = 3_600_000;

/**
 * The same for users as `forgetFuture` does for the rest: what they did under a later time must neither live for ever nor
 * lock them out. User tokens stay, as they have no need of the time.
 */
export function forgetFutureOfPeople(db: Database.Database, nowMs: number): void {
  db.prepare(
    `update users set wait_until = min(wait_until, @latestMs), login_wait_until = min(login_wait_until, @latestMs),
       sessions_from = min(sessions_from, @nowMs), updated_at = min(updated_at, @nowMs)
     where updated_at > @nowMs or sessions_from > @nowMs or wait_until > @latestMs or login_wait_until > @latestMs`,
  ).run({ nowMs, latestMs: nowMs + longestWaitMs });
  db.prepare('delete from sessions where idle_seconds is not null and (created_at > ? or last_used_at > ?)').run(
    nowMs,
    nowMs,
  );
  db.prepare('update sessions set revoked_at = ? where revoked_at > ?').run(nowMs, nowMs);
  db.prepare('delete from challenges where created_at > ?').run(nowMs);
  db.prepare(`delete from factors where status = 'pending' and created_at > ?`).run(nowMs);
  // Else no code would be right before that time comes round again.
  db.prepare(
    `update factors set totp = json_set(totp, '$.lastStep', @step + json_extract(totp, '$.drift'))
     where json_extract(totp, '$.lastStep') > @step + json_extract(totp, '$.drift')`,
  ).run({ step: timeStep(nowMs) });
}
