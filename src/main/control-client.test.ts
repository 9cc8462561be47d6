import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { openControlServer } from '../../testing/control-server.ts';
import { temporaryDirectory } from '../../testing/process.ts';
import { createHttpServer } from '../http/server.ts';
import { insideApi, socketApi } from './control-client.ts';
import { isListening } from './listening.ts';

const status = { method: 'GET', path: '/admin/v1/status' } as const;
const rewrap = { method: 'POST', path: '/admin/v1/keys/rewrap', body: {} } as const;

test('says who works here and for which tenant, and nothing else', async () => {
  await using server = await openControlServer({ 'GET /admin/v1/status': { body: { ready: true } } });
  const api = socketApi(server.socket);
  expect(await api.call({ ...status, tenant: 't-1' })).toEqual({ status: 200, body: { ready: true } });
  expect(server.asked).toEqual([{ ...status, tenant: 't-1', body: undefined }]);
});

test('a socket is listened on, left behind, another file, or not there', async () => {
  using directory = temporaryDirectory();
  const file = join(directory.path, 'file');
  writeFileSync(file, '');
  await using server = await openControlServer({});
  expect(await isListening(server.socket)).toBe(true);
  expect(await isListening(file)).toBe(false);
  expect(await isListening(join(file, 'control.sock'))).toBe(false);
  expect(await isListening(join(directory.path, 'control.sock'))).toBe(false);
});

test('a server that takes connections and hangs up is not available', async () => {
  using directory = temporaryDirectory();
  const path = join(directory.path, 'control.sock');
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(path, resolve));
  await expect(socketApi(path).call(status)).rejects.toMatchObject({ exit: 4, code: 'server_unreachable' });
  server.close();
});

test('an answer that is not JSON is no answer', async () => {
  const app = createHttpServer({ log: { info() {}, warn() {}, error() {} } });
  app.get('/admin/v1/status', async (_, reply) => reply.type('text/html').send('<html>'));
  const api = insideApi(app, () => app.close());
  await expect(api.call(status)).rejects.toMatchObject({ exit: 4, code: 'unreadable_answer' });
  await api.close();
});

test('a server inside this process answers long work line by line too', async () => {
  const app = createHttpServer({ log: { info() {}, warn() {}, error() {} } });
  const lines = new PassThrough();
  app.post('/admin/v1/keys/rewrap', async (_, reply) => reply.type('application/x-ndjson').send(lines));
  const told: number[][] = [];
  const api = insideApi(app, () => app.close());
  const answer = api.stream(rewrap, (done, total) => {
    told.push([done, total]);
    // Only once this line has been read does the next one come, in two pieces.
    lines.write('{"result":{"ro');
    lines.end('ws":2}}\n');
  });
  lines.write('{"progress":{"done":1,"total":2}}\n');
  expect(await answer).toEqual({ status: 200, body: { rows: 2 } });
  expect(told).toEqual([[1, 2]]);
  await api.close();
});
