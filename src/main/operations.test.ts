import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openEngine } from '../../testing/engine.ts';
import { createKeyRotation } from '../engine/key-rotation.ts';
import { systemRandom } from '../engine/random.ts';
import { SendBacklog } from '../engine/send-backlog.ts';
import { Sweeper } from '../engine/sweeper.ts';
import { savedIn } from './key-file.ts';
import { createOperations } from './operations.ts';

test('a key file that cannot be written is told to the operator, and no key changes', async () => {
  await using given = await openEngine();
  const { store, committer, delivery, keys, log, clock } = given;
  const random = systemRandom();
  const folder = mkdtempSync(join(tmpdir(), 'countersign-operations-'));
  const file = join(folder, 'keys.json');
  const pause = async () => undefined;
  const keyRotation = createKeyRotation({ store, committer, keys, saved: savedIn(file, random), random, log, pause });
  const sweeper = new Sweeper(store, delivery, log, clock.monotonicMs);
  const backlog = new SendBacklog(store.queries, delivery, () => 0);
  const notReady = async () => [];
  const operations = createOperations({ store, keyRotation, sweeper, delivery, backlog, notReady, development: false });

  const rotated = await operations.rotateKey('pepper');
  const older = Object.keys(keys.current().pepper.keys)[0] ?? '';
  expect(rotated).toMatchObject({ kind: 'rotated' });
  rmSync(folder, { recursive: true });
  const before = keys.current();
  const detail = expect.stringMatching(/keys\.json could not be replaced \(ENOENT\); /);
  const refused = { kind: 'refused', code: 'keys_not_saved', detail };
  expect(await operations.rotateKey('pepper')).toEqual(refused);
  expect(await operations.retireKey('pepper', older)).toEqual(refused);
  expect(keys.current()).toBe(before);
});
