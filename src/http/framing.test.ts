import { connect, type Socket } from 'node:net';
import { setTimeout as after } from 'node:timers/promises';
import { Type } from 'typebox';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHttpServer } from './server.ts';

const silent = { error: () => undefined, warn: () => undefined, info: () => undefined };
const limits = { headersTimeoutMs: 300, requestTimeoutMs: 600, connectionsCheckingIntervalMs: 50 };
const logged: string[] = [];
const app = createHttpServer({ log: { ...silent, error: (_fields, message) => logged.push(message) }, limits });
let handled = 0;
let port = 0;

beforeAll(async () => {
  const body = Type.Object({ a: Type.String() }, { additionalProperties: false });
  app.post('/things', { schema: { body } }, async (request) => {
    handled++;
    await after(20);
    return request.body;
  });
  app.get('/things', () => ({ got: ++handled }));
  port = Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port);
});
afterAll(() => app.close());

interface Heard {
  readonly text: string;
  readonly closed: boolean;
}

/** Sends bytes as they are and listens until the server closes or `waitMs` is over. */
async function say(text: string, waitMs = 2_000, at = port): Promise<Heard> {
  const socket = connect(at, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(text, 'latin1');
  return listen(socket, waitMs);
}

function listen(socket: Socket, waitMs: number): Promise<Heard> {
  return new Promise((resolve) => {
    let text = '';
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1');
    });
    const timer = setTimeout(() => end(false), waitMs);
    socket.on('close', () => end(true));
    function end(closed: boolean): void {
      clearTimeout(timer);
      socket.destroy();
      resolve({ text, closed });
    }
  });
}

const statuses = (text: string) => [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((found) => Number(found[1]));

const JSON_HEAD = 'POST /things HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';
const BODY = '{"a":"b"}';

const malformed: [sentence: string, bytes: string, status?: number][] = [
  [
    'both a length and a transfer encoding',
    `${JSON_HEAD}Content-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  ],
  [
    'a transfer encoding before a length',
    `${JSON_HEAD}Transfer-Encoding: chunked\r\nContent-Length: 9\r\n\r\n0\r\n\r\n`,
  ],
  ['two lengths', `${JSON_HEAD}Content-Length: 9\r\nContent-Length: 9\r\n\r\n${BODY}`],
  ['two different lengths', `${JSON_HEAD}Content-Length: 9\r\nContent-Length: 2\r\n\r\n${BODY}`],
  ['a list of lengths', `${JSON_HEAD}Content-Length: 9, 9\r\n\r\n${BODY}`],
  ['a negative length', `${JSON_HEAD}Content-Length: -1\r\n\r\n`],
  ['a length with a plus sign', `${JSON_HEAD}Content-Length: +9\r\n\r\n${BODY}`],
  ['a length in hexadecimal', `${JSON_HEAD}Content-Length: 0x9\r\n\r\n${BODY}`],
  ['bare line feeds', 'GET /things HTTP/1.1\nHost: x\n\n'],
  ['one bare line feed', 'GET /things HTTP/1.1\r\nHost: x\nX-A: b\r\n\r\n'],
  ['a bare carriage return', 'GET /things HTTP/1.1\r\nHost: x\rX-A: b\r\n\r\n'],
  ['a folded header', 'GET /things HTTP/1.1\r\nHost: x\r\nX-A: b\r\n c\r\n\r\n'],
  ['a space after a header name', 'GET /things HTTP/1.1\r\nHost : x\r\n\r\n'],
  ['a space before a header name', 'GET /things HTTP/1.1\r\n Host: x\r\n\r\n'],
  ['a header without a colon', 'GET /things HTTP/1.1\r\nHost: x\r\nX-A\r\n\r\n'],
  ['a null byte in a header', 'GET /things HTTP/1.1\r\nHost: x\r\nX-A: b\0c\r\n\r\n'],
  ['a chunk size that is no number', `${JSON_HEAD}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`],
  ['a chunk longer than its size', `${JSON_HEAD}Transfer-Encoding: chunked\r\n\r\n2\r\n{}x\r\n0\r\n\r\n`],
  ['a compressed transfer encoding', `${JSON_HEAD}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`],
  ['an unknown transfer encoding', `${JSON_HEAD}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`],
  [
    'chunked given with identity',
    `${JSON_HEAD}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n`,
  ],
  ['chunks in HTTP/1.0', 'POST /things HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['chunks after GET', 'GET /things HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['an unknown version', 'GET /things HTTP/3.7\r\nHost: x\r\n\r\n'],
  ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['no version', 'GET /things\r\n\r\n'],
  ['an unknown method', 'FETCH /things HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['a lower-case method', 'get /things HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['a tunnel', 'CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n', 405],
  ['no host', 'GET /things HTTP/1.1\r\n\r\n'],
  ['two hosts', 'GET /things HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n'],
  ['two credentials', 'GET /things HTTP/1.1\r\nHost: a\r\nAuthorization: a\r\nauthorization: b\r\n\r\n'],
  ['two media types', `${JSON_HEAD}content-type: text/plain\r\nContent-Length: 9\r\n\r\n${BODY}`],
  ['an absolute URL', 'GET http://other.example/things HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['an expectation that nobody knows', `${JSON_HEAD}Expect: more\r\nContent-Length: 9\r\n\r\n${BODY}`],
  ['a header over 16 KiB', `GET /things HTTP/1.1\r\nHost: x\r\nX-A: ${'a'.repeat(16_384)}\r\n\r\n`, 431],
  ['many headers over 16 KiB', `GET /things HTTP/1.1\r\nHost: x\r\n${'X-A: b\r\n'.repeat(5_000)}\r\n`, 431],
  ['a URL over 16 KiB', `GET /${'a'.repeat(16_384)} HTTP/1.1\r\nHost: x\r\n\r\n`, 414],
  ['a chunk extension over 16 KiB', `${JSON_HEAD}Transfer-Encoding: chunked\r\n\r\n9;${'x'.repeat(17_000)}\r\n`, 413],
  ['a length over the limit', `${JSON_HEAD}Content-Length: 16385\r\n\r\n`, 413],
  ['garbage', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
];

test.each(malformed)('answers %s once and closes the connection', async (_sentence, bytes, status = 400) => {
  handled = 0;
  const { text, closed } = await say(`${bytes}GET /things HTTP/1.1\r\nHost: x\r\n\r\n`);
  expect({ statuses: statuses(text), closed, handled }).toEqual({ statuses: [status], closed: true, handled: 0 });
  expect(text).toMatch(/\r\nx-request-id: \S+\r\n/);
  expect(JSON.parse(text.slice(text.indexOf('{')))).toMatchObject({ status });
});

test('never answers a second request that was smuggled in a body', async () => {
  handled = 0;
  const inner = 'GET /things HTTP/1.1\r\nHost: x\r\n\r\n';
  const { text } = await say(`${JSON_HEAD}Content-Length: ${inner.length}\r\n\r\n${inner}`, 300);
  const chunked = await say(
    `${JSON_HEAD}Transfer-Encoding: chunked\r\n\r\n${inner.length.toString(16)}\r\n${inner}\r\n0\r\n\r\n`,
    300,
  );
  const upgraded = await say(
    `${JSON_HEAD}Connection: upgrade\r\nUpgrade: h2c\r\nContent-Length: ${inner.length}\r\n\r\n${inner}`,
    300,
  );
  expect([text, chunked.text, upgraded.text].map(statuses)).toEqual([[400], [400], [400]]);
  expect(handled).toBe(0);
});

test('answers two requests sent at once, in their order', async () => {
  const one = `${JSON_HEAD}Content-Length: 9\r\n\r\n${BODY}`;
  const { text, closed } = await say(`${one}GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n`, 300);
  expect([statuses(text), closed]).toEqual([[200, 404], false]);
});

test('gives the answer under way and no other when garbage follows a whole request', async () => {
  const { text, closed } = await say(`${JSON_HEAD}Content-Length: 9\r\n\r\n${BODY}\x01\x02\x03\r\n\r\n`);
  expect([statuses(text), closed]).toEqual([[200], true]);
});

test('cuts an endless body at the limit', async () => {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(`${JSON_HEAD}Transfer-Encoding: chunked\r\n\r\n`);
  const heard = listen(socket, 3_000);
  let sent = 0;
  for (let i = 0; i < 200 && socket.writable; i++) {
    socket.write(`400\r\n${' '.repeat(1024)}\r\n`);
    sent += 1024;
    await after(2);
  }
  const { text, closed } = await heard;
  expect([statuses(text), closed]).toEqual([[413], true]);
  expect(sent).toBeLessThan(100 * 1024);
});

test('does not read on when a body of unknown length comes to an unknown path', async () => {
  const { text, closed } = await say(
    'POST /nothing HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n',
  );
  expect([statuses(text), closed]).toEqual([[404], true]);
});

const slow: [sentence: string, bytes: string][] = [
  ['nothing', ''],
  ['half a header', 'GET /things HTTP/1.1\r\nHost'],
  ['half a body', `${JSON_HEAD}Content-Length: 9\r\n\r\n{"a"`],
];

test.each(slow)('closes a connection that sends %s and then waits', async (_sentence, bytes) => {
  const { text, closed } = await say(bytes);
  expect([statuses(text), closed]).toEqual([[408], true]);
});

test('does not log that a client went away in the middle of its body', async () => {
  const socket = connect(port, '127.0.0.1');
  socket.write(`${JSON_HEAD}Content-Length: 9\r\n\r\n{"a"`);
  await after(50);
  socket.resetAndDestroy();
  await after(50);
  expect(logged).toEqual([]);
});

test('closes two hundred slow connections while it answers others', async () => {
  const slowOnes = Array.from({ length: 200 }, () => say('GET /things HTTP/1.1\r\nX-A: '));
  const quick = await Promise.all(
    Array.from({ length: 20 }, () => say('GET /things HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')),
  );
  expect(quick.map(({ text }) => statuses(text))).toEqual(quick.map(() => [200]));
  expect((await Promise.all(slowOnes)).every(({ closed }) => closed)).toBe(true);
});

test('takes no more connections than allowed', async () => {
  const small = createHttpServer({ log: silent, limits: { connections: 2 } });
  const at = Number(new URL(await small.listen({ host: '127.0.0.1', port: 0 })).port);
  const heard = await Promise.all([1, 2, 3].map(() => say('', 300, at)));
  expect(heard.map(({ closed }) => closed).sort()).toEqual([false, false, true]);
  await small.close();
});

/** A server with one slow route, and the moment that route is reached. */
async function aSlowServer(answerMs: number, drainMs: number) {
  const slowServer = createHttpServer({ log: silent, limits: { drainMs } });
  const reached = new Promise<void>((resolve) => {
    slowServer.get('/slow', async () => {
      resolve();
      await after(answerMs);
      return { done: true };
    });
  });
  const address = await slowServer.listen({ host: '127.0.0.1', port: 0 });
  return { slowServer, reached, at: Number(new URL(address).port) };
}

test('finishes what it has begun when it is closed, and ends the connection', async () => {
  const { slowServer, reached, at } = await aSlowServer(100, 5_000);
  const heard = say('GET /slow HTTP/1.1\r\nHost: x\r\n\r\n', 3_000, at);
  await reached;
  await slowServer.close();
  const { text, closed } = await heard;
  expect([statuses(text), closed]).toEqual([[200], true]);
});

test('cuts what takes too long when it is closed', async () => {
  const { slowServer, reached, at } = await aSlowServer(1_500, 100);
  const heard = say('GET /slow HTTP/1.1\r\nHost: x\r\n\r\n', 1_200, at);
  await reached;
  await slowServer.close();
  expect(await heard).toEqual({ text: '', closed: true });
});
