import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openReader, openWriter } from './connection.ts';

const refused = vi.hoisted(() => ({ pragma: '' }));

/** A database that ignores one pragma, as one does that was built, or is stored, where it cannot be had. */
vi.mock('better-sqlite3', async (original) => {
  const { default: Real } = await original<{ default: typeof Database }>();
  class Deaf extends Real {
    override pragma(source: string, options?: Database.PragmaOptions): unknown {
      return refused.pragma !== '' && source.startsWith(refused.pragma) ? undefined : super.pragma(source, options);
    }
  }
  return { default: Deaf };
});

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'countersign-connection-'));
  file = join(directory, 'store.db');
  refused.pragma = '';
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const settingsOf = (db: Database.Database) => [
  db.pragma('synchronous', { simple: true }),
  db.pragma('journal_mode', { simple: true }),
];
const fullWal = [2, 'wal'];

test('syncs every commit to disk, on a new file and on one that is opened again', () => {
  for (let opening = 0; opening < 3; opening++) {
    const writer = openWriter(file);
    const reader = openReader(file);
    expect(settingsOf(writer)).toEqual(fullWal);
    expect(settingsOf(reader)).toEqual(fullWal);
    reader.close();
    writer.close();
  }
});

test.each(['synchronous = ', 'journal_mode = '])('refuses a database that does not take "%s" to heart', (pragma) => {
  refused.pragma = pragma;
  expect(() => openWriter(file)).toThrow('refuses synchronous=FULL in WAL mode');
});

test('refuses an existing database that would be opened with less than it was made with', () => {
  openWriter(file).close();
  refused.pragma = 'synchronous = ';
  expect(() => openWriter(file)).toThrow('refuses synchronous=FULL in WAL mode (it says 1, wal)');
});

test('a reading connection cannot write', () => {
  const writer = openWriter(file);
  const reader = openReader(file);
  expect(() => reader.exec('delete from facts')).toThrow(/readonly|query/);
  reader.close();
  writer.close();
});

test('reads a file only when it is there', () => {
  expect(() => openReader(join(directory, 'none.db'))).toThrow();
});

test('a new database and its log are readable by their owner alone, whatever the mask of new files', () => {
  const writer = openWriter(file);
  writer.exec('create table more (n integer) strict; insert into more values (1)');
  const modes = [file, `${file}-wal`, `${file}-shm`].map((path) => statSync(path).mode & 0o777);
  expect(modes).toEqual([0o600, 0o600, 0o600]);
  writer.close();
});
