import { once } from 'node:events';
import { chmodSync, copyFileSync, mkdirSync, readdirSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { command, run, startDevelopment, startProcess, temporaryDirectory } from '../../testing/process.ts';
import { until } from '../../testing/until.ts';
import { settingsList } from './settings/list.ts';

const countersign = (args: readonly string[], env = {}) => run(process.execPath, [command, ...args], env);
const apiKeyOf = (banner: string) => /API key +(\S+)/.exec(banner)?.[1] ?? '';

const answers: [args: string[], code: number, stdout: RegExp, stderr: RegExp][] = [
  [['--help'], 0, /^Usage: countersign \[options\] \[command\]\n[\s\S]*\n {2}dev [\s\S]*\nExit codes:\n/, /^$/],
  [['dev', '--help'], 0, /^Usage: countersign dev \[options\]\n[\s\S]*\nExample:\n {2}countersign dev /, /^$/],
  [['--version'], 0, /^\d+\.\d+\.\d+\n$/, /^$/],
  [[], 2, /^$/, /^countersign: name a command: countersign and one of dev, serve, /],
  [['frobnicate'], 2, /^$/, /^countersign: unknown command 'frobnicate'\n$/],
  [['dev', 'now'], 2, /^$/, /^countersign: too many arguments for 'dev'\. /],
  [['dev', '--config'], 2, /^$/, /^countersign: option '--config <file>' argument missing\n$/],
  [
    ['dev', '--config', '/no/such.yaml'],
    2,
    /^$/,
    /^countersign: --config: the settings file \/no\/such.yaml does not exist\n$/,
  ],
  [['config', 'check', '--config', '/no/such.yaml', '--json'], 2, /^$/, /^\{"problem":\{"code":"bad_settings",/],
];

test.each(answers)('countersign %j ends with %d', async (args, code, stdout, stderr) => {
  const ended = await countersign(args);
  expect(ended).toMatchObject({ code, stdout: expect.stringMatching(stdout), stderr: expect.stringMatching(stderr) });
});

test('lists every setting', async () => {
  const { code, stdout } = await countersign(['config', 'list']);
  expect(code).toBe(0);
  const named = stdout.match(/\bCOUNTERSIGN_[A-Z_]+/g) ?? [];
  expect(named).toEqual(settingsList().map(({ variable }) => variable));
});

test('takes its settings from the file that --config names', async () => {
  using directory = temporaryDirectory();
  const dataDir = join(directory.path, 'data');
  const file = join(directory.path, 'settings.yaml');
  writeFileSync(file, `listen: 127.0.0.1:0\ndataDir: ${dataDir}\n`);
  await using server = startProcess(process.execPath, [command, 'dev', '--config', file]);
  await until('the banner', () => /API key/.test(server.stdout) || undefined);
  expect(server.stdout).toContain(`Data     ${dataDir}\n`);
  expect(await server.end('SIGTERM')).toEqual({ code: 0, signal: null });
  expect(server.stderr).toBe('');
});

/** The commands of the banner, in its order, as somebody would paste them. */
function pasted(banner: string): string[] {
  return [...banner.matchAll(/^ {2}\d\. .*\n((?: {5}.*\n)+)/gm)].map(([, lines = '']) => lines.replace(/^ {5}/gm, ''));
}

const tokens: [sentence: string, env: Record<string, string>][] = [
  ['without a token', {}],
  ['with a token', { COUNTERSIGN_DEV_TOKEN: 'a-token-of-some-length' }],
];

test.each(tokens)('the commands of the banner send, read and check a code, %s', async (_, env) => {
  using directory = temporaryDirectory();
  await using server = await startDevelopment(directory.path, env);
  const [send = '', read = '', check = '', ...more] = pasted(server.stdout);
  expect(more).toEqual([]);

  const sent = await run('bash', ['-c', send], env);
  expect(JSON.parse(sent.stdout)).toMatchObject({ status: 'pending', sent: true });
  const code = await until('the code in the inbox', async () => {
    const { stdout } = await run('bash', ['-c', read], env);
    return /\b\d{6}\b/.exec((JSON.parse(stdout) as { text?: string }).text ?? '')?.[0];
  });
  const checked = await run('bash', ['-c', check.replace('CODE', code)], env);
  expect(JSON.parse(checked.stdout)).toMatchObject({ result: 'verified', verification: { status: 'verified' } });
  expect(server.stderr).toBe('');
});

test('keeps what it writes to its owner, whatever the umask', async () => {
  using directory = temporaryDirectory();
  const dataDir = join(directory.path, 'data');
  const env = { COUNTERSIGN_DATA_DIR: dataDir, COUNTERSIGN_LISTEN: '127.0.0.1:0' };
  await using server = startProcess('bash', ['-c', 'umask 0; exec "$0" "$1" dev', process.execPath, command], env);
  await until('the banner', () => /API key/.test(server.stdout) || undefined);

  const modes = Object.fromEntries(readdirSync(dataDir).map((name) => [name, modeOf(join(dataDir, name))]));
  expect(modeOf(dataDir)).toBe('700');
  expect(modes).toMatchObject({ 'countersign.db': '600', 'countersign.db-wal': '600', 'keys.json': '600' });
  expect(new Set(Object.values(modes))).toEqual(new Set(['600']));
});

function modeOf(path: string): string {
  return (statSync(path).mode & 0o777).toString(8);
}

const body = JSON.stringify({ recipient: '+33612345678' });

/** Sends the head of a create and not its body: a request that is under way until the body follows. */
async function halfARequest({ url, stdout }: { url: string; stdout: string }): Promise<Socket> {
  const { hostname, port, host } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  await once(socket, 'connect');
  const head = ['POST /v1/verifications HTTP/1.1', `host: ${host}`, `authorization: Bearer ${apiKeyOf(stdout)}`];
  socket.write([...head, 'content-type: application/json', `content-length: ${body.length}`, '', ''].join('\r\n'));
  return socket;
}

async function answerTo(socket: Socket): Promise<string> {
  let text = '';
  for await (const chunk of socket.setEncoding('utf8')) text += chunk;
  return text;
}

/** Whether new connections are refused. */
async function isDeaf(url: string): Promise<true | undefined> {
  return fetch(`${url}/healthz`, { signal: AbortSignal.timeout(1000) }).then(
    () => undefined,
    () => true,
  );
}

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s lets a request that is under way finish, and ends with 0',
  async (signal) => {
    using directory = temporaryDirectory();
    await using server = await startDevelopment(directory.path);
    const socket = await halfARequest(server);
    await fetch(`${server.url}/healthz`);

    server.signal(signal);
    await until('it to take no new connection', () => isDeaf(server.url));
    socket.write(body);
    const answer = await answerTo(socket);
    expect(await server.ended).toEqual({ code: 0, signal: null });
    expect(server.stderr).toBe('');

    expect(answer).toMatch(/^HTTP\/1\.1 201 Created\r\n/);
    await using again = await startDevelopment(directory.path);
    const location = /^location: (\S+)\r$/im.exec(answer)?.[1];
    const headers = { authorization: `Bearer ${apiKeyOf(again.stdout)}` };
    expect((await fetch(`${again.url}${location}`, { headers })).status).toBe(200);
  },
);

test('a second signal ends it at once, and says so', async () => {
  using directory = temporaryDirectory();
  await using server = await startDevelopment(directory.path);
  const socket = await halfARequest(server);
  await fetch(`${server.url}/healthz`);
  server.signal('SIGTERM');
  await until('it to take no new connection', () => isDeaf(server.url));

  expect(await server.end('SIGTERM')).toEqual({ code: 1, signal: null });
  socket.destroy();
});

/** A data directory as a former run left it. */
async function usedDirectory(path: string): Promise<void> {
  await using server = await startDevelopment(path);
  expect(await server.end('SIGTERM')).toEqual({ code: 0, signal: null });
}

type Broken = Readonly<Record<string, string>>;
/** @param directory - used once by development mode, and its own data directory unless it says otherwise */
const failures: [sentence: string, spoil: (directory: string) => Broken, complaints: RegExp[]][] = [
  [
    'a data directory below a file',
    (directory) => ({ COUNTERSIGN_DATA_DIR: join(directory, 'keys.json', 'data') }),
    [/^the data directory \S+\/keys\.json\/data cannot be used: a part of its path is a file; .*COUNTERSIGN_DATA_DIR$/],
  ],
  [
    'a data directory whose parent does not exist',
    (directory) => ({ COUNTERSIGN_DATA_DIR: join(directory, 'no', 'such') }),
    [/^the data directory \S+\/no\/such cannot be used: the folder it would be in does not exist; /],
  ],
  [
    'a directory that cannot be written, even by root',
    () => ({ COUNTERSIGN_DATA_DIR: '/proc/self/data' }),
    [/^the data directory \/proc\/self\/data cannot be used: /],
  ],
  [
    'a database that is no database',
    (directory) => {
      writeFileSync(join(directory, 'countersign.db'), 'All is well. '.repeat(1000));
      return {};
    },
    [
      /^\S+\/countersign\.db cannot be used \(file is not a database\); put a copy back, or choose another data directory$/,
    ],
  ],
  [
    'a database that was cut short',
    (directory) => {
      truncateSync(join(directory, 'countersign.db'), 5000);
      return {};
    },
    [/^\S+\/countersign\.db cannot be used \(database disk image is malformed\); put a copy back/],
  ],
  [
    'a folder in place of the database',
    (directory) => {
      mkdirSync(join(directory, 'other', 'countersign.db'), { recursive: true });
      for (const name of ['credentials.json', 'keys.json']) {
        copyFileSync(join(directory, name), join(directory, 'other', name));
      }
      return { COUNTERSIGN_DATA_DIR: join(directory, 'other') };
    },
    [/^\S+\/countersign\.db cannot be used \(unable to open database file\); /],
  ],
  [
    'a database of a newer version',
    (directory) => {
      const db = new Database(join(directory, 'countersign.db'));
      db.pragma('user_version = 4711');
      db.close();
      return {};
    },
    [/^the database has schema 4711 and this version knows \d+: run a newer countersign$/],
  ],
  [
    'a database that development mode did not make',
    (directory) => {
      mkdirSync(join(directory, 'other'));
      copyFileSync(join(directory, 'countersign.db'), join(directory, 'other', 'countersign.db'));
      return { COUNTERSIGN_DATA_DIR: join(directory, 'other') };
    },
    [/^\S+\/other holds a database that development mode did not make; choose another directory$/],
  ],
  [
    'an address that leaves this machine, without a token',
    () => ({ COUNTERSIGN_LISTEN: '0.0.0.0:0' }),
    [/^COUNTERSIGN_LISTEN may leave this machine only with COUNTERSIGN_DEV_TOKEN set/],
  ],
  [
    'an address of no interface',
    () => ({ COUNTERSIGN_LISTEN: '192.0.2.1:8080', COUNTERSIGN_DEV_TOKEN: 'a-token-of-some-length' }),
    [/^192\.0\.2\.1:8080 is no address of this machine; choose another with COUNTERSIGN_LISTEN$/],
  ],
  [
    'settings with a problem each, in one report',
    () => ({
      COUNTERSIGN_LISEN: '127.0.0.1:0',
      COUNTERSIGN_LISTEN: 'everywhere',
      COUNTERSIGN_DEV_TOKEN: 'short',
      COUNTERSIGN_LOG_LEVEL: 'loud',
      COUNTERSIGN_CONFIRM_CLOCK: 'maybe',
    }),
    [
      /^COUNTERSIGN_LISEN is no setting; did you mean COUNTERSIGN_LISTEN\?$/,
      /^COUNTERSIGN_LISTEN must be an address and a port, such as 127\.0\.0\.1:8080$/,
      /^COUNTERSIGN_LOG_LEVEL must be one of error, warn, info, silent$/,
      /^COUNTERSIGN_CONFIRM_CLOCK must be yes or no$/,
      /^COUNTERSIGN_DEV_TOKEN must be at least 16 characters long, all of them visible ASCII$/,
    ],
  ],
  [
    'a settings file, by its lines',
    (directory) => {
      writeFileSync(join(directory, 'bad.yaml'), 'devToken: a-token-of-some-length\nrates:\n  apiKey: 0\n');
      chmodSync(join(directory, 'bad.yaml'), 0o644);
      return { COUNTERSIGN_CONFIG: join(directory, 'bad.yaml') };
    },
    [
      /^devToken in \S+bad\.yaml line 1 is a secret in a file that others may read; run chmod 600 \S+bad\.yaml$/,
      /^rates\.apiKey in \S+bad\.yaml line 3 must be a whole number from 1 to 100000$/,
    ],
  ],
  [
    'a settings file that is no YAML',
    (directory) => {
      writeFileSync(join(directory, 'bad.yaml'), 'listen: 127.0.0.1:0\nlisten: 127.0.0.1:0\n');
      return { COUNTERSIGN_CONFIG: join(directory, 'bad.yaml') };
    },
    [/^\S+bad\.yaml line 2 column 1: this key is there twice; keep one$/],
  ],
  [
    'keys that others may read',
    (directory) => {
      chmodSync(join(directory, 'keys.json'), 0o640);
      return {};
    },
    [/^keyFile \(COUNTERSIGN_KEY_FILE\) is a file that others may read; run chmod 600 \S+\/keys\.json$/],
  ],
];

const isSettings = (complaint: RegExp) => /^\^(?:COUNTERSIGN_|devToken|rates|keyFile|\\S\+bad)/.test(complaint.source);

test.each(failures)(
  'says in a line each what is wrong with %s, and ends with 1 or, for settings, 2',
  async (_, spoil, complaints) => {
    using directory = temporaryDirectory();
    await usedDirectory(directory.path);
    const env = { COUNTERSIGN_DATA_DIR: directory.path, COUNTERSIGN_LISTEN: '127.0.0.1:0', ...spoil(directory.path) };

    const { code, stdout, stderr } = await countersign(['dev'], env);
    expect({ code, stdout }).toEqual({ code: complaints.every(isSettings) ? 2 : 1, stdout: '' });
    const expected = complaints.map(({ source }) =>
      expect.stringMatching(`^countersign: ${source.replace(/^\^/, '')}`),
    );
    expect(stderr.trimEnd().split('\n')).toEqual(expected);
  },
);

test('says that a port is taken, and leaves the data directory to the next start', async () => {
  using directory = temporaryDirectory();
  const [one, other] = [join(directory.path, 'one'), join(directory.path, 'other')];
  await using server = await startDevelopment(one);
  const { host } = new URL(server.url);

  const env = { COUNTERSIGN_DATA_DIR: other, COUNTERSIGN_LISTEN: host };
  const { code, stdout, stderr } = await countersign(['dev'], env);
  const complaint = `countersign: ${host} is taken; stop what uses it, or choose another with COUNTERSIGN_LISTEN\n`;
  expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: '', stderr: complaint });
  await using next = await startDevelopment(other);
  expect(next.stderr).toBe('');
});

test('refuses a data directory that another server uses, which goes on undisturbed', async () => {
  using directory = temporaryDirectory();
  await using server = await startDevelopment(directory.path);

  const env = { COUNTERSIGN_DATA_DIR: directory.path, COUNTERSIGN_LISTEN: '127.0.0.1:0' };
  const { code, stdout, stderr } = await countersign(['dev'], env);
  const complaint = `countersign: ${directory.path}/countersign.db is in use by another countersign: stop it, or choose another data directory\n`;
  expect({ code, stdout, stderr }).toEqual({ code: 4, stdout: '', stderr: complaint });

  const headers = { authorization: `Bearer ${apiKeyOf(server.stdout)}`, 'content-type': 'application/json' };
  expect((await fetch(`${server.url}/v1/verifications`, { method: 'POST', headers, body })).status).toBe(201);
});

const endings: [sentence: string, signal: NodeJS.Signals][] = [
  ['was stopped', 'SIGTERM'],
  ['was killed', 'SIGKILL'],
];

test.each(endings)('finds its data and its key again after it %s', async (_, signal) => {
  using directory = temporaryDirectory();
  await using first = await startDevelopment(directory.path);
  const apiKey = apiKeyOf(first.stdout);
  const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' };
  const post = async (url: string, fields: object) => {
    const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(fields) });
    return (await answer.json()) as { id: string; result?: string };
  };
  const credentialsOf = async (url: string) => (await (await fetch(`${url}/dev/credentials`)).json()) as object;
  const credentials = await credentialsOf(first.url);
  expect(Object.keys(credentials)).toEqual(['native', 'smsworks', 'smscx', 'ding', 'metal']);
  const { id } = await post(`${first.url}/v1/verifications`, { recipient: 'ada@example.com' });
  const code = await until('the code in the inbox', async () => {
    const answer = await fetch(`${first.url}/dev/inbox/latest?to=ada@example.com`);
    return /\b\d{6}\b/.exec(await answer.text())?.[0];
  });
  await first.end(signal);

  await using second = await startDevelopment(directory.path);
  expect(apiKeyOf(second.stdout)).toBe(apiKey);
  expect(await credentialsOf(second.url)).toEqual({ ...credentials, native: { apiKey } });
  const checked = await post(`${second.url}/v1/verifications/${id}/checks`, { code });
  expect(checked).toMatchObject({ result: 'verified', verification: { id, recipient: 'ada@example.com' } });
});
