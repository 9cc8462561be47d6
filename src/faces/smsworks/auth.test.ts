import { afterAll, beforeAll, expect, test } from 'vitest';
import { aKey, clientWith, locally } from '../../../testing/administration.ts';
import { type VirtualClock, virtualClock } from '../../../testing/clock.ts';
import { openServer, type TestServer } from '../../../testing/server.ts';
import { asked, errorOf, login, type SmsworksClient, smsworksOf, withToken } from '../../../testing/smsworks.ts';
import { pairOf } from '../../domain/api-key.ts';
import { tenantScopes } from '../../domain/scope.ts';
import { serverTenantId } from '../../engine/tenancy.ts';
import { defaultFaces } from '../../main/parts.ts';

let server: TestServer;
let clock: VirtualClock;
let client: SmsworksClient;
beforeAll(async () => {
  clock = virtualClock();
  server = await openServer({ clock });
  client = await smsworksOf(server);
});
afterAll(() => server[Symbol.asyncDispose]());

const statusOf = async (token: string) => (await withToken(server, token).ask('GET', '/credits/balance')).status;

test('a login answers a token and nothing else', async () => {
  const { status, body, headers } = await login(server, server.alice.apiKey);
  expect([status, Object.keys(body)]).toEqual([200, ['token']]);
  expect(body.token).toMatch(/^JWT [A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/);
  expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
  expect(String(body.token)).not.toContain(pairOf(server.alice.apiKey).secret);
  expect(await statusOf(String(body.token))).toBe(200);
});

test('the customer id of a login may be absent, and is not looked at', async () => {
  for (const customerid of [undefined, null, 5, 'somebody else', pairOf(server.alice.apiKey).key])
    expect((await login(server, server.alice.apiKey, { customerid })).status).toBe(200);
});

const unreadable: [sentence: string, body: unknown][] = [
  ['no key', { secret: 'ab'.repeat(32) }],
  ['no secret', { key: '0123456789abcdef' }],
  ['a number for the secret', { key: '0123456789abcdef', secret: 5 }],
  ['null for the key', { key: null, secret: 'ab'.repeat(32) }],
  ['an empty key', { key: '', secret: 'ab'.repeat(32) }],
  ['a list', []],
  ['nothing', {}],
];

test.each(unreadable)('a login with %s is 400', async (_, body) => {
  const answer = await asked(server, 'POST', '/auth/token', body);
  expect([answer.status, answer.body]).toMatchObject([400, errorOf(400)]);
  expect(answer.body.message).toMatch(/key|secret|body/i);
});

test('a login that does not match is 401, whatever of it is wrong', async () => {
  const { key, secret } = pairOf(server.alice.apiKey);
  const wrong = [
    { secret: 'cd'.repeat(32) },
    { key: 'fedcba9876543210' },
    { key: pairOf(server.bob.apiKey).key },
    { secret: secret.toUpperCase() },
    { key: server.alice.apiKey },
    { secret: 'x'.repeat(10_000) },
    { key: secret, secret: key },
  ];
  for (const fields of wrong) {
    const answer = await login(server, server.alice.apiKey, fields);
    expect([answer.status, answer.body]).toMatchObject([401, errorOf(401)]);
  }
});

const spellings: [sentence: string, header: (token: string) => string, status: number][] = [
  ['as the login gives it', (token) => `JWT ${token}`, 200],
  ['the token alone', (token) => token, 200],
  ['JWT twice', (token) => `JWT JWT ${token}`, 200],
  ['Bearer', (token) => `Bearer ${token}`, 200],
  ['Bearer and JWT', (token) => `Bearer JWT ${token}`, 200],
  ['any case', (token) => `jwt BEARER ${token}`, 200],
  ['spaces between', (token) => `JWT   ${token} `, 200],
  ['another word', (token) => `Basic ${token}`, 401],
  ['two tokens', (token) => `${token} ${token}`, 401],
  ['a comma', (token) => `JWT ${token},`, 401],
  ['a word alone', () => 'JWT', 401],
  ['nothing', () => '', 401],
  ['half a token', (token) => `JWT ${token.slice(0, -10)}`, 401],
  ['an API key', () => `Bearer ${server.alice.apiKey}`, 401],
  ['words without end', (token) => `${'JWT '.repeat(500)}${token}`, 401],
];

test.each(spellings)('an authorization of %s', async (_, header, status) => {
  const bare = client.token.replace('JWT ', '');
  const answer = await withToken(server, header(bare)).ask('GET', '/credits/balance');
  expect(answer.status).toBe(status);
  if (status === 401) expect(answer.body).toMatchObject(errorOf(401));
});

test('without a header, or with a token in the query, everything that needs one is 401', async () => {
  const paths = [
    ['POST', '/otp/send'],
    ['POST', '/otp/verify'],
    ['GET', '/otp/0192f000-0000-7000-8000-0000000000ff'],
    ['GET', '/credits/balance'],
    ['GET', '/utils/test'],
  ] as const;
  for (const [method, path] of paths) {
    const body = method === 'POST' ? {} : undefined;
    const query = `?token=${encodeURIComponent(client.token)}&Authorization=${encodeURIComponent(client.token)}`;
    for (const asking of [path, path + query]) {
      const answer = await asked(server, method, asking, body);
      expect([answer.status, answer.body]).toMatchObject([401, errorOf(401)]);
    }
  }
});

test('a token is told whose it is, and of a tenant nothing of another is seen', async () => {
  expect((await client.ask('GET', '/utils/test')).body).toEqual({
    message: `The token is of the customer ${server.alice.tenantId}`,
  });
  const { id, passcode } = await client.sent();
  const bob = await smsworksOf(server, server.bob);
  expect((await bob.get(id)).status).toBe(404);
  expect((await bob.verify({ passcode })).status).toBe(404);
  expect((await bob.verify({ passcode, messageid: id })).status).toBe(404);
  expect((await client.verify({ passcode })).status).toBe(200);
});

test('a token dies when its key is revoked, and the other tokens live', async () => {
  const { id, key } = await aKey(server, server.alice);
  const token = String((await login(server, key)).body.token);
  expect(await statusOf(token)).toBe(200);
  await server.alice.request('POST', `/v1/api-keys/${id}/revoke`, { body: {} });
  expect([await statusOf(token), (await login(server, key)).status]).toEqual([401, 401]);
  expect(await statusOf(client.token)).toBe(200);
});

test('a token dies when its key was replaced and the overlap is over', async () => {
  const { id, key } = await aKey(server, server.alice);
  const token = String((await login(server, key)).body.token);
  await server.alice.request('POST', `/v1/api-keys/${id}/rotate`, { body: { overlapSeconds: 60 } });
  expect(await statusOf(token)).toBe(200);
  clock.advance(60_000);
  expect(await statusOf(token)).toBe(401);
});

test('tokens live through a rotation of the signing key, and end when it is retired', { timeout: 20_000 }, async () => {
  await using own = await openServer({});
  const older = await smsworksOf(own);
  const { keyRotation } = own.parts;
  const keyId = (await keyRotation.usage()).find(({ ring, active }) => ring === 'signing' && active)?.keyId ?? '';
  await keyRotation.rotate('signing');
  const newer = await smsworksOf(own);
  const statuses = () => Promise.all([older, newer].map(async (one) => (await one.ask('GET', '/utils/test')).status));
  expect(await statuses()).toEqual([200, 200]);
  await keyRotation.retire('signing', keyId);
  expect(await statuses()).toEqual([401, 200]);
});

test('a token lives as long as the settings say', async () => {
  const token = String((await login(server, server.bob.apiKey)).body.token);
  clock.advance(31_536_000_000 - 1);
  expect(await statusOf(token)).toBe(200);
  clock.advance(1);
  expect(await statusOf(token)).toBe(401);
  client = await smsworksOf(server);
});

const needed = [
  ['POST', '/otp/send', 'verifications:send'],
  ['POST', '/otp/verify', 'verifications:check'],
  ['GET', '/otp/0192f000-0000-7000-8000-0000000000ff', 'verifications:read'],
  ['GET', '/credits/balance', 'verifications:read'],
] as const;

test.each(needed)(
  '%s %s takes the token of a key with %s alone, and none of one that lacks it',
  async (method, path, scope) => {
    const body = method === 'POST' ? {} : undefined;
    const tokenWith = async (scopes: readonly string[]) =>
      String((await login(server, (await aKey(server, server.alice, { scopes })).key)).body.token);
    const lacking = await tokenWith(tenantScopes.filter((one) => one !== scope));
    const refused = await withToken(server, lacking).ask(method, path, body);
    expect([refused.status, refused.body]).toMatchObject([403, errorOf(403)]);
    const alone = await withToken(server, await tokenWith([scope])).ask(method, path, body);
    expect([401, 403, 405, 500]).not.toContain(alone.status);
  },
);

test('keys are made by the operator alone, unless the settings say otherwise', async () => {
  for (const query of ['', '?customerid=', `?customerid=${server.alice.tenantId}`, '?customerid=nobody']) {
    const answer = await asked(server, 'GET', `/auth/getApiKey${query}`);
    expect([answer.status, answer.body]).toEqual([
      403,
      { message: 'Keys are issued by the operator of this server', ...errorOf(403) },
    ]);
  }
});

test('where the settings say so, whoever names a customer gets a key that works, and the audit trail tells', async () => {
  await using own = await openServer({
    rates: {},
    faces: { ...defaultFaces, smsworks: { ...ownFaces, keyIssue: true } },
  });
  const keyFor = (query: string) => asked(own, 'GET', `/auth/getApiKey${query}`);
  const { status, body } = await keyFor(`?customerid=${own.alice.tenantId}&_=1`);
  expect([status, Object.keys(body)]).toEqual([201, ['key', 'secret']]);
  const { key, secret } = body;
  const made = await asked(own, 'POST', '/auth/token', { key, secret });
  expect((await withToken(own, String(made.body.token)).ask('GET', '/utils/test')).status).toBe(200);

  const { entries } = (await own.alice.request<{ entries: object[] }>('GET', '/v1/audit')).body;
  const entry = { action: 'create-api-key', target: `api-key ${key}`, actor: 'anybody, by /auth/getApiKey' };
  expect(entries).toContainEqual(expect.objectContaining({ ...entry, address: '127.0.0.1' }));

  expect([(await keyFor('')).status, (await keyFor('?customerid=')).status]).toEqual([400, 400]);
  const unknown = ['nobody', '0192f000-0000-7000-8000-0000000000ff', serverTenantId];
  for (const id of unknown) {
    const answer = await keyFor(`?customerid=${id}`);
    expect([answer.status, answer.body]).toMatchObject([404, errorOf(404)]);
  }
  // Four of five were taken from this address: one more, and that is all for a minute.
  expect((await keyFor(`?customerid=${own.bob.tenantId}`)).status).toBe(201);
  const refused = await keyFor(`?customerid=${own.bob.tenantId}`);
  expect([refused.status, refused.body]).toMatchObject([429, errorOf(429)]);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  const keys = await locally<{ apiKeys: object[] }>(own, 'GET', `/admin/v1/tenants/${own.alice.tenantId}/api-keys`);
  expect(keys.body.apiKeys).toHaveLength(2);
});

const ownFaces = { countryCode: 44, tokenLifetimeSeconds: 60 };

test('too many wrong logins from one address are 429', async () => {
  await using own = await openServer({ rates: {} });
  const statuses: number[] = [];
  for (let tried = 0; tried < 25; tried++)
    statuses.push((await login(own, own.alice.apiKey, { secret: 'cd'.repeat(32) })).status);
  expect(statuses).toEqual([...Array(20).fill(401), ...Array(5).fill(429)]);
});

test('a native key of one scope is a login of that scope: nothing is gained by the other face', async () => {
  const { key } = await aKey(server, server.alice, { scopes: ['verifications:read'] });
  const token = String((await login(server, key)).body.token);
  expect((await withToken(server, token).send()).status).toBe(403);
  expect((await clientWith(server, server.alice, token).request('GET', '/v1/verifications')).status).toBe(401);
});
