import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { BackupFailed } from './backup-failed.ts';
import { backupMark } from './copies.ts';

/** Under this name a copy is written; it gets its own once it is whole and durable. */
export const partialOf = (file: string) => `${file}.partial`;

/**
 * Writes a snapshot of a database that others go on using. `vacuum into` is one read transaction, so that it ends
 * however busy the writer is; the backup interface of SQLite begins anew at every commit of another connection, and
 * would never end. It also leaves out free pages. While it runs the log cannot begin anew, and grows by what is
 * written meanwhile.
 * @throws Error of the file system or of SQLite; a file that was begun is gone then
 */
export function copyDatabase(from: string, file: string, nowMs: number): number {
  return written(file, nowMs, (partial) => {
    const db = new Database(from, { readonly: true, fileMustExist: true, timeout: 5000 });
    try {
      // The copy inherits it: no unused part of a page then holds what has moved to another one.
      db.pragma('secure_delete = on');
      db.prepare('vacuum into ?').run(partial);
    } finally {
      db.close();
    }
  });
}

/** The same of a database in memory, which the caller has as bytes. */
export function copyBytes(bytes: () => Buffer, file: string, nowMs: number): number {
  return written(file, nowMs, (partial) => writeFileSync(partial, bytes()));
}

function written(file: string, nowMs: number, write: (partial: string) => void): number {
  if (existsSync(file)) throw Object.assign(new Error('it is there'), { code: 'EEXIST' });
  const partial = partialOf(file);
  // Made by ourselves, so that it is its owner's alone from the first byte.
  closeSync(openSync(partial, 'wx', 0o600));
  try {
    write(partial);
    finish(partial, nowMs);
    sync(partial);
    const { size } = statSync(partial);
    if (existsSync(file)) throw Object.assign(new Error('it is there'), { code: 'EEXIST' });
    renameSync(partial, file);
    sync(dirname(file));
    return size;
  } catch (error) {
    for (const name of [partial, `${partial}-journal`]) rmSync(name, { force: true });
    throw error;
  }
}

/**
 * Marks a copy as one, takes out whatever codes of pending verifications could be computed from, as nobody may type
 * them after a restore anyway, and has SQLite look at all of it.
 */
function finish(partial: string, nowMs: number): void {
  const db = new Database(partial);
  try {
    // The copy is thrown away should anything happen: it needs no journal that would hold what is erased.
    db.pragma('journal_mode = memory');
    db.pragma('secure_delete = on');
    db.exec('begin');
    // Written over in its place, byte for byte: where a row becomes shorter, SQLite moves its neighbours, and what they
    // were moved from stays behind in unused parts of pages.
    db.exec(`update verifications set
               code_salt = substr(hex(zeroblob(length(code_salt))), 1, length(code_salt)),
               code_sealed = substr(hex(zeroblob(length(code_sealed))), 1, length(code_sealed))
             where code_salt is not null or code_sealed is not null`);
    db.exec(`update code_tags set
               tag = zeroblob(length(tag)),
               salt = substr(hex(zeroblob(length(salt))), 1, length(salt))`);
    db.prepare('insert or replace into facts (name, value) values (?, ?)').run(backupMark, String(nowMs));
    db.exec('commit');
    const found = db.pragma('integrity_check', { simple: true });
    if (found !== 'ok') throw new BackupFailed('damaged', `the copy of the database is damaged: ${found}`);
  } finally {
    db.close();
  }
}

/** Has the disk hold a file, or the names in a folder. */
export function sync(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
