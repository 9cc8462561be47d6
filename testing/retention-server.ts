import { defaultRetention, purge } from '../src/engine/retention.ts';
import { openSqliteStore } from '../src/stores/sqlite/store.ts';
import { aCreate, aTenant, keys, noLimits, times } from './builders.ts';
import { virtualClock } from './clock.ts';

/* A process to be killed in the middle of a purge. It tells what it made, then each step, a line each. */

const day = 86_400_000;
const [file = '', count = '0'] = process.argv.slice(2);
const clock = virtualClock();
const store = await openSqliteStore({
  file,
  keys,
  limits: noLimits,
  epoch: 'e1',
  clock: clock.source,
  onDeath(error) {
    throw error;
  },
});
await store.commitBatch([aTenant()]);
const creates = times(Number(count), () => aCreate({ requested: { reference: 'canary-reference' } }));
for (let at = 0; at < creates.length; at += 250) await store.commitBatch(creates.slice(at, at + 250));
console.log(creates.map(({ requested }) => requested.recipient).join(' '));

process.stdin.once('end', () => process.exit(1)).resume();
clock.advance(31 * day);
await purge(store, defaultRetention, { progress: (work, rows) => console.log(`${work} ${rows}`) });
await store.close();
