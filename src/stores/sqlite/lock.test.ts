import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keys, noLimits } from '../../../testing/builders.ts';
import { until } from '../../../testing/until.ts';
import { openWriter } from './connection.ts';
import { lockStore, StoreLocked } from './lock.ts';
import { openSqliteStore } from './store.ts';

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'countersign-lock-'));
  file = join(directory, 'store.db');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const open = () =>
  openSqliteStore({
    file,
    keys,
    limits: noLimits,
    epoch: 'e1',
    clock: 'system',
    onDeath(error) {
      throw error;
    },
  });

test('a database has one owner: a second one is refused and told why, until the first has closed', async () => {
  const store = await open();
  await expect(open()).rejects.toThrow(StoreLocked);
  await expect(open()).rejects.toThrow('is in use by another countersign');
  expect(await store.commitBatch([])).toEqual([]);
  await store.close();
  const next = await open();
  await next.close();
});

test('a store that cannot be opened gives its lock back', async () => {
  const db = openWriter(file);
  db.pragma('user_version = 1000');
  db.close();
  for (let round = 0; round < 2; round++) await expect(open()).rejects.toThrow('run a newer countersign');
  lockStore(file)();
});

test('says so when the place cannot be written, rather than that it is in use', () => {
  expect(() => lockStore(join(directory, 'none', 'store.db'))).toThrow(/directory/);
});

/** Another process, that takes the lock and keeps it, although it forgets how to give it back. */
function anOwner(): ChildProcess {
  const lock = new URL('../../../dist/src/stores/sqlite/lock.js', import.meta.url).href;
  const code = `const { lockStore } = await import(${JSON.stringify(lock)});
    lockStore(${JSON.stringify(file)});
    await new Promise((resolve) => setTimeout(resolve, 10));
    gc();
    process.stdout.write('locked');
    setTimeout(() => undefined, 20_000);`;
  return spawn(process.execPath, ['--expose-gc', '--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

test('a lock dies with its process, however that dies', async () => {
  const owner = anOwner();
  try {
    const said: Buffer[] = [];
    owner.stdout?.on('data', (chunk: Buffer) => said.push(chunk));
    await until('the lock to be taken', () => (Buffer.concat(said).includes('locked') ? true : undefined));
    expect(() => lockStore(file)).toThrow(StoreLocked);
  } finally {
    owner.kill('SIGKILL');
    await once(owner, 'exit');
  }
  lockStore(file)();
});
