import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { openWriter } from './connection.ts';
import { type Migration, migrate } from './migrate.ts';

const first: Migration = { number: 1, name: 'first', sql: 'create table one (a text)' };
const second: Migration = { number: 2, name: 'second', sql: 'create table two (a text); insert into two values (1)' };
const broken: Migration = {
  number: 3,
  name: 'broken',
  sql: 'create table three (a text); insert into none values (1)',
};

const tablesOf = (db: Database.Database) =>
  db.prepare(`select name from sqlite_master where type = 'table' order by name`).pluck().all();
const versionOf = (db: Database.Database) => db.pragma('user_version', { simple: true });

test('runs each migration once, in order, however often it is asked', () => {
  const db = new Database(':memory:');
  migrate(db, [first]);
  expect([tablesOf(db), versionOf(db)]).toEqual([['one'], 1]);
  for (let round = 0; round < 3; round++) migrate(db, [first, second]);
  expect([tablesOf(db), versionOf(db)]).toEqual([['one', 'two'], 2]);
  expect(db.prepare('select count(*) from two').pluck().get()).toBe(1);
  db.close();
});

test('a migration that fails leaves the schema before it, whole', () => {
  const db = new Database(':memory:');
  expect(() => migrate(db, [first, second, broken])).toThrow('none');
  expect([tablesOf(db), versionOf(db), db.inTransaction]).toEqual([['one', 'two'], 2, false]);
  migrate(db, [first, second, { ...broken, sql: 'create table three (a text)' }]);
  expect([tablesOf(db), versionOf(db)]).toEqual([['one', 'three', 'two'], 3]);
  db.close();
});

test('refuses a database that a newer version wrote, and says what to do', () => {
  const db = new Database(':memory:');
  migrate(db, [first, second]);
  expect(() => migrate(db, [first])).toThrow('has schema 2 and this version knows 1: run a newer countersign');
  expect([tablesOf(db), versionOf(db)]).toEqual([['one', 'two'], 2]);
  db.close();
});

test('the database of this version opens again as it is, and no longer once a newer one has changed it', () => {
  const directory = mkdtempSync(join(tmpdir(), 'countersign-migrate-'));
  const file = join(directory, 'store.db');
  try {
    const made = openWriter(file);
    const schema = made.prepare('select sql from sqlite_master order by name').pluck().all();
    made.close();
    const again = openWriter(file);
    expect(again.prepare('select sql from sqlite_master order by name').pluck().all()).toEqual(schema);
    again.pragma('user_version = 1000');
    again.close();
    expect(() => openWriter(file)).toThrow('run a newer countersign');
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
