import type Database from 'better-sqlite3';

/** One step of the schema. Only ever added to: a database in the field has run the earlier ones. */
export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
}

/**
 * Brings the schema up to date, each migration in a transaction of its own.
 * @throws Error when the database was written by a newer version
 */
export function migrate(db: Database.Database, migrations: readonly Migration[]): void {
  const latest = migrations.at(-1)?.number ?? 0;
  for (const { number, sql } of migrations) {
    db.exec('begin immediate');
    try {
      if (schemaVersion(db) < number) {
        db.exec(sql);
        db.pragma(`user_version = ${number}`);
      }
      db.exec('commit');
    } catch (error) {
      if (db.inTransaction) db.exec('rollback');
      throw error;
    }
  }
  const found = schemaVersion(db);
  if (found > latest) {
    throw new Error(`the database has schema ${found} and this version knows ${latest}: run a newer countersign`);
  }
}

/** Number of the latest migration that a database has. */
export function schemaVersion(db: Database.Database): number {
  return db.pragma('user_version', { simple: true }) as number;
}
