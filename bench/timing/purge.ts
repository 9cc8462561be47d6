import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { defaultRetention, purge } from '../../src/engine/retention.ts';
import type { Store } from '../../src/engine/store.ts';
import { openSqliteStore } from '../../src/stores/sqlite/store.ts';
import { aCheck, aCreate, aTenant, keys, noLimits, times } from '../../testing/builders.ts';
import { virtualClock } from '../../testing/clock.ts';
import type { Figure } from './figure.ts';

const BATCH = 250;
const LIVE = 500;
const DAY_MS = 86_400_000;
/** Between two checks, as many arrive in a lively minute. */
const PAUSE_MS = 2;

/**
 * How long checks take while old verifications are purged: each is committed on its own, in turn with the batches of
 * the purge.
 * @param rows - verifications that are purged
 */
export async function purgeFigures(folder: string, rows: number): Promise<Figure[]> {
  const clock = virtualClock();
  const file = join(mkdtempSync(join(folder, 'purge-')), 'store.db');
  const onDeath = (error: Error) => {
    throw error;
  };
  const store = await openSqliteStore({ file, keys, limits: noLimits, epoch: 'e1', clock: clock.source, onDeath });
  try {
    await store.commitBatch([aTenant()]);
    await fill(store, rows);
    clock.advance(31 * DAY_MS);
    const live = times(LIVE, () => aCreate({ requested: { ttlSeconds: 86_400, attemptsMax: 1_000_000 } }));
    for (let at = 0; at < LIVE; at += BATCH) await store.commitBatch(live.slice(at, at + BATCH));

    let purging = true;
    const startMs = performance.now();
    const purged = purge(store, defaultRetention).finally(() => {
      purging = false;
    });
    const timesMs: number[] = [];
    while (purging) {
      const { requested } = live[timesMs.length % LIVE] ?? aCreate();
      const fromMs = performance.now();
      const [done] = await store.commitBatch([aCheck({ verificationId: requested.id })]);
      timesMs.push(performance.now() - fromMs);
      if (done?.kind !== 'done') throw new Error('a check was not answered');
      await delay(PAUSE_MS);
    }
    const { rows: dealt } = await purged;
    const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
    if (dealt['purge-verifications'] !== rows) throw new Error('not everything was purged');
    const value = timesMs.sort((a, b) => a - b)[Math.floor(timesMs.length * 0.99)] ?? Number.NaN;
    const over = `${timesMs.length} checks in the ${seconds} s that purging ${rows} verifications took`;
    return [{ name: 'check during a purge: p99', value, unit: 'ms', below: 200, over }];
  } finally {
    await store.close();
  }
}

async function fill(store: Store, rows: number): Promise<void> {
  for (let at = 0; at < rows; at += BATCH) {
    const count = Math.min(BATCH, rows - at);
    await store.commitBatch(times(count, () => aCreate({ requested: { country: 'FR', reference: `order-${at}` } })));
  }
}
