import { setTimeout as pause } from 'node:timers/promises';
import { Committer } from '../src/engine/committer.ts';
import { createKeyRotation } from '../src/engine/key-rotation.ts';
import { liveKeys } from '../src/engine/key-source.ts';
import { systemRandom } from '../src/engine/random.ts';
import { readKeyFile, savedIn } from '../src/main/key-file.ts';
import { openSqliteStore } from '../src/stores/sqlite/store.ts';
import { createLog } from '../src/telemetry/log.ts';
import { noLimits } from './builders.ts';

/*
 * A server to be killed that does nothing but rewrap its store, slowly, and say how far it is. The parent's end of the standard input closes
 * when the parent ends, however it does.
 */

export interface RewrapServerOptions {
  readonly file: string;
  readonly keyFile: string;
  /** What each commit takes longer. */
  readonly commitDelayMs: number;
}

// The parent is our own test, which wrote this argument from the same type.
const { file, keyFile, commitDelayMs } = JSON.parse(process.argv[2] ?? '') as RewrapServerOptions;
process.stdin.once('end', () => process.exit(1)).resume();

const rings = readKeyFile(keyFile);
const random = systemRandom();
const log = createLog('error');
const store = await openSqliteStore({
  file,
  keys: rings,
  limits: noLimits,
  epoch: 'rewrap',
  clock: 'system',
  commitDelayMs,
  onDeath(error) {
    throw error;
  },
});
const committer = new Committer(store, log, () => performance.now());
const saved = savedIn(keyFile, random);
const rotation = createKeyRotation({ store, committer, keys: liveKeys(rings), saved, random, log, pause });
const { rows } = await rotation.rewrap((done) => console.log(done));
console.log(`rewrapped ${rows}`);
await store.close();
process.exit(0);
