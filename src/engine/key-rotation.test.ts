import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { aCheck, aCreate, codeSent, keys as firstRings, tenantId, times, wrongCode } from '../../testing/builders.ts';
import { openEngine, type TestEngine } from '../../testing/engine.ts';
import { aSealedCreate, supplied } from '../../testing/store-contract/keys.ts';
import { type KeyRings, type RingName, ringNames } from '../domain/keys.ts';
import { Committer } from './committer.ts';
import { createKeyRotation, type KeyRotationOptions } from './key-rotation.ts';
import { systemRandom } from './random.ts';

const firstIds: Readonly<Record<RingName, string>> = { pepper: 'p1', data: 'd1', signing: 's1' };

function rotationOf(given: TestEngine, changed: Partial<KeyRotationOptions> = {}) {
  const { store, committer, keys, log } = given;
  const files: KeyRings[] = [];
  const pauses: number[] = [];
  const rotation = createKeyRotation({
    store,
    committer,
    keys,
    saved: { save: async (rings) => void files.push(rings) },
    random: systemRandom(),
    log,
    pause: async (ms) => void pauses.push(ms),
    ...changed,
  });
  return { rotation, files, pauses };
}

const caller = { tenantId, face: 'native', seesAllFaces: true };

test.each(ringNames)('a new %s key is the active one, and the older one still counts', async (ring) => {
  await using given = await openEngine();
  const { rotation, files } = rotationOf(given);
  const rotated = await rotation.rotate(ring);
  const { activeId, keys } = given.keys.current()[ring];
  expect(rotated).toEqual({ kind: 'rotated', keyId: activeId });
  expect(activeId).toMatch(/^k-[0-9a-f]{8}$/);
  expect(Object.keys(keys)).toEqual([firstIds[ring], activeId]);
  expect(keys[activeId]).toHaveLength(32);
  expect(files).toEqual([given.keys.current()]);
});

test.each(ringNames)(
  'a %s key that nothing needs is dropped everywhere; the active and the unknown are not',
  async (ring) => {
    await using given = await openEngine();
    const { rotation, files, pauses } = rotationOf(given);
    expect(await rotation.retire(ring, firstIds[ring])).toEqual({ kind: 'active' });
    const rotated = await rotation.rotate(ring);
    expect(await rotation.retire(ring, 'k-none')).toEqual({ kind: 'unknown' });
    expect(await rotation.retire(ring, '__proto__')).toEqual({ kind: 'unknown' });
    expect(await rotation.retire(ring, firstIds[ring])).toEqual({ kind: 'retired' });
    const left = 'keyId' in rotated ? [rotated.keyId] : [];
    expect(Object.keys(given.keys.current()[ring].keys)).toEqual(left);
    expect(Object.keys(files.at(-1)?.[ring].keys ?? {})).toEqual(left);
    expect(pauses).toEqual([3500]);
  },
);

test('a key is safe in its file before the writer knows it, and known there before requests use it', async () => {
  await using given = await openEngine();
  const steps: string[] = [];
  const activeNow = () => given.keys.current().pepper.activeId;
  const { rotation } = rotationOf(given, {
    saved: {
      save: async ({ pepper }) => void steps.push(`file ${Object.keys(pepper.keys).length}, in use ${activeNow()}`),
    },
    store: {
      ...given.store,
      async useKeys(rings) {
        steps.push(`writer ${Object.keys(rings.pepper.keys).length}, in use ${activeNow()}`);
        await given.store.useKeys(rings);
      },
    },
    keys: {
      ...given.keys,
      use(rings) {
        steps.push(`requests ${Object.keys(rings.pepper.keys).length}`);
        given.keys.use(rings);
      },
    },
  });
  await rotation.rotate('pepper');
  expect(steps).toEqual(['file 2, in use p1', 'writer 2, in use p1', 'requests 2']);
  steps.length = 0;
  const now = activeNow();
  await rotation.retire('pepper', 'p1');
  expect(steps).toEqual([`writer 1, in use ${now}`, `file 1, in use ${now}`, 'requests 1']);
});

test.each(['rotate', 'retire'] as const)(
  'nothing changes when the key file cannot be written at a %s',
  async (change) => {
    await using given = await openEngine();
    const usual = rotationOf(given);
    await usual.rotation.rotate('pepper');
    const create = aCreate();
    const before = given.keys.current();
    const full = rotationOf(given, { saved: { save: () => Promise.reject(new Error('the disk is full')) } });
    await expect(
      change === 'rotate' ? full.rotation.rotate('pepper') : full.rotation.retire('pepper', 'p1'),
    ).rejects.toThrow('the disk is full');
    expect(given.keys.current()).toBe(before);
    expect(await given.committer.commit(create, 'create')).toMatchObject({ outcome: { kind: 'created' } });
    expect(await usual.rotation.retire('pepper', 'p1')).toEqual({ kind: 'in-use', rows: 1 });
  },
);

test('a pepper key is needed until its codes have ended and its kept answers are a day old', async () => {
  await using given = await openEngine();
  const { rotation } = rotationOf(given);
  const create = aCreate({ idempotency: { key: 'k', keyId: 'p1', fingerprints: { p1: 'f' } } });
  await given.committer.commit(create, 'create');
  await rotation.rotate('pepper');
  expect(await rotation.retire('pepper', 'p1')).toEqual({ kind: 'in-use', rows: 2 });
  const code = codeSent(create);
  const check = await given.engine.checkVerification(caller, create.requested.id, { code });
  expect(check.outcome).toMatchObject({ kind: 'verified' });
  expect(await rotation.retire('pepper', 'p1')).toEqual({ kind: 'in-use', rows: 1 });
  given.clock.advance(86_400_000);
  expect(await rotation.retire('pepper', 'p1')).toEqual({ kind: 'retired' });
});

test('codes that ran out need no key, erased or not', async () => {
  await using given = await openEngine();
  const { rotation } = rotationOf(given);
  await given.store.commitBatch([aCreate(), aSealedCreate()]);
  for (const ring of ['pepper', 'data'] as const) await rotation.rotate(ring);
  expect(await rotation.retire('pepper', 'p1')).toEqual({ kind: 'in-use', rows: 1 });
  expect(await rotation.retire('data', 'd1')).toEqual({ kind: 'in-use', rows: 1 });
  given.clock.advance(300_000);
  expect(await rotation.retire('pepper', 'p1')).toEqual({ kind: 'retired' });
  expect(await rotation.retire('data', 'd1')).toEqual({ kind: 'retired' });
});

test('a rewrap seals everything anew, tells how far it is, and frees the older key', async () => {
  await using given = await openEngine();
  const { rotation } = rotationOf(given);
  const creates = times(1200, () => aSealedCreate());
  await given.store.commitBatch(creates);
  await rotation.rotate('data');
  expect(await rotation.retire('data', 'd1')).toEqual({ kind: 'in-use', rows: 1200 });
  const told: number[] = [];
  expect(await rotation.rewrap((rows) => told.push(rows))).toEqual({ kind: 'done', rows: 1200 });
  expect(told).toEqual([500, 1000, 1200]);
  expect(await rotation.rewrap()).toEqual({ kind: 'done', rows: 0 });
  expect(await rotation.retire('data', 'd1')).toEqual({ kind: 'retired' });
  const { outcome } = await given.engine.checkVerification(caller, creates[0]?.requested.id ?? '', { code: supplied });
  expect(outcome).toMatchObject({ kind: 'verified' });
});

test('tells every key of every ring, whether it is active, and how much needs it', async () => {
  await using given = await openEngine();
  const { rotation } = rotationOf(given);
  await given.store.commitBatch([aCreate(), aCreate(), aSealedCreate()]);
  const rotated = await rotation.rotate('data');
  const keyId = 'keyId' in rotated ? rotated.keyId : '';
  expect(await rotation.usage()).toEqual([
    { ring: 'pepper', keyId: 'p1', active: true, rows: 2 },
    { ring: 'data', keyId: 'd1', active: false, rows: 1 },
    { ring: 'data', keyId, active: true, rows: 0 },
    { ring: 'signing', keyId: 's1', active: true, rows: 0 },
  ]);
});

test('rings that come from a setting are not changed, but told and rewrapped', async () => {
  await using given = await openEngine();
  const { rotation } = rotationOf(given, { saved: undefined });
  const before = given.keys.current();
  expect(await rotation.rotate('pepper')).toEqual({ kind: 'read-only' });
  expect(await rotation.retire('pepper', 'p1')).toEqual({ kind: 'read-only' });
  expect(given.keys.current()).toBe(before);
  expect(await rotation.rewrap()).toEqual({ kind: 'done', rows: 0 });
  expect(await rotation.usage()).toHaveLength(3);
});

test('changes that come at once are made one after another', async () => {
  await using given = await openEngine();
  const { rotation, files } = rotationOf(given);
  const rotated = await Promise.all(times(8, () => rotation.rotate('signing')));
  expect(new Set(rotated.map((one) => 'keyId' in one && one.keyId)).size).toBe(8);
  expect(files.map(({ signing }) => Object.keys(signing.keys).length)).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
  const [first, second] = await Promise.all([rotation.retire('signing', 's1'), rotation.retire('signing', 's1')]);
  expect([first, second]).toEqual([{ kind: 'retired' }, { kind: 'unknown' }]);
});

test('a change that fails does not hold up the next one, and only so many wait', async () => {
  await using given = await openEngine();
  let runs = 0;
  const { rotation } = rotationOf(given, {
    saved: { save: () => (++runs === 1 ? Promise.reject(new Error('once')) : Promise.resolve()) },
  });
  const all = await Promise.allSettled(times(20, () => rotation.rotate('data')));
  const refused = all.filter((one) => one.status === 'rejected').map(({ reason }) => String(reason));
  expect(refused).toEqual(['Error: once', ...times(4, () => expect.stringMatching(/wait for their turn/))]);
});

test('a key is not dropped while commands that name it are under way', async () => {
  await using given = await openEngine();
  const { committer, store } = given;
  const commits: (() => void)[] = [];
  const slow = { ...store, commitBatch: (commands: Parameters<typeof store.commitBatch>[0]) => held(commands) };
  const held = async (commands: Parameters<typeof store.commitBatch>[0]) => {
    await new Promise<void>((resolve) => commits.push(resolve));
    return store.commitBatch(commands);
  };
  const waiting = new Committer(slow, given.log, given.clock.monotonicMs);
  const { rotation } = rotationOf(given, { committer: waiting });
  const create = aCreate();
  const created = waiting.commit(create, 'create');
  const rotating = rotation.rotate('pepper');
  const retiring = rotation.retire('pepper', 'p1');
  for (let turns = 0; turns < 20; turns++) await turn();
  expect(given.keys.current().pepper.activeId).not.toBe('p1');
  expect(commits).toHaveLength(1);
  commits[0]?.();
  expect(await created).toMatchObject({ outcome: { kind: 'created' } });
  expect(await rotating).toMatchObject({ kind: 'rotated' });
  expect(await retiring).toEqual({ kind: 'in-use', rows: 1 });
  const wrong = await committer.commit(aCheck({ verificationId: create.requested.id }), 'check');
  expect(wrong.outcome).toMatchObject({ kind: 'wrong-code' });
});

test('a value that comes in under the key between count and drop brings the key back', async () => {
  await using given = await openEngine();
  const { store } = given;
  const late = aCreate();
  let drops = 0;
  const { rotation, files } = rotationOf(given, {
    store: {
      ...store,
      async useKeys(rings) {
        if (Object.keys(rings.pepper.keys).length === 1 && ++drops === 1) await store.commitBatch([late]);
        await store.useKeys(rings);
      },
    },
  });
  await rotation.rotate('pepper');
  expect(await rotation.retire('pepper', 'p1')).toEqual({ kind: 'in-use', rows: 1 });
  expect(files).toHaveLength(1);
  const { outcome } = await given.engine.checkVerification(caller, late.requested.id, { code: codeSent(late) });
  expect(outcome).toMatchObject({ kind: 'verified' });
  expect(await rotation.retire('pepper', 'p1')).toEqual({ kind: 'retired' });
});

test('a request that is repeated after the pepper was rotated is answered as the first time', async () => {
  await using given = await openEngine();
  const { rotation } = rotationOf(given);
  const request = { recipient: '+33612345678', idempotencyKey: 'once' };
  const first = await given.engine.createVerification(caller, request);
  const id = 'verification' in first.outcome ? first.outcome.verification.id : '';
  const check = { code: wrongCode, idempotencyKey: 'check' };
  const wrong = await given.engine.checkVerification(caller, id, check);
  for (const ring of ringNames) await rotation.rotate(ring);
  const again = await given.engine.createVerification(caller, request);
  expect(again).toEqual({ outcome: JSON.parse(JSON.stringify(first.outcome)), replayed: true });
  const wrongAgain = await given.engine.checkVerification(caller, id, check);
  expect(wrongAgain).toEqual({ outcome: JSON.parse(JSON.stringify(wrong.outcome)), replayed: true });
  const other = await given.engine.checkVerification(caller, id, { ...check, code: '1111' });
  expect(other.outcome).toEqual({ kind: 'idempotency-mismatch' });
});

test('logs which key was changed, and no key', async () => {
  await using given = await openEngine();
  const { rotation } = rotationOf(given);
  for (const ring of ringNames) await rotation.rotate(ring);
  await rotation.rewrap();
  await rotation.retire('data', 'd1');
  const text = given.log.lines.join('\n');
  expect(text).toContain('info a key was retired {"ring":"data","keyId":"d1"}');
  for (const rings of [firstRings, given.keys.current()]) {
    for (const { keys } of Object.values(rings)) {
      for (const key of Object.values(keys)) {
        for (const form of ['hex', 'base64'] as const)
          expect(text).not.toContain(Buffer.from(key as Uint8Array).toString(form));
      }
    }
  }
});
