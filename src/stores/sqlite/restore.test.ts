import { copyFileSync, existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  aCheck,
  aCreate,
  aRightCheck,
  aTenant,
  freshId,
  freshNumber,
  keys,
  noLimits,
  tenantId,
  times,
} from '../../../testing/builders.ts';
import { startMs, type VirtualClock, virtualClock } from '../../../testing/clock.ts';
import { aUser, recoveryCodes, totpSecret } from '../../../testing/people.ts';
import { temporaryDirectory } from '../../../testing/process.ts';
import { by } from '../../../testing/store-contract/administrative.ts';
import { run, runBatch, storedSend } from '../../../testing/store-contract/given.ts';
import { defaultSessionPolicy } from '../../domain/session.ts';
import { hotp, timeStep } from '../../domain/totp.ts';
import { backupDatabase } from './backup.ts';
import { restoreDatabase } from './restore.ts';
import { openSqliteStore } from './store.ts';

let directory: ReturnType<typeof temporaryDirectory>;
let clock: VirtualClock;
let file: string;
let backup: string;
let to: string;
beforeEach(() => {
  directory = temporaryDirectory();
  clock = virtualClock();
  [file, backup, to] = ['store.db', 'backup.db', 'restored.db'].map((name) => join(directory.path, name)) as [
    string,
    string,
    string,
  ];
});
afterEach(() => directory[Symbol.dispose]());

async function open(path: string, given: { readonly limits?: typeof noLimits; readonly epoch?: string } = {}) {
  const onDeath = (error: Error) => {
    throw error;
  };
  const store = await openSqliteStore({
    file: path,
    keys,
    limits: noLimits,
    epoch: 'e1',
    clock: clock.source,
    onDeath,
    ...given,
  });
  await runBatch({ store }, [aTenant()]);
  return { store, clock, [Symbol.asyncDispose]: () => store.close() };
}

const restore = (from = backup, given = keys) => restoreDatabase({ from, to, keys: given, nowMs: clock.wallMs() });

test('a backup taken under load holds everything that was acknowledged before, and nothing of it lives on', async () => {
  const acknowledged: ReturnType<typeof aCreate>[] = [];
  const before: ReturnType<typeof aCreate>[] = [];
  {
    await using given = await open(file);
    let working = true;
    const load = times(4, async () => {
      while (working && acknowledged.length < 20_000) {
        const create = aCreate();
        await run(given, create);
        acknowledged.push(create);
      }
    });
    while (acknowledged.length < 300) await new Promise((resolve) => setImmediate(resolve));
    before.push(...acknowledged);
    const { bytes } = await given.store.backup(backup);
    expect(bytes).toBeGreaterThan(0);
    expect(acknowledged.length).toBeGreaterThan(before.length);
    working = false;
    await Promise.all(load);
  }
  expect(await restore()).toMatchObject({ takenAtMs: startMs, tenants: 1, missingKeys: [] });
  expect([to, `${to}.state`].map((name) => statSync(name).mode & 0o777)).toEqual([0o600, 0o600]);

  await using restored = await open(to);
  const { verifications, sends } = await restored.store.queries.counts();
  expect(verifications).toBeGreaterThanOrEqual(before.length);
  expect(sends).toEqual({ dropped: verifications });
  const checks = await runBatch(restored, before.map(aRightCheck));
  expect(new Set(checks.map(({ kind }) => kind))).toEqual(new Set(['expired']));
  clock.advance(3_600_000);
  expect(await restored.store.dueSends(500)).toEqual([]);
});

test('keeps what ended, failures, waits and limits as they were, and goes on from there', async () => {
  const limits = { ...noLimits, recipientSends: [{ count: 3, seconds: 600 }] };
  const [recipient, locked] = [freshNumber(), freshNumber()];
  const verified = aCreate({ requested: { recipient } });
  {
    await using given = await open(file, { limits });
    await run(given, verified);
    await run(given, aRightCheck(verified));
    await runBatch(
      given,
      times(2, () => aCreate({ whilePending: 'separate', requested: { recipient } })),
    );
    const guessed = times(2, () => aCreate({ whilePending: 'separate', requested: { recipient: locked } }));
    await runBatch(given, guessed);
    for (const { requested } of guessed) {
      for (let guess = 0; guess < 5; guess++) await run(given, aCheck({ verificationId: requested.id }));
    }
    await given.store.backup(backup);
  }
  expect(await restore()).toMatchObject({ verifications: 5, verificationsEnded: 2, sendsDropped: 5 });
  await using restored = await open(to, { limits });
  expect(await run(restored, aRightCheck(verified))).toMatchObject({ kind: 'already-verified' });
  expect(await storedSend(restored, verified.requested.id)).toMatchObject({ status: 'dropped', reason: 'restored' });
  expect(await run(restored, aCreate({ requested: { recipient } }))).toMatchObject({ kind: 'limited' });
  const next = aCreate({ requested: { recipient: locked } });
  await run(restored, next);
  expect(await run(restored, aRightCheck(next))).toMatchObject({ kind: 'locked' });
});

test('takes a plain copy of a database, its log too, and leaves it as it was', async () => {
  const create = aCreate();
  const copy = join(directory.path, 'copy.db');
  {
    await using given = await open(file);
    await run(given, create);
    for (const ending of ['', '-wal']) copyFileSync(`${file}${ending}`, `${copy}${ending}`);
  }
  const bytes = [copy, `${copy}-wal`].map((name) => readFileSync(name));
  expect(await restore(copy)).toMatchObject({ takenAtMs: undefined, verifications: 1, verificationsEnded: 1 });
  expect([copy, `${copy}-wal`].map((name) => readFileSync(name))).toEqual(bytes);
  await using restored = await open(to);
  expect(await run(restored, aRightCheck(create))).toMatchObject({ kind: 'expired' });
});

test('names the keys that are missing', async () => {
  {
    await using given = await open(file);
    await runBatch(given, [aCreate(), aCreate()]);
    await given.store.backup(backup);
  }
  const other = { ...keys, pepper: { activeId: 'p7', keys: { p7: new Uint8Array(32) } } };
  expect((await restore(backup, other)).missingKeys).toEqual(['p1']);
});

test('ends logins, challenges and enrolments of users, and keeps what they have for good', async () => {
  const [user, asked, met] = [aUser(), freshId(), freshId()];
  const { id: userId } = user;
  const place = { tenantId, userId };
  const [app, other] = [freshId(), freshId()];
  const totp = {
    algorithm: 'SHA1',
    digits: 6,
    drift: 1,
    secret: totpSecret.toString('hex'),
    nonce: '01'.repeat(12),
  } as const;
  const enrol = (id: string) => ({ kind: 'enrol-factor', ...place, by, factor: { id, kind: 'totp' }, totp }) as const;
  const codeAt = (nowMs: number) => hotp(totpSecret, timeStep(nowMs), totp);
  const check = (challengeId: string, code: string) =>
    ({ kind: 'check-challenge', ...place, by, challengeId, code }) as const;
  const challenge = (id: string) => ({ kind: 'create-challenge', ...place, id, wish: {} }) as const;
  const drawn = (id: string) => ({ id, hash: 'ab'.repeat(32), face: 'native' });
  const [login, token, revoked] = [freshId(), freshId(), freshId()];
  const opening = { isRight: true, passwordVersion: 1, policy: defaultSessionPolicy };
  let spent: string;
  {
    await using given = await open(file);
    await run(given, {
      kind: 'create-user',
      tenantId,
      by,
      user: { ...place, id: userId, email: 'a@example.org', password: 'hash' },
    });
    await run(given, enrol(app));
    await run(given, { kind: 'activate-factor', ...place, by, factorId: app, code: codeAt(clock.wallMs()) });
    await run(given, enrol(other));
    await run(given, { kind: 'generate-recovery-codes', ...place, by, codes: recoveryCodes(), nonce: '02'.repeat(12) });
    await runBatch(given, [challenge(asked), challenge(met), check(met, recoveryCodes()[0] ?? '')]);
    await run(given, { kind: 'open-session', ...place, ...opening, session: drawn(login) });
    for (const id of [token, revoked])
      await run(given, { kind: 'create-user-token', ...place, by, session: drawn(id) });
    await run(given, { kind: 'revoke-session', tenantId, by, id: revoked });
    clock.advance(30_000);
    await given.store.backup(backup);
    // Used after the backup was taken, in the step that it is restored in.
    const later = freshId();
    spent = codeAt(clock.wallMs());
    await runBatch(given, [challenge(later), check(later, spent)]);
  }
  expect(await restore()).toMatchObject({ sessionsEnded: 1, missingKeys: [] });
  expect((await readReport(keysWithout('d1'))).missingKeys).toEqual(['d1']);

  await using restored = await open(to);
  const { queries } = restored.store;
  expect(await queries.user(tenantId, userId)).toMatchObject({ password: 'hash', recovery: { count: 10, spent: 1 } });
  expect((await queries.factors(tenantId, userId)).map(({ id }) => id)).toEqual([app]);
  const sessions = await Promise.all([login, token, revoked].map((id) => queries.session(id)));
  expect(sessions).toEqual([
    undefined,
    expect.objectContaining({ id: token, revokedAtMs: undefined }),
    expect.objectContaining({ revokedAtMs: startMs }),
  ]);
  for (const id of [asked, met]) expect(await queries.challenge(tenantId, id)).toBeUndefined();
  const again = freshId();
  await run(restored, challenge(again));
  expect(await run(restored, check(again, spent))).toMatchObject({ kind: 'wrong-code' });
  clock.advance(60_000);
  expect(await run(restored, check(again, codeAt(clock.wallMs())))).toMatchObject({ kind: 'verified' });
});

function keysWithout(keyId: string): typeof keys {
  return { ...keys, data: { activeId: `not-${keyId}`, keys: { [`not-${keyId}`]: new Uint8Array(32) } } };
}

/** Restores the backup once more, elsewhere. */
function readReport(given: typeof keys) {
  return restoreDatabase({ from: backup, to: `${to}.again`, keys: given, nowMs: clock.wallMs() });
}

const refusals: [sentence: string, prepare: () => void, message: RegExp][] = [
  ['a database that is there', () => writeFileSync(to, 'mine'), /restored\.db is there already; move it elsewhere/],
  ['the log of one', () => writeFileSync(`${to}-wal`, 'mine'), /restored\.db-wal is there already/],
  ['a file that is no database', () => writeFileSync(backup, 'x'.repeat(5000)), /backup\.db is no database/],
  ['an empty file', () => writeFileSync(backup, ''), /is no database of countersign/],
  ['a backup that is not there', () => rmSync(backup), /backup\.db is not there/],
  [
    'a backup with damaged pages',
    () => {
      const bytes = readFileSync(backup);
      bytes.fill(0xff, 3 * 2048, 9 * 2048);
      writeFileSync(backup, bytes);
    },
    /is damaged/,
  ],
  [
    'a backup with pages that belong to nothing',
    () => {
      const db = new Database(backup);
      db.unsafeMode(true);
      db.exec(`pragma writable_schema = on; delete from sqlite_schema where name = 'verifications_sealed'`);
      db.close();
    },
    /backup\.db is damaged \(.*never used/s,
  ],
  [
    'a backup of a newer version',
    () => {
      const db = new Database(backup);
      db.pragma('user_version = 999');
      db.close();
    },
    /run a newer countersign/,
  ],
];

test.each(refusals)('restores nothing from or over %s', async (_, prepare, message) => {
  {
    await using given = await open(file);
    await runBatch(
      given,
      times(100, () => aCreate()),
    );
    await given.store.backup(backup);
  }
  prepare();
  const mine = existsSync(to);
  await expect(restore()).rejects.toThrow(message);
  expect(existsSync(to)).toBe(mine);
  expect(existsSync(`${to}.restoring`)).toBe(false);
});

test('restores nothing under a server that runs, and goes on after an interrupted restore', async () => {
  {
    await using given = await open(file);
    await given.store.backup(backup);
    await expect(restoreDatabase({ from: backup, to: file, keys, nowMs: startMs })).rejects.toThrow(
      /in use by another/,
    );
  }
  writeFileSync(`${to}.restoring`, 'half of it');
  writeFileSync(`${to}.restoring-wal`, 'half of it');
  await restore();
  expect(existsSync(`${to}.restoring`)).toBe(false);
});

test('an older copy in the place of a newer database is refused until it was restored', async () => {
  const copy = join(directory.path, 'copy.db');
  const create = aCreate({ requested: { ttlSeconds: 600 } });
  {
    await using given = await open(file);
    await run(given, create);
  }
  copyFileSync(file, copy);
  {
    await using given = await open(file);
    await run(given, aRightCheck(create));
    clock.advance(45_000);
    await run(given, aCreate());
  }
  const newer = readFileSync(file);
  copyFileSync(copy, file);
  for (const _ of times(2, () => 0)) {
    await expect(open(file)).rejects.toThrow(/is an older copy of the database.*countersign restore/);
  }
  writeFileSync(file, newer);
  await (await open(file)).store.close();

  renameSync(file, `${file}.old`);
  await restoreDatabase({ from: copy, to: file, keys, nowMs: clock.wallMs() });
  await using given = await open(file);
  expect(await run(given, aRightCheck(create))).toMatchObject({ kind: 'expired' });
});

test.each([
  ['the state file is gone', () => rmSync(`${file}.state`)],
  ['the state file is not as it was written', () => writeFileSync(`${file}.state`, '{')],
  ['the database was removed to begin anew', () => rmSync(file)],
])('nothing is refused where %s', async (_, change) => {
  {
    await using given = await open(file);
    clock.advance(60_000);
    await run(given, aCreate());
  }
  change();
  clock.stepWall(-120_000);
  await (await open(file)).store.close();
  await (await open(file)).store.close();
  expect(statSync(`${file}.state`).mode & 0o777).toBe(0o600);
});

test('another process, or part, may take a backup of a database that is served', async () => {
  await using given = await open(file);
  const create = aCreate();
  await run(given, create);
  await backupDatabase({ from: file, file: backup, nowMs: startMs });
  await restore();
  await using restored = await open(to);
  expect(await restored.store.queries.verification(tenantId, create.requested.id)).toMatchObject({ status: 'pending' });
  await expect(backupDatabase({ from: `${file}.none`, file: to, nowMs: startMs })).rejects.toThrow(
    /is it the database/,
  );
});
