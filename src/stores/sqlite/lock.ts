import Database from 'better-sqlite3';

/** The data directory belongs to another process that is alive. */
export class StoreLocked extends Error {
  constructor(file: string) {
    super(`${file} is in use by another countersign: stop it, or choose another data directory`);
    this.name = 'StoreLocked';
  }
}

/** Locks that are held. A connection that nobody knows any more would be closed by the garbage collector. */
const held = new Set<Database.Database>();

/**
 * Makes this process the only owner of a database. The lock is an operating-system lock on a file beside it, held by
 * an exclusive transaction that never ends, so that it dies with the process, however that dies.
 * @returns how to give it back
 * @throws StoreLocked when another process holds it
 */
export function lockStore(file: string): () => void {
  const db = new Database(`${file}.lock`, { timeout: 0 });
  try {
    db.pragma('journal_mode = memory');
    db.exec('begin exclusive');
  } catch (error) {
    db.close();
    throw error instanceof Error && 'code' in error && error.code === 'SQLITE_BUSY' ? new StoreLocked(file) : error;
  }
  held.add(db);
  return () => {
    held.delete(db);
    db.close();
  };
}
