import type Database from 'better-sqlite3';
import { isPseudonym, pseudonymOf } from '../../domain/pseudonym.ts';
import type { RecipientState } from '../../domain/recipient-state.ts';
import type { BatchContext } from './batch-context.ts';
import { idFromBytes } from './ids.ts';
import { eventForgetter } from './webhook-retention.ts';

/*
 * What retention does to rows, batch by batch, each in a transaction of its caller's. Verifications have a rowid and
 * are appended in the order of time, so that the oldest come first without an index: a cursor says how far they are
 * pseudonymised, and a batch reads no more rows than it may change.
 */

type Aged = { readonly olderThanMs: number };
type Old = readonly [rowid: number, tenant: Buffer, id: Buffer, recipient: string, expiresAt: number];

const addressesKeptMs = 2 * 86_400_000;

const cursorName = 'purged_verifications';

/**
 * The rowid up to which recipients are pseudonymised. It is kept with the id of its row: should rows have been
 * numbered anew, or all of them be gone, it begins again and passes over what it did before.
 */
export function purgedUntil(db: Database.Database): number {
  const value = db.prepare('select value from facts where name = ?').pluck().get(cursorName) as string | undefined;
  const [rowid, id] = (value ?? '').split(' ');
  if (rowid === undefined || id === undefined) return 0;
  const found = db.prepare('select id from verifications where rowid = ?').pluck().get(Number(rowid));
  return Buffer.isBuffer(found) && found.toString('hex') === id ? Number(rowid) : 0;
}

/**
 * Takes the recipient out of verifications that ran out long enough ago, and what else says who it was. The first row
 * that is too young ends the batch: as no verification lives longer than a day, those behind it wait a day at most.
 * @returns rows dealt with, those among them that had been erased before
 */
export function purgeVerifications(db: Database.Database, { olderThanMs }: Aged, context: BatchContext): number {
  const rows = db
    .prepare(
      `select rowid, tenant_id, id, recipient, expires_at from verifications where rowid > ? order by rowid limit ?`,
    )
    .raw()
    .all(purgedUntil(db), context.limit) as Old[];
  const pseudonymise = pseudonymiser(db, context);
  const cutoffMs = context.nowMs - olderThanMs;
  const young = rows.findIndex((row) => row[4] >= cutoffMs || !pseudonymise(row));
  const dealt = young === -1 ? rows : rows.slice(0, young);
  const last = dealt.at(-1);
  if (last !== undefined) {
    const cursor = `${last[0]} ${last[2].toString('hex')}`;
    db.prepare('insert or replace into facts (name, value) values (?, ?)').run(cursorName, cursor);
  }
  return dealt.length;
}

/** @returns does it to one row; false when its recipient has to wait still, which must outlive nothing less */
function pseudonymiser(db: Database.Database, { nowMs, keys }: BatchContext): (row: Old) => boolean {
  const state = db
    .prepare('select newest_id, wait_until, latest from recipients where tenant_id = ? and recipient = ?')
    .raw();
  const forgetState = db.prepare('delete from recipients where tenant_id = ? and recipient = ?');
  const setLatest = db.prepare('update recipients set latest = ? where tenant_id = ? and recipient = ?');
  const forgetSends = db.prepare('delete from sends where tenant_id = ? and verification_id = ?');
  const forgetEvents = eventForgetter(db);
  const forgetTag = db.prepare('delete from code_tags where tenant_id = ? and verification_id = ?');
  const forget = db.prepare(
    `update verifications set recipient = ?, reference = null, locale = null, sender = null, template = null,
       metadata = null, signals = null, terms = null, previous_id = null, code_salt = null, code_sealed = null
     where tenant_id = ? and id = ?`,
  );
  return ([, tenant, id, recipient]) => {
    if (isPseudonym(recipient)) return true;
    const known = state.get(tenant, recipient) as readonly [Buffer | null, number, string] | undefined;
    if (known !== undefined) {
      const [newest, waitUntilMs, latest] = known;
      if (newest?.equals(id)) {
        if (waitUntilMs > nowMs) return false;
        forgetState.run(tenant, recipient);
      } else if (latest.includes(idFromBytes(id))) setLatest.run(latestWithout(latest, id), tenant, recipient);
    }
    forgetSends.run(tenant, id);
    forgetEvents(tenant, id);
    forgetTag.run(tenant, id);
    forget.run(pseudonymOf(idFromBytes(tenant), recipient, keys), tenant, id);
    return true;
  };
}

function latestWithout(latest: string, id: Buffer): string {
  const entries = Object.entries(JSON.parse(latest) as RecipientState['latest']);
  return JSON.stringify(Object.fromEntries(entries.filter(([, entry]) => entry.id !== idFromBytes(id))));
}

/** Removes verifications whose recipient is long gone: the oldest rows, which are the first ones. */
export function purgeVerificationRows(db: Database.Database, { olderThanMs }: Aged, context: BatchContext): number {
  const rows = db
    .prepare(`select rowid, tenant_id, id, recipient, expires_at from verifications order by rowid limit ?`)
    .raw()
    .all(context.limit) as Old[];
  const cutoffMs = context.nowMs - olderThanMs;
  const young = rows.findIndex((row) => row[4] >= cutoffMs || !isPseudonym(row[3]));
  const remove = db.prepare('delete from verifications where tenant_id = ? and id = ?');
  const old = young === -1 ? rows : rows.slice(0, young);
  for (const [, tenant, id] of old) remove.run(tenant, id);
  return old.length;
}

/** Rows looked at between two looks at what was found, and portions of a batch. */
const portionFactor = 4;
const portionsMax = 25;
const addressCursor = 'purged_addresses';

/**
 * Forgets end-user addresses that no window of the limits looks at any longer. Their age has no index, which every
 * create would pay for: the table is read in the order of its keys, a stretch at a time, from where the last one ended.
 * @returns rows forgotten; 0 too when a long stretch holds none that is old enough, and the next run goes on
 */
export function purgeAddresses(db: Database.Database, _: unknown, { nowMs, limit }: BatchContext): number {
  const cursor = db.prepare('select value from facts where name = ?').pluck();
  const setCursor = db.prepare('insert or replace into facts (name, value) values (?, ?)');
  const end = db
    .prepare(
      `select hex(tenant_id), address from addresses where (tenant_id, address) > (?, ?)
       order by tenant_id, address limit 1 offset ?`,
    )
    .raw();
  const forget = db.prepare(
    `delete from addresses
     where (tenant_id, address) > (?, ?) and (tenant_id, address) <= (?, ?) and updated_at < ?`,
  );
  const beyondAll = 'ff'.repeat(17);
  for (let portion = 0; portion < portionsMax; portion++) {
    const [tenant = '', address = ''] = ((cursor.get(addressCursor) as string | undefined) ?? '').split(' ');
    const from = [Buffer.from(tenant, 'hex'), address] as const;
    const last = end.get(...from, limit * portionFactor - 1) as [tenant: string, address: string] | undefined;
    const [lastTenant, lastAddress] = last ?? [beyondAll, ''];
    const to = [Buffer.from(lastTenant, 'hex'), lastAddress] as const;
    const forgotten = forget.run(...from, ...to, nowMs - addressesKeptMs).changes;
    setCursor.run(addressCursor, last === undefined ? '' : last.join(' '));
    if (forgotten > 0 || last === undefined) return forgotten;
  }
  return 0;
}

/**
 * Removes the oldest entries of each audit trail, and moves its beginning with them: what is left still verifies from
 * the hash that the last removed entry had.
 */
export function purgeAudit(db: Database.Database, { olderThanMs }: Aged, { nowMs, limit }: BatchContext): number {
  const heads = db.prepare('select tenant_id, first_number from audit_heads order by tenant_id').raw();
  const oldest = db
    .prepare('select number, at, hash from audit where tenant_id = ? and number >= ? order by number limit ?')
    .raw();
  const remove = db.prepare('delete from audit where tenant_id = ? and number <= ?');
  const begin = db.prepare('update audit_heads set first_number = ?, first_previous_hash = ? where tenant_id = ?');
  const cutoffMs = nowMs - olderThanMs;
  let removed = 0;
  for (const [tenant, first] of heads.all() as [Buffer, number][]) {
    if (removed >= limit) break;
    const entries = oldest.all(tenant, first, limit - removed) as [number: number, at: number, hash: string][];
    const young = entries.findIndex(([, at]) => at >= cutoffMs);
    const last = entries.slice(0, young === -1 ? undefined : young).at(-1);
    if (last === undefined) continue;
    removed += remove.run(tenant, last[0]).changes;
    begin.run(last[0] + 1, last[2], tenant);
  }
  return removed;
}
