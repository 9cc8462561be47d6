import { existsSync, readFileSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { startLoad } from './crash-load.ts';
import { built, listening, type ServerProcess, startProcess, temporaryDirectory } from './process.ts';
import { openProviderLog } from './provider-log.ts';
import { isLong } from './scale.ts';
import { until } from './until.ts';

const stops = isLong ? 20 : 4;
const creates = stops * 60;

function start(directory: string, delayMs: number): Promise<ServerProcess> {
  const options = { dataDir: join(directory, 'data'), providerLog: join(directory, 'provider.log'), delayMs };
  return listening(startProcess(process.execPath, [built('testing/crash-server.js'), JSON.stringify(options)]));
}

const credentialsIn = (directory: string) =>
  JSON.parse(readFileSync(join(directory, 'data', 'credentials.json'), 'utf8')) as { native: { apiKey: string } };

/** A number that the database of a server that has ended answers. */
function asked(directory: string, sql: string): number {
  const db = new Database(join(directory, 'data', 'countersign.db'), { readonly: true });
  try {
    return db.prepare(sql).pluck().get() as number;
  } finally {
    db.close();
  }
}

test(`${stops} stops under load lose no request, send nothing twice, and leave nothing owned`, {
  timeout: 300_000,
}, async () => {
  using directory = temporaryDirectory();
  const { path } = directory;
  let server = await start(path, 60);
  try {
    const providerLog = openProviderLog(join(path, 'provider.log'));
    const { apiKey } = credentialsIn(path).native;
    await using load = startLoad({ apiKey, providerLog, seed: stops, creates });
    load.connect(server.url);
    for (let stop = 1; stop <= stops; stop++) {
      await until(`create ${stop * 50}`, () => load.created >= stop * 50 || undefined, 60_000);
      expect(await server.end('SIGTERM')).toEqual({ code: 0, signal: null });
      load.connect(undefined);
      expect(server.stderr).toBe('');
      // Copied back whole: what is left of the log, if anything, is empty.
      const log = join(path, 'data', 'countersign.db-wal');
      expect(existsSync(log) ? statSync(log).size : 0).toBe(0);
      expect(asked(path, `select count(*) from sends where status = 'queued' and epoch is not null`)).toBe(0);
      expect(asked(path, 'select count(*) from sends where try_open = 1')).toBe(0);
      server = await start(path, 60);
      load.connect(server.url);
    }
    await load.done;
    expect(load.contradictions).toEqual([]);
    expect(load.promised.size).toBe(load.created);
    await until(
      'every message to be settled',
      () =>
        [...load.promised.values()].every(
          ({ id, status }) => status !== 'pending' || providerLog.acceptances(`${id}-1`) === 1,
        ) || undefined,
    );
    expect(providerLog.acceptedTwice()).toEqual([]);
    expect(await server.end('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(asked(path, `select count(*) from sends where status = 'queued' or possible_duplicate = 1`)).toBe(0);
  } finally {
    await server[Symbol.asyncDispose]();
  }
});

test('a stop is told at once, waits for the provider, and takes nothing more', { timeout: 60_000 }, async () => {
  using directory = temporaryDirectory();
  await using server = await start(directory.path, 1500);
  const { apiKey } = credentialsIn(directory.path).native;
  const post = (body: string) =>
    fetch(`${server.url}/v1/verifications`, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body,
      signal: AbortSignal.timeout(5000),
    });
  const created = (await (await post('{"recipient":"+33612345678"}')).json()) as { id: string };
  const providerLog = openProviderLog(join(directory.path, 'provider.log'));
  await until('the provider to be called', () => providerLog.submissions(`${created.id}-1`) === 1 || undefined);
  server.signal('SIGTERM');
  await until('it to refuse connections', () =>
    fetch(`${server.url}/healthz`, { signal: AbortSignal.timeout(1000) }).then(
      () => undefined,
      () => true as const,
    ),
  );
  expect(await server.ended).toEqual({ code: 0, signal: null });
  expect(asked(directory.path, `select count(*) from sends where status = 'submitted'`)).toBe(1);
  expect(providerLog.acceptances(`${created.id}-1`)).toBe(1);
});

test('while it answers what is under way, it is not ready, and says so', { timeout: 60_000 }, async () => {
  using directory = temporaryDirectory();
  await using server = await start(directory.path, 10);
  const { port } = new URL(server.url);
  const socket = connect(Number(port), '127.0.0.1');
  let said = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  // Half a request keeps this connection, and so the server, from ending.
  socket.write('GET /healthz HTTP/1.1\r\nhost: a\r\n\r\nGET /readyz HTTP/1.1\r\nhost: a\r\n');
  await until('the first answer', () => said.includes('alive') || undefined);
  server.signal('SIGTERM');
  await delay(150);
  socket.write('\r\n');
  await until('the second answer', () => /not_ready.*\}/.exec(said) ?? undefined);
  expect(said).toMatch(/HTTP\/1\.1 503 .*connection: close.*"reasons":\["shutting_down"\]/is);
  expect(await server.ended).toEqual({ code: 0, signal: null });
});
