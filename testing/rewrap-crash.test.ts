import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { codeOf, sealCode } from '../src/domain/code.ts';
import { type KeyRings, keyOf, withActiveKey, withoutKey } from '../src/domain/keys.ts';
import { openTestCode, sealTestCode } from '../src/domain/test-number.ts';
import { codeSource } from '../src/domain/verification.ts';
import { Committer } from '../src/engine/committer.ts';
import { createKeyRotation } from '../src/engine/key-rotation.ts';
import { liveKeys } from '../src/engine/key-source.ts';
import { systemRandom } from '../src/engine/random.ts';
import type { Store } from '../src/engine/store.ts';
import { makeKeyFile, readKeyFile, savedIn } from '../src/main/key-file.ts';
import { openSqliteStore } from '../src/stores/sqlite/store.ts';
import { aCode, aCreate, aService, aTenant, freshId, noLimits, recordedLog, tenantId, times } from './builders.ts';
import { built, startProcess, temporaryDirectory } from './process.ts';
import type { RewrapServerOptions } from './rewrap-server.ts';
import { scaled } from './scale.ts';
import { until } from './until.ts';

const rows = scaled(40_000);
const testNumbers = 700;
const batch = 250;
const codeAt = (at: number) => String(100_000 + at);
const random = systemRandom();
const nonce = () => Buffer.from(random.hex(12), 'hex');

const open = (file: string, keys: KeyRings) =>
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

/** Fills a store with codes and test numbers sealed under the active data key. @returns ids of the verifications */
async function fill(store: Store, keys: KeyRings): Promise<string[]> {
  const keyId = keys.data.activeId;
  const key = keyOf(keys, 'data', keyId);
  const numbers = times(testNumbers, (at) => {
    const recipient = `+1212555${String(at).padStart(4, '0')}`;
    const sealed = sealTestCode(codeAt(at), { tenantId, service: 'default', recipient }, key, nonce());
    return { recipient, keyId, sealed };
  });
  await store.commitBatch([aTenant({ service: aService({ testNumbers: numbers }) })]);
  const ids = times(rows, freshId);
  for (let from = 0; from < rows; from += batch) {
    const creates = ids.slice(from, from + batch).map((id, at) => {
      const place = { tenantId, verificationId: id, generation: 1 };
      const sealed = sealCode(codeAt(from + at), place, key, nonce());
      return aCreate({ requested: { id, ttlSeconds: 86_400, code: aCode({ keyId, salt: undefined, sealed }) } });
    });
    const committed = await store.commitBatch(creates);
    expect(committed.filter(({ kind }) => kind !== 'done')).toEqual([]);
  }
  return ids;
}

/** Opens every sealed value. @returns how many name each key */
async function openAll({ queries }: Store, ids: readonly string[], keys: KeyRings): Promise<Record<string, number>> {
  const byKey: Record<string, number> = {};
  const opened = (keyId: string, code: string, expected: string) => {
    if (code !== expected) throw new Error(`a value under ${keyId} opened as another`);
    byKey[keyId] = (byKey[keyId] ?? 0) + 1;
  };
  for (const [at, id] of ids.entries()) {
    const verification = await queries.verification(tenantId, id);
    if (verification === undefined) throw new Error(`${id} is lost`);
    opened(verification.code.keyId, codeOf(codeSource(verification), keys), codeAt(at));
  }
  const service = await queries.service(tenantId, 'default');
  expect(service?.testNumbers).toHaveLength(testNumbers);
  for (const [at, number] of (service?.testNumbers ?? []).entries()) {
    opened(number.keyId, openTestCode(number, { tenantId, service: 'default' }, keys), codeAt(at));
  }
  return byKey;
}

test(`a rewrap of ${rows} codes that is killed in its midst loses none, and goes on where it was`, {
  timeout: 300_000,
}, async () => {
  using directory = temporaryDirectory();
  const file = join(directory.path, 'countersign.db');
  const keyFile = join(directory.path, 'keys.json');
  makeKeyFile(keyFile, random);
  const first = readKeyFile(keyFile);
  const older = first.data.activeId;
  const ids = await (async () => {
    const store = await open(file, first);
    try {
      return await fill(store, first);
    } finally {
      await store.close();
    }
  })();
  const newer = 'k-newer';
  const both = withActiveKey(first, 'data', newer, new Uint8Array(Buffer.from(random.hex(32), 'hex')));
  await savedIn(keyFile, random).save(both);

  const options: RewrapServerOptions = { file, keyFile, commitDelayMs: 30 };
  {
    const program = built('testing/rewrap-server.js');
    await using rewrapping = startProcess(process.execPath, [program, JSON.stringify(options)]);
    await until('the rewrap to be under way', () => (/^1500$/m.test(rewrapping.stdout) ? true : undefined));
    expect(await rewrapping.end('SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' });
    expect([rewrapping.stderr, rewrapping.stdout.includes('rewrapped')]).toEqual(['', false]);
  }

  const store = await open(file, both);
  try {
    const found = await openAll(store, ids, both);
    expect(found[newer]).toBeGreaterThanOrEqual(1500);
    expect(found[older]).toBeGreaterThan(0);
    expect((found[newer] ?? 0) + (found[older] ?? 0)).toBe(rows + testNumbers);
    expect((await store.queries.keyUsage()).data).toEqual(found);

    const log = recordedLog();
    const committer = new Committer(store, log, () => performance.now());
    const keys = liveKeys(both);
    const saved = savedIn(keyFile, random);
    const rotation = createKeyRotation({ store, committer, keys, saved, random, log, pause: () => pause(0) });
    expect(await rotation.retire('data', older)).toEqual({ kind: 'in-use', rows: found[older] });
    expect(await rotation.rewrap()).toEqual({ kind: 'done', rows: found[older] });
    expect(await rotation.retire('data', older)).toEqual({ kind: 'retired' });
    expect(await openAll(store, ids, withoutKey(both, 'data', older))).toEqual({ [newer]: rows + testNumbers });
    expect(readKeyFile(keyFile)).toEqual(withoutKey(both, 'data', older));
    expect(readFileSync(keyFile, 'utf8')).not.toContain(older);
  } finally {
    await store.close();
  }
});
