import { closeSync, openSync } from 'node:fs';
import Database from 'better-sqlite3';
import { migrate } from './migrate.ts';
import { engine } from './migrations/001-engine.ts';
import { administration } from './migrations/002-administration.ts';
import { sealedCodes } from './migrations/003-sealed-codes.ts';
import { terms } from './migrations/004-terms.ts';
import { webhooks } from './migrations/005-webhooks.ts';
import { balances } from './migrations/006-balances.ts';
import { codeTags } from './migrations/007-code-tags.ts';
import { remarks } from './migrations/008-remarks.ts';
import { people } from './migrations/009-people.ts';
import { shorterTags } from './migrations/010-shorter-tags.ts';

export const migrations = [
  engine,
  administration,
  sealedCodes,
  terms,
  webhooks,
  balances,
  codeTags,
  remarks,
  people,
  shorterTags,
];

/** The schema that this version writes. */
export const schemaKnown = Math.max(...migrations.map(({ number }) => number));

/** A commit writes every page it touches; most of them for one small row. */
const pageBytes = 2048;
/**
 * Length of the log (512 MiB) at which the writer copies it back by itself. It never comes to this while the
 * checkpointer lives.
 */
const ownCheckpointPages = 262_144;

/**
 * The writing connection: WAL, one fsync a commit, schema up to date. Settings are read back, because a database that
 * silently runs with less would lose acknowledged commits at a power cut.
 */
export function openWriter(file: string): Database.Database {
  makeOwn(file);
  const db = new Database(file, { timeout: 5000 });
  try {
    db.pragma(`page_size = ${pageBytes}`);
    db.pragma('journal_mode = wal');
    db.pragma('synchronous = full');
    db.pragma(`wal_autocheckpoint = ${ownCheckpointPages}`);
    db.pragma('cache_size = -16384');
    db.pragma('temp_store = memory');
    // What is erased must not be left lying in the free space of a page.
    db.pragma('secure_delete = on');
    migrate(db, migrations);
    assertDurable(db);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** A new file is its owner's alone, whatever others the user lets read theirs; its log takes after it. */
function makeOwn(file: string): void {
  if (file === ':memory:') return;
  try {
    closeSync(openSync(file, 'ax', 0o600));
  } catch {
    // It is there, or cannot be made, which SQLite says better.
  }
}

/** A connection for queries that cannot write. */
export function openReader(file: string): Database.Database {
  const db = new Database(file, { readonly: true, fileMustExist: true, timeout: 5000 });
  db.pragma('query_only = on');
  db.pragma('synchronous = full');
  db.pragma('cache_size = -16384');
  return db;
}

const full = 2;

/** @throws Error when the database would acknowledge a commit before it is durable */
function assertDurable(db: Database.Database): void {
  const synchronous = db.pragma('synchronous', { simple: true });
  const journal = db.pragma('journal_mode', { simple: true });
  const inMemory = db.memory;
  if (synchronous !== full || (journal !== 'wal' && !inMemory)) {
    throw new Error(`the database refuses synchronous=FULL in WAL mode (it says ${synchronous}, ${journal})`);
  }
}
