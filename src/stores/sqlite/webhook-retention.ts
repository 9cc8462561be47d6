import type Database from 'better-sqlite3';

/** How long an event that could not be told for all this time is kept beyond those that were. */
const openKeptMs = 7 * 86_400_000;

type Old = readonly [rowid: number, tenant: Buffer, verification: Buffer, number: number, at: number];

/**
 * Forgets events that were told long enough ago, the oldest first, as their rows come. One that is still on its way is
 * waited for, but not for ever.
 */
export function purgeEvents(
  db: Database.Database,
  { olderThanMs }: { readonly olderThanMs: number },
  { nowMs, limit }: { readonly nowMs: number; readonly limit: number },
): number {
  const rows = db
    .prepare('select rowid, tenant_id, verification_id, number, at from events order by rowid limit ?')
    .raw()
    .all(limit) as Old[];
  const open = db
    .prepare(
      `select 1 from deliveries
       where tenant_id = ? and verification_id = ? and number = ? and status in ('waiting', 'queued') limit 1`,
    )
    .pluck();
  const forgetDeliveries = db.prepare(
    'delete from deliveries where tenant_id = ? and verification_id = ? and number = ?',
  );
  const forget = db.prepare('delete from events where tenant_id = ? and verification_id = ? and number = ?');
  const cutoffMs = nowMs - olderThanMs;
  const young = rows.findIndex(([, tenant, verification, number, at]) => {
    if (at >= cutoffMs) return true;
    return at >= cutoffMs - openKeptMs && open.get(tenant, verification, number) !== undefined;
  });
  const old = young === -1 ? rows : rows.slice(0, young);
  for (const [, ...key] of old) {
    const [tenant, verification, number] = key;
    forgetDeliveries.run(tenant, verification, number);
    forget.run(tenant, verification, number);
  }
  return old.length;
}

/** Forgets all that is, or was, to be told of a verification. @returns how many rows went */
export function eventForgetter(db: Database.Database): (tenant: Buffer, verification: Buffer) => number {
  const statements = [
    db.prepare('delete from events where tenant_id = ? and verification_id = ?'),
    db.prepare('delete from deliveries where tenant_id = ? and verification_id = ?'),
    db.prepare('delete from expiries where tenant_id = ? and verification_id = ?'),
  ];
  return (tenant, verification) =>
    statements.reduce((gone, statement) => gone + statement.run(tenant, verification).changes, 0);
}
