import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { StoreUnderTest } from './given.ts';

/** Every cell of every table, as text: what a search for a person would come upon. */
export async function everythingIn({ store }: Pick<StoreUnderTest, 'store'>): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-copied-'));
  try {
    const file = join(folder, 'copy.db');
    await store.backup(file);
    return contentOf(file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The same of a database file. */
export function contentOf(file: string): string {
  const db = new Database(file, { readonly: true });
  try {
    const tables = db.prepare(`select name from sqlite_master where type = 'table'`).pluck().all() as string[];
    const rows = tables.flatMap((table) => db.prepare(`select * from ${table}`).raw().all() as unknown[][]);
    return rows.map((row) => row.map(String).join('\n')).join('\n');
  } finally {
    db.close();
  }
}

/** Those of `words` that stand somewhere in a text or in bytes. */
export function found(words: readonly string[], within: string | Buffer): string[] {
  return words.filter((word) => within.includes(word));
}
