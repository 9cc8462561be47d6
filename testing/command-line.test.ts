import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { schemaKnown } from '../src/stores/sqlite/connection.ts';
import { lockStore } from '../src/stores/sqlite/lock.ts';
import { operator, processOperator } from './operator.ts';
import { startDevelopment, temporaryDirectory } from './process.ts';
import { until } from './until.ts';

/* The command line over real servers and real stores. Its words are tested in src/cli, over a server with a script. */

const recipient = '+33612345678';

async function codeFrom(url: string): Promise<string> {
  return until('the code in the inbox', async () => {
    const answer = await fetch(`${url}/dev/inbox/latest?to=${encodeURIComponent(recipient)}`);
    return /\b\d{6}\b/.exec(await answer.text())?.[0];
  });
}

test('an operator sets up a tenant on a running server, sends a code and checks it, in processes of their own', async () => {
  using directory = temporaryDirectory();
  await using server = await startDevelopment(directory.path);
  const type = processOperator({ COUNTERSIGN_DATA_DIR: directory.path });

  expect(await type('status')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^server +running\n/),
    stderr: '',
  });
  const made = await type('tenant create Acme --daily-sends-max 10 --json');
  expect(made.json()).toMatchObject({ name: 'Acme', dailySendsMax: 10 });
  expect(await type('tenant list')).toMatchObject({ code: 0, stdout: expect.stringMatching(/ Acme +0 +10 /) });
  // Two tenants: nothing is guessed.
  expect(await type(`send ${recipient}`)).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining('--tenant'),
  });
  // Nothing is sendable until somebody says where to.
  expect(await type(`send ${recipient} --tenant Acme --json`)).toMatchObject({
    code: 3,
    stdout: '',
    stderr: expect.stringMatching(/^\{"problem":\{"code":/),
  });
  expect(await type('service change default --tenant Acme --countries FR')).toMatchObject({ code: 0, stderr: '' });
  const sent = await type(`send ${recipient} --tenant Acme`);
  expect(sent).toMatchObject({ code: 0, stdout: expect.stringMatching(/^[0-9a-f-]{36}\n$/), stderr: '' });

  const code = await codeFrom(server.url);
  const wrong = code === '000000' ? '000001' : '000000';
  expect(await type(`check ${recipient} ${wrong} --tenant Acme`)).toMatchObject({
    code: 3,
    stdout: 'wrong_code, 4 attempts left\n',
  });
  expect(await type(`check ${recipient} - --tenant Acme`, `${code}\n`)).toMatchObject({
    code: 0,
    stdout: 'verified\n',
  });
  expect(await type(`verification cancel ${sent.stdout.trim()} --tenant Acme`)).toMatchObject({ code: 3, stdout: '' });
  expect(server.stderr).toBe('');
});

test('an operator manages services, API keys and audit trails of a running server', async () => {
  using directory = temporaryDirectory();
  await using server = await startDevelopment(directory.path);
  const type = operator({ COUNTERSIGN_DATA_DIR: directory.path });
  const good = async <T>(line: string, input?: string): Promise<T> => {
    const ended = await type(`${line} --json`, input);
    expect({ line, ...ended }).toMatchObject({ line, code: 0, stderr: '' });
    return ended.json<T>();
  };
  const ask = (key: string) =>
    fetch(`${server.url}/v1/verifications`, { headers: { authorization: `Bearer ${key}` } }).then(
      ({ status }) => status,
    );

  // A server that runs can be asked whatever the settings have become since.
  const spoilt = operator({ COUNTERSIGN_DATA_DIR: directory.path, COUNTERSIGN_LISTEN: 'everywhere' });
  expect(await spoilt('status')).toMatchObject({ code: 0, stderr: '' });
  expect(await good('tenant show')).toMatchObject({ name: 'Development' });
  expect(await good('tenant change --name Demo --daily-sends-max 7')).toMatchObject({ name: 'Demo', dailySendsMax: 7 });
  expect(
    await good('service create login --brand Shop --channels sms,email --countries FR,GB --ttl-seconds 120'),
  ).toMatchObject({
    name: 'login',
    brand: 'Shop',
    codePolicy: { length: 6, ttlSeconds: 120 },
  });
  expect(await good('service change login --code-length 8')).toMatchObject({
    codePolicy: { length: 8, ttlSeconds: 120 },
  });
  expect(await good('service show login')).toMatchObject({ countries: ['FR', 'GB'] });
  const { services } = await good<{ services: { name: string }[] }>('service list');
  expect(services.map(({ name }) => name)).toEqual(['default', 'login']);
  const until = '--valid-until 2099-01-31';
  expect(await good(`service test-number set +14155550123 - --service login ${until}`, '12345678\n')).toMatchObject({
    testNumbers: [{ recipient: '+14155550123', validUntil: '2099-01-31T00:00:00.000Z' }],
  });
  await good('send +14155550123 --service login');
  expect(await good('check +14155550123 12345678 --service login')).toMatchObject({ result: 'verified' });
  expect(await good('service test-number remove +14155550123 --service login')).toMatchObject({ testNumbers: [] });

  const made = await good<{ id: string; key: string }>('api-key create backend --expires-at 2099-01-31');
  expect(await ask(made.key)).toBe(200);
  const next = await good<{ id: string; key: string }>(`api-key rotate ${made.id} --overlap-seconds 3600`);
  expect(await ask(next.key)).toBe(200);
  expect(await good(`api-key change ${next.id} --name worker --expires-at never`)).toMatchObject({
    name: 'worker',
    expiresAt: null,
  });
  expect(await good(`api-key revoke ${next.id} --yes`)).toMatchObject({ revokedAt: expect.any(String) });
  const { apiKeys } = await good<{ apiKeys: { id: string }[] }>('api-key list');
  expect(apiKeys.map(({ id }) => id)).toEqual(expect.arrayContaining([made.id, next.id]));
  expect(await good('api-key list --operator')).toEqual({ apiKeys: [] });

  const { id } = await good<{ id: string }>('send ada@example.com --reference login-1');
  expect(await good(`verification show ${id}`)).toMatchObject({ reference: 'login-1', sends: [{ channel: 'email' }] });
  expect(await good(`verification cancel ${id}`)).toMatchObject({ status: 'cancelled' });
  expect(await good('verification list --status cancelled --limit 1')).toMatchObject({ verifications: [{ id }] });
  expect(await type(`check --id ${id} 123456`)).toMatchObject({ code: 3, stdout: 'cancelled\n' });

  expect(await good('stop-sending')).toEqual({ stopped: true });
  expect(await good('status')).toMatchObject({ running: true, sendingStopped: true });
  expect(await good('resume-sending')).toEqual({ stopped: false });
  const { entries } = await good<{ entries: { action: string }[] }>('audit list --limit 100');
  expect(entries.map(({ action }) => action)).toContain('change-tenant');
  expect(await good('audit list --operator')).toMatchObject({ entries: expect.any(Array) });
  expect(await good('audit verify')).toMatchObject({ ok: true });
});

test('without a server the same commands open the directory themselves, and leave it to the next', async () => {
  using directory = temporaryDirectory();
  const dataDir = join(directory.path, 'data');
  await using server = await startDevelopment(dataDir);
  await server.end('SIGKILL');
  // What a killed server left behind is nobody's.
  expect(existsSync(join(dataDir, 'control.sock'))).toBe(true);

  const type = processOperator({ COUNTERSIGN_DATA_DIR: dataDir });
  expect((await type('tenant create Acme --json')).json()).toMatchObject({ name: 'Acme' });
  const sent = await type(`send ${recipient} --tenant Development`);
  expect(sent).toMatchObject({ code: 0, stderr: '' });
  const shown = await type(`verification show ${sent.stdout.trim()} --tenant Development --json`);
  expect(shown.json()).toMatchObject({ sends: [{ status: 'delivered', provider: 'inbox' }] });
  expect((await type('status --json')).json()).toMatchObject({
    running: false,
    mode: 'development',
    schema: schemaKnown,
  });

  await using again = await startDevelopment(dataDir);
  expect((await type('tenant list --json')).json()).toMatchObject({
    tenants: [{ name: 'Development' }, { name: 'Acme' }],
  });
  expect(again.stderr).toBe('');
});

test('a store that somebody owns who does not answer ends with 4', async () => {
  using directory = temporaryDirectory();
  {
    await using server = await startDevelopment(directory.path);
    await server.end('SIGTERM');
  }
  const unlock = lockStore(join(directory.path, 'countersign.db'));
  try {
    const type = processOperator({ COUNTERSIGN_DATA_DIR: directory.path });
    const { code, stdout, stderr } = await type('tenant list --json');
    expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
    expect(JSON.parse(stderr)).toMatchObject({ problem: { code: 'store_locked', exit: 4 } });
    expect(await type('migrate')).toMatchObject({ code: 4, stdout: '' });
  } finally {
    unlock();
  }
});

test('backups, restores, purges and key rings, beside a server and without one', async () => {
  using directory = temporaryDirectory();
  const [dataDir, copy] = [join(directory.path, 'data'), join(directory.path, 'backup.db')];
  const env = { COUNTERSIGN_DATA_DIR: dataDir };
  const type = operator(env, directory.path);
  const good = async <T>(line: string): Promise<T> => {
    const ended = await type(`${line} --json`);
    expect({ line, ...ended }).toMatchObject({ line, code: 0, stderr: '' });
    return ended.json<T>();
  };
  await using server = await startDevelopment(dataDir);
  const { id } = await good<{ id: string }>(`send ${recipient}`);
  const before = (await good<{ keys: { ring: string; id: string }[] }>('key usage')).keys.find(
    ({ ring }) => ring === 'data',
  );
  const next = await good<{ id: string }>('key rotate data');
  expect(await type(`key retire data ${next.id} --yes`)).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('active'),
  });
  await good('key rewrap');
  expect(await good(`key retire data ${before?.id} --yes`)).toEqual({ ring: 'data', id: before?.id });

  expect(await good('backup backup.db')).toMatchObject({ file: copy, bytes: expect.any(Number) });
  expect(await type('backup backup.db')).toMatchObject({ code: 3, stdout: '' });
  expect(await type('backup /no/such/folder/x.db')).toMatchObject({ code: 3, stdout: '' });
  expect(await good(`purge --recipient ${recipient} --yes`)).toMatchObject({ rows: expect.any(Number) });
  expect(await good('purge --yes')).toMatchObject({ rows: { 'purge-audit': 0 } });
  expect(await type('restore backup.db --yes')).toMatchObject({ code: 4, stdout: '' });
  expect(await type('migrate')).toMatchObject({ code: 4, stdout: '' });
  await server.end('SIGTERM');

  expect(await type('migrate')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^schema \d+: nothing to do\n$/),
  });
  expect(await type('restore backup.db --yes')).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('is there already'),
  });
  for (const ending of ['', '-wal', '-shm']) rmSync(join(dataDir, `countersign.db${ending}`), { force: true });
  const restored = await processOperator(env)(`restore ${copy} --yes --json`);
  expect(restored.json()).toMatchObject({
    tenants: 1,
    verificationsEnded: 1,
    missingKeys: [],
    takenAt: expect.any(String),
  });
  expect(await good(`verification show ${id}`)).toMatchObject({ status: 'expired' });
});
