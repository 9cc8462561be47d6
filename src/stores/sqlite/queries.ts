import type Database from 'better-sqlite3';
import type { Send } from '../../domain/send.ts';
import { statusOf, type Verification } from '../../domain/verification.ts';
import type { Queries, VerificationFilter, VerificationPage } from '../../engine/store.ts';
import { codeTagQueries } from './code-tags.ts';
import { idFromBytes, idToBytes } from './ids.ts';
import { sqliteKeyUsage } from './key-usage.ts';
import { schemaVersion } from './migrate.ts';
import { peopleQueries } from './people-queries.ts';
import { type Row, sendColumns, toSend, toVerification, verificationColumns } from './rows.ts';
import { tenancyQueries } from './tenancy-queries.ts';
import { webhookQueries } from './webhook-queries.ts';

const verificationList = [...verificationColumns.fixed, ...verificationColumns.changing].join(', ');
const sendList = [...sendColumns.fixed, ...sendColumns.changing].join(', ');

const withSecret = 'select count(*) from verifications where (code_salt is not null or code_sealed is not null)';

/** Rows that one page looks at before it comes back short: a rare status must not read the whole table. */
const scanMax = 250;

/** @param nowMs - the store's time, against which a pending verification reads as expired */
export function sqliteQueries(db: Database.Database, nowMs: () => number): Queries {
  const prepare = (sql: string) => db.prepare(sql).raw();
  const byId = prepare(`select ${verificationList} from verifications where tenant_id = ? and id = ?`);
  const sends = prepare(`select ${sendList} from sends where tenant_id = ? and verification_id = ? order by number`);
  const page = prepare(
    `select ${verificationList} from verifications where tenant_id = ? and id < ? order by id desc limit ?`,
  );
  const newest = db.prepare('select newest_id from recipients where tenant_id = ? and recipient = ?').pluck();

  const read = (tenantId: string, id: string) => {
    const row = byId.get(idToBytes(tenantId), idToBytes(id)) as Row | undefined;
    return row && toVerification(row);
  };

  const readPage = ({ tenantId, before }: VerificationFilter, limit: number) => {
    const end = before === undefined ? Buffer.alloc(16, 255) : idToBytes(before);
    return (page.all(idToBytes(tenantId), end, limit) as Row[]).map(toVerification);
  };

  /** Follows the chain of a recipient's verifications, from the newest or from where the last page ended. */
  const readChain = ({ tenantId, before }: VerificationFilter, recipient: string, limit: number) => {
    const last = before === undefined ? undefined : read(tenantId, before);
    if (before !== undefined && last?.recipient !== recipient) return [];
    const head = newest.get(idToBytes(tenantId), recipient) as Buffer | null | undefined;
    let next = last === undefined ? head && idFromBytes(head) : last.previousId;
    const rows: Verification[] = [];
    while (next && rows.length < limit) {
      const row = read(tenantId, next);
      // The chain ends at one that is not this recipient's any more.
      if (row?.recipient !== recipient) break;
      rows.push(row);
      next = row.previousId;
    }
    return rows;
  };

  const overdue = db.prepare(`${withSecret} and expires_at <= ?`).pluck();
  const secretsOverdue = () => overdue.get(nowMs() - 60_000) as number;

  return {
    ...tenancyQueries(db),
    ...webhookQueries(db, nowMs),
    ...codeTagQueries(db, nowMs),
    ...peopleQueries(db),
    secretsOverdue: async () => secretsOverdue(),
    async verification(tenantId, id) {
      return read(tenantId, id);
    },
    async sends(tenantId, verificationId): Promise<Send[]> {
      return (sends.all(idToBytes(tenantId), idToBytes(verificationId)) as Row[]).map(toSend);
    },
    async verifications(filter): Promise<VerificationPage> {
      const { recipient, status, face, limit } = filter;
      const wanted = (row: Verification) =>
        (status === undefined || statusOf(row, nowMs()) === status) && (face === undefined || row.face === face);
      const filtered = status !== undefined || face !== undefined;
      const most = filtered ? scanMax : limit + 1;
      const scanned = recipient === undefined ? readPage(filter, most) : readChain(filter, recipient, most);
      const matches = scanned.filter(wanted);
      const rows = matches.slice(0, limit);
      // The last row handed out when there are more, else the last one looked at.
      const more =
        matches.length > limit ? rows.at(-1) : filtered && scanned.length === scanMax ? scanned.at(-1) : undefined;
      return more === undefined ? { rows } : { rows, nextBefore: more.id };
    },
    keyUsage: sqliteKeyUsage(db, nowMs),
    schema: async () => schemaVersion(db),
    async counts() {
      const one = (sql: string) => db.prepare(sql).pluck().get() as number;
      const bySend = prepare('select status, count(*) from sends group by status').all() as [string, number][];
      return {
        verifications: one('select count(*) from verifications'),
        verificationsWithSecret: one(withSecret),
        secretsOverdue: secretsOverdue(),
        sends: Object.fromEntries(bySend),
      };
    },
  };
}
