import type Database from 'better-sqlite3';
import { openWriter } from '../src/stores/sqlite/connection.ts';

/** A database, and what was prepared on it. */
export interface NotedDatabase {
  readonly db: Database.Database;
  readonly statements: readonly string[];
}

/** A database in memory that notes what is prepared on it. */
export function notedDatabase(): NotedDatabase {
  const db = openWriter(':memory:');
  const statements: string[] = [];
  const prepare = db.prepare.bind(db);
  Object.assign(db, {
    prepare(sql: string) {
      statements.push(sql);
      return prepare(sql);
    },
  });
  return { db, statements };
}

/** How SQLite goes about the statements that match: each step, and after a bar the statement that it is of. */
export function plansOf({ db, statements }: NotedDatabase, about: RegExp): string[] {
  return statements
    .filter((sql) => about.test(sql))
    .flatMap((sql) => {
      const values = [...sql.matchAll(/\?/g)].map(() => 1);
      const plan = db.prepare(`explain query plan ${sql}`).all(...values) as { readonly detail: string }[];
      return plan.map(({ detail }) => `${detail} | ${sql.replace(/\s+/g, ' ')}`);
    });
}
