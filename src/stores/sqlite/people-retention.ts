import type Database from 'better-sqlite3';
import { pendingFactorMs } from '../../domain/factor.ts';
import type { BatchContext } from './batch-context.ts';

/** Challenges and sessions that ended are kept so long, for who asks what became of them. */
const endedKeptMs = 86_400_000;

/** Forgets factors that were never activated, and challenges and sessions that are over. @returns rows that went */
export function purgePeople(db: Database.Database, { nowMs, limit }: BatchContext): number {
  const forgetting = [
    [
      `delete from factors where (tenant_id, user_id, id) in (
         select tenant_id, user_id, id from factors where status = 'pending' and created_at <= ? limit ?)`,
      pendingFactorMs,
    ],
    [
      `delete from challenges where (tenant_id, id) in (
         select tenant_id, id from challenges where expires_at <= ? limit ?)`,
      endedKeptMs,
    ],
    ['delete from sessions where id in (select id from sessions where expires_at <= ? limit ?)', endedKeptMs],
    ['delete from sessions where id in (select id from sessions where revoked_at <= ? limit ?)', endedKeptMs],
  ] as const;
  let gone = 0;
  for (const [sql, keptMs] of forgetting) {
    if (gone < limit) gone += db.prepare(sql).run(nowMs - keptMs, limit - gone).changes;
  }
  return gone;
}
