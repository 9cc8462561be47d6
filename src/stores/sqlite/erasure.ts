import type Database from 'better-sqlite3';
import { erasedRecipient, pseudonymOf } from '../../domain/pseudonym.ts';
import { cancel } from '../../domain/verification.ts';
import type { BatchContext } from './batch-context.ts';
import { idToBytes } from './ids.ts';
import { erasePeople } from './people-erasure.ts';
import { purgedUntil } from './retention.ts';
import { type Row, toVerification, verificationColumns } from './rows.ts';
import { eventForgetter } from './webhook-retention.ts';

/** Whom to forget. `recipient` is canonical. */
interface Person {
  readonly tenantId: string;
  readonly recipient: string;
}

/** Rows that one batch of the search for traces looks at, for each that it may change. */
const scanFactor = 10;

/**
 * Forgets a recipient, with users first, then beginning at its newest verification: what is pending ends as cancelled, sends are deleted, and
 * of a verification only the tenant's counts and times stay. The row of the recipient itself says how far it came, and
 * goes last.
 * @returns rows changed or deleted
 */
export function eraseRecipient(db: Database.Database, { tenantId, recipient }: Person, context: BatchContext): number {
  const ofUsers = erasePeople(db, { tenantId, recipient }, context);
  if (ofUsers > 0) return ofUsers;
  const tenant = idToBytes(tenantId);
  const newest = db.prepare('select newest_id from recipients where tenant_id = ? and recipient = ?').pluck();
  const head = newest.get(tenant, recipient) as Buffer | null | undefined;
  if (head === undefined) {
    // The search for traces comes next, from its beginning.
    db.prepare('delete from facts where name = ?').run(scanName({ tenantId, recipient }, context));
    return 0;
  }
  const list = [...verificationColumns.fixed, ...verificationColumns.changing].join(', ');
  const read = db.prepare(`select ${list} from verifications where tenant_id = ? and id = ?`).raw();
  const forgetSends = db.prepare('delete from sends where tenant_id = ? and verification_id = ?');
  const forgetEvents = eventForgetter(db);
  const forgetTag = db.prepare('delete from code_tags where tenant_id = ? and verification_id = ?');
  const forget = db.prepare(
    `update verifications set recipient = ?, reference = null, locale = null, sender = null, template = null,
       metadata = null, signals = null, terms = null, previous_id = null, code_salt = null, code_sealed = null,
       status = ?, ended_at = ?, timeline = ?
     where tenant_id = ? and id = ?`,
  );
  let changed = 0;
  let id = head;
  for (let walked = 0; walked < context.limit && id !== null; walked++) {
    const row = read.get(tenant, id) as Row | undefined;
    const verification = row && toVerification(row);
    // The end of the chain: older ones were purged.
    if (verification?.recipient !== recipient) {
      id = null;
      break;
    }
    const { next } = cancel(verification, context.nowMs);
    forget.run(erasedRecipient, next.status, next.endedAtMs ?? null, next.timeline, tenant, id);
    forgetTag.run(tenant, id);
    changed += 1 + forgetSends.run(tenant, id).changes + forgetEvents(tenant, id);
    id = verification.previousId === undefined ? null : idToBytes(verification.previousId);
  }
  if (id === null) {
    return (
      changed +
      db.prepare('delete from recipients where tenant_id = ? and recipient = ?').run(tenant, recipient).changes
    );
  }
  db.prepare(
    `update recipients set newest_id = ?, latest = '{}', remarks = null where tenant_id = ? and recipient = ?`,
  ).run(id, tenant, recipient);
  return changed;
}

type Table = 'idempotency' | 'verifications';

/**
 * Searches for what no index leads to: answers kept for idempotency keys that name the recipient, and verifications
 * that were pseudonymised before, whose pseudonym would still tell whoever has the pepper. How far it came is a fact.
 * @returns rows looked at
 */
export function eraseTraces(db: Database.Database, { tenantId, recipient }: Person, context: BatchContext): number {
  const { limit } = context;
  const name = scanName({ tenantId, recipient }, context);
  const value = db.prepare('select value from facts where name = ?').pluck().get(name) as string | undefined;
  const [table, at] = (value ?? 'idempotency 0').split(' ') as [Table | 'done', string];
  if (table === 'done') {
    db.prepare('delete from facts where name = ?').run(name);
    return 0;
  }
  const from = Number(at);
  const last = table === 'verifications' ? purgedUntil(db) : Number.MAX_SAFE_INTEGER;
  const rowids = db
    .prepare(
      table === 'idempotency'
        ? 'select rowid from idempotency where rowid > ? and rowid <= ? order by rowid limit ?'
        : 'select rowid from verifications where rowid > ? and rowid <= ? order by rowid limit ?',
    )
    .pluck()
    .all(from, last, limit * scanFactor) as number[];
  const to = rowids.at(-1);
  if (to !== undefined) eraseBetween(db, { tenantId, recipient }, context, table, from, to);
  const next = to !== undefined ? `${table} ${to}` : table === 'idempotency' ? 'verifications 0' : 'done 0';
  db.prepare('insert or replace into facts (name, value) values (?, ?)').run(name, next);
  return Math.max(1, rowids.length);
}

const scanName = ({ tenantId, recipient }: Person, { keys }: BatchContext) =>
  `erasing ${pseudonymOf(tenantId, recipient, keys)}`;

function eraseBetween(
  db: Database.Database,
  { tenantId, recipient }: Person,
  { keys }: BatchContext,
  table: Table,
  from: number,
  to: number,
): void {
  const tenant = idToBytes(tenantId);
  if (table === 'idempotency') {
    // Outcomes are JSON: there a recipient stands in quotation marks.
    db.prepare(
      'delete from idempotency where tenant_id = ? and rowid > ? and rowid <= ? and instr(outcome, ?) > 0',
    ).run(tenant, from, to, JSON.stringify(recipient));
    return;
  }
  const update = db.prepare(
    `update verifications set recipient = ?
     where tenant_id = ? and rowid > ? and rowid <= ? and recipient = ?`,
  );
  for (const keyId of Object.keys(keys.pepper.keys)) {
    update.run(erasedRecipient, tenant, from, to, pseudonymOf(tenantId, recipient, keys, keyId));
  }
}
