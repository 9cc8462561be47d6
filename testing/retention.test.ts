import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { defaultRetention, purge } from '../src/engine/retention.ts';
import { openSqliteStore } from '../src/stores/sqlite/store.ts';
import { keys, noLimits } from './builders.ts';
import { startMs, virtualClock } from './clock.ts';
import { built, startProcess, temporaryDirectory } from './process.ts';
import { found } from './store-contract/copied.ts';
import { until } from './until.ts';

const day = 86_400_000;
const count = 4000;

test('a purge whose process is killed goes on with the next one, and leaves nothing in any file', {
  timeout: 60_000,
}, async () => {
  using directory = temporaryDirectory();
  const file = join(directory.path, 'store.db');
  const script = built('testing/retention-server.js');
  await using dying = startProcess(process.execPath, [script, file, String(count)]);
  await until('a purge to be under way', () => /^purge-verifications \d{4}$/m.exec(dying.stdout) ?? undefined, 40_000);
  expect(await dying.end('SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' });
  expect(dying.stderr).toBe('');
  const recipients = dying.stdout.split('\n', 1)[0]?.split(' ') ?? [];
  expect(recipients).toHaveLength(count);

  const clock = virtualClock(startMs + 31 * day);
  const onDeath = (error: Error) => {
    throw error;
  };
  const store = await openSqliteStore({ file, keys, limits: noLimits, epoch: 'e2', clock: clock.source, onDeath });
  try {
    const { rows, logTruncated } = await purge(store, defaultRetention);
    expect(rows['purge-verifications']).toBeGreaterThan(0);
    expect(rows['purge-verifications']).toBeLessThan(count);
    expect(logTruncated).toBe(true);
    const files = ['', '-wal', '-shm'].map((ending) => `${file}${ending}`).filter(existsSync);
    const bytes = Buffer.concat(files.map((name) => readFileSync(name)));
    expect(found([...recipients, 'canary-reference'], bytes)).toEqual([]);
    const { verifications, sends } = await store.queries.counts();
    expect({ verifications, sends }).toEqual({ verifications: count, sends: {} });
  } finally {
    await store.close();
  }
});
