import type Database from 'better-sqlite3';
import type { CodeGuesses } from '../../domain/code-guesses.ts';
import { type CodeTag, type SpentTag, type TaggedVerification, tagKeptMs } from '../../domain/code-tag.ts';
import type { Queries } from '../../engine/store.ts';
import type { BatchContext } from './batch-context.ts';
import { idFromBytes, idToBytes } from './ids.ts';

/* What verifications are found by that are checked by their code alone, and how many wrong codes came so. */

/** The statements of the writing connection. Nothing is remembered here: each looks at the table itself. */
export interface CodeTags {
  tagged(tenant: Buffer, tag: string): readonly TaggedVerification[];
  put(tenant: Buffer, tag: CodeTag): void;
  spend(tenant: Buffer, spent: SpentTag): void;
  guesses(tenant: Buffer): CodeGuesses;
  setGuesses(tenant: Buffer, guesses: CodeGuesses): void;
}

export function prepareCodeTags(db: Database.Database): CodeTags {
  const tagged = db
    .prepare(
      // Left to itself, SQLite reads all of the tenant's rows by the key. The limit is no parameter, because SQLite plans a
      // statement anew with every value that its plan may depend on.
      `select verification_id, erase_at from code_tags indexed by code_tags_by_tag
       where tenant_id = ? and tag = ? and tag is not null
       order by rowid desc limit 1000`,
    )
    .raw();
  const put = db.prepare(
    'insert into code_tags (tenant_id, verification_id, key_id, tag, erase_at) values (?, ?, ?, ?, ?)',
  );
  const show = db.prepare(
    'update code_tags set tag = null, salt = ?, erase_at = ? where tenant_id = ? and verification_id = ?',
  );
  const forget = db.prepare('delete from code_tags where tenant_id = ? and verification_id = ?');
  const guesses = db.prepare('select minutes from code_guesses where tenant_id = ?').raw();
  const setGuesses = db.prepare('insert or replace into code_guesses (tenant_id, minutes) values (?, ?)');
  return {
    tagged(tenant, tag) {
      const rows = tagged.all(tenant, toBytes(tag)) as [Buffer, number][];
      return rows.map(([id, eraseAtMs]) => ({ verificationId: idFromBytes(id), eraseAtMs }));
    },
    put(tenant, { verificationId, keyId, tag, eraseAtMs }) {
      put.run(tenant, idToBytes(verificationId), keyId, toBytes(tag), eraseAtMs);
    },
    spend(tenant, { verificationId, salt, eraseAtMs }) {
      const id = idToBytes(verificationId);
      if (salt === undefined) forget.run(tenant, id);
      else show.run(salt, eraseAtMs, tenant, id);
    },
    guesses(tenant) {
      const row = guesses.get(tenant) as [string] | undefined;
      return row === undefined ? [] : (JSON.parse(row[0]) as CodeGuesses);
    },
    setGuesses: (tenant, minutes) => void setGuesses.run(tenant, JSON.stringify(minutes)),
  };
}

const toBytes = (tag: string) => Buffer.from(tag, 'hex');

export function codeTagQueries(db: Database.Database, nowMs: () => number): Pick<Queries, 'liveCodes' | 'shownCode'> {
  const live = db
    .prepare('select count(*) from (select 1 from code_tags where tenant_id = ? and erase_at > ? limit ?)')
    .pluck();
  const shown = db
    .prepare(
      `select key_id, salt from code_tags
       where tenant_id = ? and verification_id = ? and salt is not null and erase_at > ?`,
    )
    .raw();
  return {
    // Of those whose code was right, none is erased later than a day from now.
    liveCodes: async (tenantId, most) => live.get(idToBytes(tenantId), nowMs() + tagKeptMs, most) as number,
    async shownCode(tenantId, verificationId) {
      const row = shown.get(idToBytes(tenantId), idToBytes(verificationId), nowMs()) as [string, string] | undefined;
      return row && { keyId: row[0], salt: row[1] };
    },
  };
}

/** Forgets tags and salts whose day is over, tenant by tenant. @returns rows forgotten */
export function purgeCodeTags(db: Database.Database, { nowMs, limit }: BatchContext): number {
  const forget = db.prepare(
    `delete from code_tags where tenant_id = ? and verification_id in (
       select verification_id from code_tags where tenant_id = ? and erase_at <= ? limit ?)`,
  );
  const tenants = db.prepare('select id from tenants').pluck().all() as Buffer[];
  let forgotten = 0;
  for (const tenant of tenants) {
    if (forgotten >= limit) break;
    forgotten += forget.run(tenant, tenant, nowMs, limit - forgotten).changes;
  }
  return forgotten;
}
