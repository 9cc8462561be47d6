import { expect, test } from 'vitest';
import { recordedLog } from '../../testing/builders.ts';
import { trustedProxies } from './client-address.ts';
import { type NotReady, operations } from './operations.ts';
import { createRateLimiter, defaultRates } from './rates.ts';
import { createHttpServer } from './server.ts';

const token = 'an-operations-token';

async function aServer(given: { token?: string } = { token }) {
  const reasons: NotReady[] = [];
  const app = createHttpServer({ log: recordedLog() });
  const rates = createRateLimiter(defaultRates, () => 0);
  const metrics = async () => ({ contentType: 'text/plain; version=0.0.4', text: 'up 1\n' });
  const options = { notReady: async () => reasons, metrics, rates, proxies: trustedProxies([]), ...given };
  await app.register(async (scope) => operations(scope, options));
  const ask = (path: string, headers: Record<string, string> = {}, remoteAddress = '127.0.0.1', method = 'GET') =>
    app.inject({ method: method as 'GET', url: path, headers, remoteAddress });
  return { ask, reasons };
}

const paths = ['/healthz', '/readyz', '/metrics'];
const bearer = (text: string) => ({ authorization: `Bearer ${text}` });

const asked: [who: string, headers: Record<string, string>, address: string, status: number][] = [
  ['this machine', {}, '127.0.0.1', 200],
  ['another loopback address', {}, '127.8.8.8', 200],
  ['this machine by IPv6', {}, '::1', 200],
  ['this machine by mapped IPv6', {}, '::ffff:127.0.0.1', 200],
  ['this machine, whatever the token', bearer('wrong'), '127.0.0.1', 200],
  ['elsewhere with the token', bearer(token), '192.0.2.7', 200],
  ['a proxy with the token', { ...bearer(token), 'x-forwarded-for': '192.0.2.7' }, '127.0.0.1', 200],
  ['elsewhere', {}, '192.0.2.7', 404],
  ['elsewhere with a wrong token', bearer('wrong'), '192.0.2.7', 404],
  ['elsewhere with basic credentials', { authorization: `Basic ${token}` }, '192.0.2.7', 404],
  ['a proxy that says for whom', { 'x-forwarded-for': '127.0.0.1' }, '127.0.0.1', 404],
  ['a proxy that says so otherwise', { forwarded: 'for=127.0.0.1' }, '127.0.0.1', 404],
  ['a proxy that names itself', { via: '1.1 proxy' }, '127.0.0.1', 404],
  ['a proxy with a header of its own', { 'x-real-ip': '127.0.0.1' }, '::1', 404],
];

test.each(asked)('%s', async (_, headers, address, status) => {
  const { ask } = await aServer();
  for (const path of paths) expect([path, (await ask(path, headers, address)).statusCode]).toEqual([path, status]);
});

test('without a token set, no token lets anybody in', async () => {
  const { ask } = await aServer({});
  for (const text of ['undefined', 'null', token]) {
    expect((await ask('/metrics', bearer(text), '192.0.2.7')).statusCode).toBe(404);
  }
});

test('is to others like any path that does not exist, whatever the method', async () => {
  const { ask } = await aServer();
  const [known, unknown] = [await ask('/metrics', {}, '192.0.2.7'), await ask('/nothing', {}, '192.0.2.7')];
  const told = ({ headers, body }: typeof known) => {
    const { requestId: _, ...problem } = JSON.parse(body) as Record<string, unknown>;
    const { 'x-request-id': _id, date: _date, ...rest } = headers;
    return { problem, rest };
  };
  expect(told(known)).toEqual(told(unknown));
  expect((await ask('/metrics', {}, '192.0.2.7', 'POST')).statusCode).toBe(404);
});

test('wrong tokens count as failed authentications of their address', async () => {
  const { ask } = await aServer();
  for (let tries = 0; tries < 20; tries++) {
    expect((await ask('/metrics', bearer(`wrong-${tries}`), '192.0.2.7')).statusCode).toBe(404);
  }
  expect((await ask('/metrics', bearer('wrong'), '192.0.2.7')).statusCode).toBe(429);
  expect((await ask('/metrics', bearer('wrong'), '192.0.2.8')).statusCode).toBe(404);
  expect((await ask('/metrics', bearer(token), '192.0.2.7')).statusCode).toBe(200);
});

test('says why it is not ready', async () => {
  const { ask, reasons } = await aServer();
  expect((await ask('/readyz')).json()).toEqual({ status: 'ready' });
  reasons.push('store_unavailable', 'event_loop_delayed');
  const answer = await ask('/readyz');
  expect(answer.statusCode).toBe(503);
  expect(answer.json()).toEqual({ status: 'not_ready', reasons });
  expect((await ask('/healthz')).json()).toEqual({ status: 'alive' });
  expect((await ask('/metrics')).headers['content-type']).toBe('text/plain; version=0.0.4');
});
