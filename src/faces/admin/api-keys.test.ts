import { afterAll, beforeAll, expect, test } from 'vitest';
import { aKey, anOperator, clientWith, type KeyFields, locally, scoped } from '../../../testing/administration.ts';
import type { Client } from '../../../testing/client.ts';
import { startMs, type VirtualClock, virtualClock } from '../../../testing/clock.ts';
import { openServer, type TestServer } from '../../../testing/server.ts';
import { until } from '../../../testing/until.ts';
import { keyIdOfApplication, pairOf } from '../../domain/api-key.ts';
import { createDirectory } from '../../engine/directory.ts';

let server: TestServer;
let clock: VirtualClock;
beforeAll(async () => {
  clock = virtualClock();
  server = await openServer({ clock, proxies: ['127.0.0.1'] });
});
afterAll(() => server[Symbol.asyncDispose]());

const statusWith = async (key: string, headers: Record<string, string> = {}) =>
  (await clientWith(server, server.alice, key).request('GET', '/v1/verifications', { headers })).status;

const post = (path: string, body: object = {}, headers: Record<string, string> = {}, client: Client = server.alice) =>
  client.request<KeyFields & Record<string, unknown>>('POST', `/v1/api-keys${path}`, { body, headers });

async function listed(id: string) {
  const { body } = await server.alice.request<{ apiKeys: Record<string, unknown>[] }>('GET', '/v1/api-keys');
  return body.apiKeys.find((one) => one.id === id);
}

test('a key is shown once, with what it may do, and works at once', async () => {
  const { status, body } = await post('', { name: 'backend' });
  expect(status).toBe(201);
  const { key, secret, applicationId, ...shown } = body;
  expect([shown.id, secret]).toEqual(Object.values(pairOf(key)));
  expect(keyIdOfApplication(String(applicationId))).toBe(shown.id);
  expect(shown).toEqual({
    id: key.split('_')[2],
    name: 'backend',
    scopes: ['verifications:send', 'verifications:check', 'verifications:read'],
    sources: [],
    createdAt: new Date(clock.wallMs()).toISOString(),
    expiresAt: null,
    revokedAt: null,
    lastUsedAt: null,
  });
  expect(await listed(body.id)).toEqual(shown);
  expect(await statusWith(key)).toBe(200);
});

test('no answer holds a digest of a key, and none but the first holds the key', async () => {
  const { key, id } = (await post('', { name: 'secret' })).body;
  const stored = await server.parts.store.queries.apiKey(id);
  for (const path of ['/v1/api-keys', '/v1/audit?limit=100']) {
    const { text } = await server.alice.request('GET', path);
    expect(text).toContain(id);
    expect(text).not.toContain(stored?.hash ?? 'none');
    expect(text).not.toContain(key.slice(-40));
  }
  expect(JSON.stringify(await server.rows())).not.toContain(key.slice(-40));
});

test('a key works until the very millisecond it ends in', async () => {
  const { key } = await aKey(server, server.alice, { expiresAt: new Date(clock.wallMs() + 60_000).toISOString() });
  clock.advance(59_999);
  expect(await statusWith(key)).toBe(200);
  clock.advance(1);
  expect(await statusWith(key)).toBe(401);
});

test('an end can be moved and taken away while the key works, and not afterwards', async () => {
  const { key, id } = await aKey(server, server.alice, { expiresAt: new Date(clock.wallMs() + 1000).toISOString() });
  const change = (body: object) => server.alice.request('PATCH', `/v1/api-keys/${id}`, { body });
  expect((await change({ expiresAt: null })).body).toMatchObject({ expiresAt: null });
  clock.advance(5000);
  expect(await statusWith(key)).toBe(200);
  expect((await change({ expiresAt: new Date(clock.wallMs()).toISOString() })).status).toBe(200);
  expect(await statusWith(key)).toBe(401);
  expect((await change({ expiresAt: null })).body).toMatchObject({ status: 409, code: 'api_key_ended' });
});

const sources: [from: string, sources: string[], status: number][] = [
  ['192.0.2.7', ['192.0.2.0/24'], 200],
  ['192.0.3.7', ['192.0.2.0/24'], 403],
  ['192.0.2.7', ['192.0.2.7'], 200],
  ['192.0.2.8', ['192.0.2.7', '198.51.100.0/24'], 403],
  ['::ffff:192.0.2.7', ['192.0.2.0/24'], 200],
  ['2001:db8::5', ['2001:db8::/32'], 200],
  ['2001:db9::5', ['2001:db8::/32', '0.0.0.0/0'], 403],
];

test.each(sources)('a request from %s with a key for %j is answered %i', async (from, ranges, status) => {
  const { key } = await aKey(server, server.alice, { sources: ranges });
  expect(await statusWith(key, { 'x-forwarded-for': from })).toBe(status);
});

test('whom a stranger says it speaks for is not believed', async () => {
  await using plain = await openServer();
  const { key } = await aKey(plain, plain.alice, { sources: ['192.0.2.0/24'] });
  const client = clientWith(plain, plain.alice, key);
  const headers = { 'x-forwarded-for': '192.0.2.7' };
  expect((await client.request('GET', '/v1/verifications', { headers })).status).toBe(403);
});

test.each([
  '192.0.2.0/33',
  '192.0.2',
  '10.0.0.0/8/9',
  '10.0.0.0/8/ ::/0',
  'fe80::1%a b',
  '::/129',
  '',
  '*',
  '1.2.3.4 ',
])('a source that is none is refused, and named: %j', async (source) => {
  const { status, body } = await post('', { name: 'x', sources: ['192.0.2.7', source] });
  expect([status, body.field]).toEqual([400, 'sources/1']);
});

test('a revoked key is refused at once, and by whoever remembers it within five seconds', async () => {
  const { key, id } = await aKey(server, server.alice);
  const elsewhere = createDirectory(server.parts.store.queries, clock.monotonicMs);
  expect((await elsewhere.apiKey(id))?.revokedAtMs).toBeUndefined();
  expect(await statusWith(key)).toBe(200);
  const { body } = await post(`/${id}/revoke`);
  expect(body.revokedAt).toBe(new Date(clock.wallMs()).toISOString());
  expect(await statusWith(key)).toBe(401);
  clock.advance(5000);
  expect((await elsewhere.apiKey(id))?.revokedAtMs).toBeDefined();
});

test('both keys of a rotation work until the overlap ends, then the new one alone', async () => {
  const old = await aKey(server, server.alice, { sources: ['192.0.2.0/24'] });
  const { status, body: next } = await post(`/${old.id}/rotate`, { overlapSeconds: 600 });
  expect([status, next.sources]).toEqual([201, ['192.0.2.0/24']]);
  const both = async () => {
    const headers = { 'x-forwarded-for': '192.0.2.7' };
    return [await statusWith(old.key, headers), await statusWith(next.key, headers)];
  };
  clock.advance(599_999);
  expect(await both()).toEqual([200, 200]);
  clock.advance(1);
  expect(await both()).toEqual([401, 200]);
});

test('without an overlap the old key ends at once; unless it is said, after a day', async () => {
  const old = await aKey(server, server.alice);
  await post(`/${old.id}/rotate`, { overlapSeconds: 0 });
  expect(await statusWith(old.key)).toBe(401);
  const other = await aKey(server, server.alice);
  await post(`/${other.id}/rotate`);
  expect((await listed(other.id))?.expiresAt).toBe(new Date(clock.wallMs() + 86_400_000).toISOString());
});

test('a key makes, changes and replaces no key that may do more than itself', async () => {
  const weak = await scoped(server, server.alice, 'api-keys:write', 'verifications:read');
  const strong = await aKey(server, server.alice, { scopes: ['verifications:send'] });
  const before = await server.rows();
  const attempts: [method: string, path: string, body: object][] = [
    ['POST', '', { name: 'x', scopes: ['verifications:send'] }],
    ['POST', '', { name: 'x' }],
    ['POST', '', { name: 'x', scopes: ['operator'] }],
    ['PATCH', `/${strong.id}`, { name: 'mine' }],
    ['PATCH', `/${strong.id}`, { scopes: ['verifications:read'] }],
    ['PATCH', `/${weak.apiKey.split('_')[2]}`, { scopes: ['api-keys:write', 'services:write'] }],
    ['POST', `/${strong.id}/rotate`, {}],
  ];
  for (const [method, path, body] of attempts) {
    const reply = await weak.request(method, `/v1/api-keys${path}`, { body });
    expect([method, path, reply.status]).toEqual([method, path, 403]);
  }
  expect(await server.rows()).toEqual(before);
  expect((await post('', { name: 'x', scopes: ['verifications:read'] }, {}, weak)).status).toBe(201);
});

test('a key that ends and has its places gets nobody, itself least of all, beyond them', async () => {
  const end = new Date(clock.wallMs() + 3_600_000).toISOString();
  const later = new Date(clock.wallMs() + 7_200_000).toISOString();
  const scopes = ['api-keys:write', 'verifications:read'];
  const own = await aKey(server, server.alice, { scopes, expiresAt: end, sources: ['127.0.0.1'] });
  const bound = clientWith(server, server.alice, own.key);
  const within = { name: 'n', scopes: ['verifications:read'], expiresAt: end, sources: ['127.0.0.1'] };
  expect((await post('', within, {}, bound)).status).toBe(201);
  for (const beyond of [{ expiresAt: later }, { expiresAt: undefined }, { sources: [] }, { sources: ['192.0.2.1'] }]) {
    expect((await post('', { ...within, ...beyond }, {}, bound)).status).toBe(403);
  }
  const itself = `/v1/api-keys/${own.id}`;
  for (const body of [{ expiresAt: null }, { expiresAt: later }, { sources: [] }, { sources: ['0.0.0.0/0'] }]) {
    expect((await bound.request('PATCH', itself, { body })).status).toBe(403);
  }
  expect((await bound.request('PATCH', itself, { body: { name: 'renamed' } })).status).toBe(200);
  const { id } = await aKey(server, server.alice, { scopes: ['verifications:read'] });
  expect((await post(`/${id}/rotate`, {}, {}, bound)).status).toBe(403);
});

test('a key of a tenant is no operator, not even when an operator makes it', async () => {
  const path = `/admin/v1/tenants/${server.alice.tenantId}/api-keys`;
  const made = await locally(server, 'POST', path, { name: 'x', scopes: ['operator'] });
  expect([made.status, made.body.field]).toEqual([400, 'scopes']);
  const operator = await anOperator(server);
  const server2 = await operator.request('POST', '/admin/v1/api-keys', { body: { name: 'x', scopes: ['audit:read'] } });
  expect([server2.status, server2.body.field]).toEqual([400, 'scopes']);
});

test('says to the minute when a key was used last', async () => {
  const { key, id } = await aKey(server, server.alice);
  const usedAt = new Date(clock.wallMs()).toISOString();
  await statusWith(key);
  await until('its use to be noted', async () => (await listed(id))?.lastUsedAt ?? undefined);
  clock.advance(59_999);
  await statusWith(key);
  expect((await listed(id))?.lastUsedAt).toBe(usedAt);
  clock.advance(1);
  await statusWith(key);
  const later = new Date(clock.wallMs()).toISOString();
  await until('its later use to be noted', async () => ((await listed(id))?.lastUsedAt === later ? true : undefined));
  expect(Date.parse(later)).toBeGreaterThan(startMs);
});

test.each([
  ['a key', (name: string) => [`/v1/api-keys`, { name }] as const],
  ['an unknown key that is to be rotated', () => [`/v1/api-keys/unknown/rotate`, {}] as const],
])('a repetition shows nothing again: %s', async (_, asking) => {
  const headers = { 'idempotency-key': `repeat-${asking.length}` };
  const [path, body] = asking('one');
  const first = await server.alice.request<KeyFields>('POST', path, { body, headers });
  const before = await server.rows();
  const again = await server.alice.request('POST', path, { body, headers });
  if (first.status === 201) {
    expect([again.status, again.body]).toMatchObject([409, { code: 'already_done', id: first.body.id }]);
    expect(again.text).not.toContain('cs_');
    const [, other] = asking('another');
    const mismatch = await server.alice.request('POST', path, { body: other, headers });
    expect([mismatch.status, mismatch.body]).toMatchObject([422, { code: 'idempotency_key_reused' }]);
  } else expect([first.status, again.status]).toEqual([404, 404]);
  expect(await server.rows()).toEqual(before);
});
