import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { openSqliteStore } from '../../src/stores/sqlite/store.ts';
import { aCheck, aCode, aCreate, codeSent, keys, noLimits, times } from '../builders.ts';
import { virtualClock } from '../clock.ts';
import { temporaryDirectory } from '../process.ts';
import { found } from './copied.ts';
import { type OpenStore, run, runBatch, stored } from './given.ts';

const mode = (file: string) => statSync(file).mode & 0o777;
const aLongCreate = () => aCreate({ requested: { code: aCode({ alphabet: 'alphanumeric', length: 10 }) } });

export function backupContract(open: OpenStore): void {
  test('a backup is one whole file, its owner’s alone, without any code or what one comes from', async () => {
    await using given = await open();
    using directory = temporaryDirectory();
    const creates = times(200, aLongCreate);
    await runBatch(given, creates);
    const file = join(directory.path, 'backup.db');
    const told: [done: number, total: number][] = [];
    const { bytes } = await given.store.backup(file, (...progress) => told.push(progress));

    expect(readdirSync(directory.path)).toEqual(['backup.db']);
    expect(mode(file)).toBe(0o600);
    expect(statSync(file).size).toBe(bytes);
    expect(told.at(-1)).toEqual([bytes, bytes]);
    const content = readFileSync(file);
    const recipients = creates.map(({ requested }) => requested.recipient);
    expect(found(recipients, content)).toHaveLength(200);
    const secrets = creates.flatMap((create) => [codeSent(create), create.requested.code.salt ?? '']);
    expect(found(secrets, content)).toEqual([]);
    const db = new Database(file, { readonly: true });
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(db.prepare('select count(*) from verifications').pluck().get()).toBe(200);
    db.close();
    // The original goes on as before.
    expect(await run(given, aCheck({ verificationId: creates[0]?.requested.id ?? '' }))).toMatchObject({
      kind: 'wrong-code',
    });
    expect((await stored(given, creates[1]?.requested.id ?? '')).code.salt).toBe(creates[1]?.requested.code.salt);
  });

  test('a backup is not served before it was restored', async () => {
    await using given = await open();
    using directory = temporaryDirectory();
    const file = join(directory.path, 'backup.db');
    await given.store.backup(file);
    const before = readFileSync(file);
    const clock = virtualClock().source;
    const opening = openSqliteStore({ file, keys, limits: noLimits, epoch: 'e2', clock, onDeath: () => undefined });
    await expect(opening).rejects.toThrow(/is a backup.*run "countersign restore"/);
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  test.each([
    ['exists', 'taken.db', /taken\.db is there already/],
    ['exists', 'begun.db', /begun\.db is there already/],
    ['no-folder', 'nowhere/backup.db', /its folder does not exist/],
    ['no-folder', 'taken.db/backup.db', /its folder does not exist/],
  ])('says that a backup cannot be made (%s: %s), and leaves what is there alone', async (reason, name, message) => {
    await using given = await open();
    using directory = temporaryDirectory();
    for (const taken of ['taken.db', 'begun.db.partial']) writeFileSync(join(directory.path, taken), 'mine');
    const failure = await given.store.backup(join(directory.path, name)).catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'BackupFailed', reason, message: expect.stringMatching(message) });
    for (const taken of ['taken.db', 'begun.db.partial']) {
      expect(readFileSync(join(directory.path, taken), 'utf8')).toBe('mine');
    }
    expect(readdirSync(directory.path)).toHaveLength(2);
  });

  test('says that a folder may not be written to', async () => {
    await using given = await open();
    using directory = temporaryDirectory();
    const folder = join(directory.path, 'closed');
    mkdirSync(folder, { mode: 0o500 });
    const file = join(folder, 'backup.db');
    // Root may write everywhere: then there is nothing to refuse.
    const refused = process.getuid?.() !== 0;
    const made = given.store.backup(file);
    if (refused) await expect(made).rejects.toMatchObject({ reason: 'not-permitted' });
    else await made;
    expect(existsSync(file)).toBe(!refused);
    chmodSync(folder, 0o700);
  });
}
