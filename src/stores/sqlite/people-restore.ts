import type Database from 'better-sqlite3';
import { timeStep } from '../../domain/totp.ts';

/**
 * Ends what users had under way when a copy was made: the copy does not know which of it was used, or revoked, since.
 * What they have for good stays: factors, recovery codes, passwords and user tokens.
 * @param nowMs - the latest time that any code can have been accepted at
 * @returns sessions that were ended
 */
export function endLogins(db: Database.Database, nowMs: number): number {
  // Those without an end of idleness are user tokens.
  const { changes } = db.prepare('delete from sessions where idle_seconds is not null').run();
  // One that was met, too: there may have been a session for it since.
  db.exec('delete from challenges');
  db.exec(`delete from factors where status = 'pending'`);
  // No code of an authenticator app that may have been accepted by now is accepted from here on.
  db.prepare(
    `update factors set totp = json_set(totp, '$.lastStep',
       max(coalesce(json_extract(totp, '$.lastStep'), 0), ? + json_extract(totp, '$.drift')))
     where totp is not null`,
  ).run(timeStep(nowMs));
  return changes;
}
