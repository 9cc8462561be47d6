import { expect, test } from 'vitest';
import { aService, keys, tenantId } from '../../testing/builders.ts';
import { startMs } from '../../testing/clock.ts';
import { openEngine } from '../../testing/engine.ts';
import { isLong } from '../../testing/scale.ts';
import { requestedVerification } from './create-request.ts';
import { createKeyRotation } from './key-rotation.ts';
import { liveKeys } from './key-source.ts';
import { systemRandom } from './random.ts';
import type { MaintenanceJob } from './store.ts';

const count = isLong ? 1_000_000 : 20_000;

test(`seals ${count} codes and repeats no nonce`, () => {
  const wanted = {
    caller: { tenantId, face: 'native', seesAllFaces: true },
    request: { recipient: 'ada@example.com', code: '482913' },
    service: aService(),
    options: { keys: liveKeys(keys), routes: { email: ['first'] }, fictitious: false, random: systemRandom() },
    id: '0192f000-0000-7000-8000-0000000000aa',
    nowMs: startMs,
  };
  const nonces = new Set<string>();
  for (let sealed = 0; sealed < count; sealed++) {
    const made = requestedVerification(wanted);
    if ('kind' in made) throw new Error(made.kind);
    // Sixteen characters of base64 are the twelve bytes of the nonce.
    nonces.add(made.requested.code.sealed?.slice(0, 16) ?? '');
  }
  expect(nonces.size).toBe(count);
});

test('a rewrap draws every nonce anew, for each batch', async () => {
  await using given = await openEngine();
  const drawn: string[] = [];
  const store = {
    ...given.store,
    async maintain(job: MaintenanceJob, limit: number) {
      if (job.kind !== 'rewrap') return given.store.maintain(job, limit);
      drawn.push(...job.nonces);
      return drawn.length < 50_000 ? limit : 0;
    },
  };
  const { committer, log } = given;
  const random = systemRandom();
  const pause = async () => undefined;
  const rotation = createKeyRotation({ store, committer, keys: given.keys, saved: undefined, random, log, pause });
  await rotation.rewrap();
  expect(new Set(drawn).size).toBe(50_000);
  expect(drawn.every((nonce) => /^[0-9a-f]{24}$/.test(nonce))).toBe(true);
});
