import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { authorityFile, badCertificates, certificate } from '../../testing/certificates.ts';
import { type GatewayServer, type GatewayServerOptions, openGatewayServer } from '../../testing/gateway-server.ts';
import { until } from '../../testing/until.ts';
import { addressJudge } from './addresses.ts';
import { type HttpTransportOptions, httpTransport } from './http-transport.ts';

const ca = readFileSync(authorityFile, 'utf8');
const never = new AbortController().signal;

const open = (options: GatewayServerOptions = {}) => openGatewayServer({ tls: certificate('localhost'), ...options });

/** Calls a receiver on this machine as one in production is called, but that its address may be. */
function transportTo({ port }: Pick<GatewayServer, 'port'>, options: Partial<HttpTransportOptions> = {}) {
  return httpTransport({
    urls: { anywhere: false, ports: [port] },
    resolve: async () => ['127.0.0.1'],
    mayCall: () => true,
    ca,
    ...options,
  });
}

const call = ({ port }: Pick<GatewayServer, 'port'>, path = '/events?a=1') => ({
  url: `https://localhost:${port}${path}`,
  headers: { 'content-type': 'application/json; charset=utf-8', 'x-own': 'yes' },
  body: '{"é":1}',
});

test('posts the very bytes to the address that was looked at, with the name for TLS and Host', async () => {
  await using server = await open();
  const asked: string[] = [];
  const resolve = async (host: string) => {
    asked.push(host);
    return ['127.0.0.1'];
  };
  expect(await transportTo(server, { resolve }).post(call(server), never)).toEqual({ kind: 'answered', status: 204 });
  const [post] = server.posts;
  expect([post?.method, post?.path, post?.body]).toEqual(['POST', '/events?a=1', '{"é":1}']);
  expect(post?.headers).toMatchObject({ host: `localhost:${server.port}`, 'content-length': '8', 'x-own': 'yes' });
  expect(asked).toEqual(['localhost']);
});

test('keeps no connection past a call', async () => {
  await using server = await open();
  const transport = transportTo(server);
  for (let round = 0; round < 3; round++) await transport.post(call(server), never);
  expect(server.connections).toBe(3);
  await until('the connections to be gone', () => (server.standing === 0 ? true : undefined));
});

const spoilt: [what: string, addresses: readonly string[]][] = [
  ['one that is private', ['10.0.0.1']],
  ['a private one beside a public one', ['8.8.8.8', '127.0.0.1']],
  ['a private one of IPv6 beside public ones', ['8.8.8.8', '2606:4700::1', 'fd00::1']],
  ['what is no address', ['8.8.8.8', 'localhost']],
];
test.each(spoilt)('a name that leads to %s is not called at all', async (_, addresses) => {
  await using server = await open();
  const mayCall = addressJudge({ anywhere: false, refused: [], allowed: [] });
  const transport = transportTo(server, { mayCall, resolve: async () => addresses });
  expect(await transport.post(call(server), never)).toEqual({ kind: 'unanswered', reason: 'address-refused' });
  expect(server.connections).toBe(0);
});

test('a name is looked up again for each call: one that leads elsewhere later is refused then', async () => {
  await using server = await open();
  const answers = [['127.0.0.1'], ['127.0.0.1', '10.0.0.1']];
  const transport = transportTo(server, {
    mayCall: (address) => address === '127.0.0.1',
    resolve: async () => answers.shift() ?? [],
  });
  expect((await transport.post(call(server), never)).kind).toBe('answered');
  expect(await transport.post(call(server), never)).toEqual({ kind: 'unanswered', reason: 'address-refused' });
  expect(await transport.post(call(server), never)).toEqual({ kind: 'unanswered', reason: 'name-not-found' });
  expect(server.connections).toBe(1);
});

test('an address that may not be called is judged at each call, whoever let it pass before', async () => {
  await using server = await open();
  const transport = transportTo(server);
  for (const url of [`http://localhost:${server.port}/`, 'https://127.0.0.1/', 'https://localhost:1/']) {
    const answer = await transport.post({ ...call(server), url }, never);
    expect(answer).toEqual({ kind: 'unanswered', reason: 'address-refused' });
  }
  expect(server.connections).toBe(0);
});

test('a redirect is an answer like any other, and is not followed', async () => {
  await using elsewhere = await open();
  const location = `https://localhost:${elsewhere.port}/`;
  await using server = await open({ answers: (response) => response.writeHead(307, { location }).end() });
  expect(await transportTo(server).post(call(server), never)).toEqual({ kind: 'answered', status: 307 });
  expect(elsewhere.connections).toBe(0);
});

test('no proxy is asked, whatever the environment names', async () => {
  await using proxy = await open();
  await using server = await open();
  const names = ['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'NODE_USE_ENV_PROXY'];
  const before = names.map((name) => process.env[name]);
  for (const name of names) process.env[name] = name === 'NODE_USE_ENV_PROXY' ? '1' : `http://localhost:${proxy.port}`;
  try {
    expect((await transportTo(server).post(call(server), never)).kind).toBe('answered');
  } finally {
    for (const [index, name] of names.entries()) {
      if (before[index] === undefined) delete process.env[name];
      else process.env[name] = before[index];
    }
  }
  expect([proxy.connections, server.connections]).toEqual([0, 1]);
});

test.each(badCertificates)('a receiver with a %s certificate is told nothing', async (name) => {
  await using server = await open({ tls: certificate(name) });
  expect(await transportTo(server).post(call(server), never)).toEqual({
    kind: 'unanswered',
    reason: 'bad-certificate',
  });
  expect(server.posts).toEqual([]);
});

test('an answer without an end is read up to a bound, and its status counts', async () => {
  let written = 0;
  await using server = await open({
    answers(response) {
      response.writeHead(200);
      const more = () => {
        written += 16_384;
        response.write(Buffer.alloc(16_384), (error) => (error || written > 50_000_000 ? undefined : more()));
      };
      more();
    },
  });
  expect(await transportTo(server).post(call(server), never)).toEqual({ kind: 'answered', status: 200 });
  expect(written).toBeLessThan(50_000_000);
});

test('says how long a receiver wants to be left alone', async () => {
  const asked = ['120', 'Fri, 31 Dec 1999 23:59:59 GMT', '-5'];
  await using server = await open({
    answers: (response) => response.writeHead(429, { 'retry-after': asked.shift() ?? '' }).end(),
  });
  const transport = transportTo(server);
  expect(await transport.post(call(server), never)).toEqual({ kind: 'answered', status: 429, retryAfterSeconds: 120 });
  for (let round = 0; round < 2; round++) {
    expect(await transport.post(call(server), never)).toEqual({ kind: 'answered', status: 429 });
  }
});

test('a receiver that never answers is left after a while, and one that breaks off at once', async () => {
  await using silent = await open({ answers: () => undefined });
  expect(await transportTo(silent, { totalMs: 200 }).post(call(silent), never)).toEqual({
    kind: 'unanswered',
    reason: 'timeout',
  });
  await using broken = await open({ answers: (response) => response.destroy() });
  expect(await transportTo(broken).post(call(broken), never)).toEqual({
    kind: 'unanswered',
    reason: 'broken-connection',
  });
});

test('a receiver with which no TLS comes about is left long before the call would be', async () => {
  const silent = createServer((socket) => socket.resume());
  await new Promise<void>((listening) => silent.listen(0, '127.0.0.1', listening));
  const { port } = silent.address() as AddressInfo;
  const began = performance.now();
  const { kind, ...given } = await transportTo({ port }, { connectMs: 50, totalMs: 60_000 }).post(
    call({ port }),
    never,
  );
  expect([kind, given]).toEqual(['unanswered', { reason: 'timeout' }]);
  expect(performance.now() - began).toBeLessThan(30_000);
  silent.close();
});

test('a name that is never resolved is given up, and so is a call whose server stops', async () => {
  await using server = await open();
  const resolve = () => new Promise<readonly string[]>(() => undefined);
  expect(await transportTo(server, { resolve, totalMs: 50 }).post(call(server), never)).toEqual({
    kind: 'unanswered',
    reason: 'timeout',
  });
  expect(await transportTo(server).post(call(server), AbortSignal.abort())).toEqual({
    kind: 'unanswered',
    reason: 'timeout',
  });
});
