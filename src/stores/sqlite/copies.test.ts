import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { aCreate, aTenant, keys, noLimits } from '../../../testing/builders.ts';
import { virtualClock } from '../../../testing/clock.ts';
import { temporaryDirectory } from '../../../testing/process.ts';
import { until } from '../../../testing/until.ts';
import { openReader } from './connection.ts';
import { keepState } from './copies.ts';
import { openSqliteStore } from './store.ts';

afterEach(() => {
  vi.useRealTimers();
});

test('the state file follows the time that is durable, every ten seconds and at the end', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  using directory = temporaryDirectory();
  const file = join(directory.path, 'store.db');
  const written = () => readFileSync(`${file}.state`, 'utf8');
  const says = (floorMs: number) => until('the state', () => (written() === line(floorMs) ? true : undefined));
  const line = (floorMs: number) => `{"clockFloorMs":${floorMs}}\n`;
  let floorMs = 1000;
  const kept = await keepState(file, () => floorMs);
  expect(written()).toBe(line(1000));
  floorMs = 2000;
  vi.advanceTimersByTime(9999);
  expect(written()).toBe(line(1000));
  vi.advanceTimersByTime(1);
  await says(2000);
  floorMs = 3000;
  await kept.close();
  expect(written()).toBe(line(3000));
  floorMs = 4000;
  vi.advanceTimersByTime(20_000);
  expect(written()).toBe(line(3000));
});

test('the log is not emptied while somebody reads it, and nobody is waited for', async () => {
  using directory = temporaryDirectory();
  const file = join(directory.path, 'store.db');
  const { source: clock } = virtualClock();
  const onDeath = (error: Error) => {
    throw error;
  };
  const store = await openSqliteStore({ file, keys, limits: noLimits, epoch: 'e1', clock, onDeath });
  try {
    await store.commitBatch([aTenant(), aCreate(), aCreate()]);
    const reader = openReader(file);
    const rows = reader.prepare('select id from verifications').iterate();
    rows.next();
    await store.commitBatch([aCreate()]);
    expect(await store.truncateLog()).toBe(false);
    rows.return?.();
    reader.close();
    expect(await store.truncateLog()).toBe(true);
    expect(statSync(`${file}-wal`).size).toBe(0);
  } finally {
    await store.close();
  }
});
