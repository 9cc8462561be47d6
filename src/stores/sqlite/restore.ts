import { chmodSync, constants, copyFileSync, existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import type { KeyRings } from '../../domain/keys.ts';
import { sync } from './backup-copy.ts';
import { openWriter } from './connection.ts';
import { backupMark, writeState } from './copies.ts';
import { lockStore, StoreLocked } from './lock.ts';
import { endLogins } from './people-restore.ts';

export interface RestoreRequest {
  /** A backup, or a plain copy of a database whose server did not run. It is only read. */
  readonly from: string;
  /** Where the server looks for its database; nothing may be there. */
  readonly to: string;
  readonly keys: KeyRings;
  /** Milliseconds UTC. */
  readonly nowMs: number;
}

export interface RestoreReport {
  readonly bytes: number;
  /** Absent for a plain copy. */
  readonly takenAtMs?: number | undefined;
  readonly tenants: number;
  readonly verifications: number;
  /** Pending ones that were ended. */
  readonly verificationsEnded: number;
  readonly sendsDropped: number;
  /** Logins of users that were ended. */
  readonly sessionsEnded: number;
  /** Keys that rows name and that no ring holds: what they protect cannot be read until they are added back. */
  readonly missingKeys: readonly string[];
}

/** Nothing was restored, and nothing changed. The message says what to do. */
export class RestoreRefused extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'RestoreRefused';
  }
}

/**
 * Makes a copy of a database fit to be served: nothing that was pending in it lives on and nothing queued is sent,
 * while counts, limits and locks stay as they were. The database appears under its name when all of it is durable.
 * @throws RestoreRefused, or StoreLocked when a server uses `to`
 */
export async function restoreDatabase({ from, to, keys, nowMs }: RestoreRequest): Promise<RestoreReport> {
  const unlock = lock(to);
  try {
    refuseTaken(to);
    const draft = `${to}.restoring`;
    // Only we may be here: one that is there already was left by a restore that was interrupted.
    remove(draft);
    try {
      copy(from, draft);
      const report = prepare(draft, from, keys, nowMs);
      sync(draft);
      rmSync(`${to}-shm`, { force: true });
      renameSync(draft, to);
      sync(dirname(to));
      await writeState(to, report.floorMs);
      const { floorMs: _, ...told } = report;
      return { bytes: statSync(to).size, ...told };
    } catch (error) {
      remove(draft);
      throw explained(error, from, to);
    }
  } finally {
    unlock();
  }
}

function lock(to: string): () => void {
  try {
    return lockStore(to);
  } catch (error) {
    if (error instanceof StoreLocked) throw error;
    throw new RestoreRefused(`${dirname(to)} cannot be written; make the folder, or restore as the server's user`, {
      cause: error,
    });
  }
}

/** A log or journal beside it would be taken for the restored database's own. */
function refuseTaken(to: string): void {
  const taken = [to, `${to}-wal`, `${to}-journal`].find((file) => existsSync(file));
  if (taken !== undefined) {
    throw new RestoreRefused(`${taken} is there already; move it elsewhere, with all files whose names begin alike`);
  }
}

function remove(draft: string): void {
  for (const ending of ['', '-wal', '-shm', '-journal']) rmSync(`${draft}${ending}`, { force: true });
}

function copy(from: string, draft: string): void {
  for (const ending of ['', '-wal']) {
    if (ending !== '' && !existsSync(`${from}${ending}`)) continue;
    copyFileSync(`${from}${ending}`, `${draft}${ending}`, constants.COPYFILE_EXCL);
    chmodSync(`${draft}${ending}`, 0o600);
  }
}

type Prepared = Omit<RestoreReport, 'bytes'> & { readonly floorMs: number };

function prepare(draft: string, from: string, keys: KeyRings, nowMs: number): Prepared {
  assertWhole(draft, from);
  const db = openWriter(draft);
  try {
    db.exec('begin immediate');
    const prepared = endAll(db, keys, nowMs);
    db.exec('commit');
    return prepared;
  } finally {
    // The last connection copies the log back and removes it.
    db.close();
  }
}

/** @throws RestoreRefused when the file is no database of ours, or SQLite finds fault with it */
function assertWhole(draft: string, from: string): void {
  const db = new Database(draft, { fileMustExist: true });
  try {
    const made = db.prepare(`select count(*) from sqlite_master where name in ('facts', 'verifications', 'sends')`);
    if (made.pluck().get() !== 3) throw new RestoreRefused(`${from} is no database of countersign`);
    const found = db.pragma('integrity_check', { simple: true });
    if (found !== 'ok') throw new RestoreRefused(`${from} is damaged (${found}); restore another backup`);
  } finally {
    db.close();
  }
}

function endAll(db: Database.Database, keys: KeyRings, nowMs: number): Prepared {
  const one = <T>(sql: string) => db.prepare(sql).pluck().get() as T;
  const fact = (name: string) =>
    db.prepare('select value from facts where name = ?').pluck().get(name) as string | undefined;
  const takenAt = fact(backupMark);
  const missingKeys = keysMissing(db, keys);
  const { changes: verificationsEnded } = db
    .prepare(`update verifications set expires_at = ? where status = 'pending' and expires_at > ?`)
    .run(nowMs, nowMs);
  db.exec(`update verifications set code_salt = null, code_sealed = null
           where code_salt is not null or code_sealed is not null`);
  db.exec('delete from code_tags');
  const { changes: sendsDropped } = db
    .prepare(
      `update sends set status = 'dropped', reason = 'restored', epoch = null, try_open = 0, ended_at = ?
       where status = 'queued'`,
    )
    .run(nowMs);
  const floorMs = Number(fact('clock_floor') ?? 0);
  const sessionsEnded = endLogins(db, Math.max(nowMs, floorMs));
  db.prepare('delete from facts where name = ?').run(backupMark);
  return {
    takenAtMs: takenAt === undefined ? undefined : Number(takenAt),
    tenants: one<number>('select count(*) from tenants'),
    verifications: one<number>('select count(*) from verifications'),
    verificationsEnded,
    sendsDropped,
    sessionsEnded,
    missingKeys,
    floorMs,
  };
}

/** What a row names is looked for in every ring: a code's key is of one ring or the other. */
function keysMissing(db: Database.Database, { pepper, data }: KeyRings): string[] {
  const named = db
    .prepare(
      `select distinct code_key_id from verifications where status = 'pending'
       union select distinct key_id from idempotency
       union select secret_key_id from webhook_endpoints
       union select previous_key_id from webhook_endpoints where previous_key_id is not null
       union select recovery_key_id from users where recovery_key_id is not null
       union select totp_key_id from factors where totp_key_id is not null`,
    )
    .pluck()
    .all() as string[];
  return named.filter((id) => !Object.hasOwn(pepper.keys, id) && !Object.hasOwn(data.keys, id)).sort();
}

const remedies: Readonly<Record<string, string>> = {
  ENOENT: 'is not there, or the folder it goes to is not',
  EACCES: 'cannot be read or written by this user',
  EPERM: 'cannot be read or written by this user',
  EISDIR: 'is a folder',
  ENOSPC: 'does not fit on the disk',
  SQLITE_FULL: 'does not fit on the disk',
  SQLITE_NOTADB: 'is no database',
  SQLITE_CORRUPT: 'is damaged; restore another backup',
};

function explained(error: unknown, from: string, to: string): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const remedy = remedies[code] ?? remedies[code.split('_').slice(0, 2).join('_')];
  return remedy === undefined ? error : new RestoreRefused(`${from} ${remedy}; ${to} was not made`, { cause: error });
}
