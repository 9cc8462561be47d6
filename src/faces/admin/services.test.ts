import { afterAll, beforeAll, expect, test } from 'vitest';
import { anOperator, locally } from '../../../testing/administration.ts';
import { type Client, createClient } from '../../../testing/client.ts';
import { openServer, type TestServer } from '../../../testing/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openServer();
});
afterAll(() => server[Symbol.asyncDispose]());

type Fields = Readonly<Record<string, unknown>>;
const post = (body: Fields, headers: Record<string, string> = {}) =>
  server.alice.request('POST', '/v1/services', { body, headers });
const patch = (name: string, body: Fields) => server.alice.request('PATCH', `/v1/services/${name}`, { body });

const usual = {
  brand: 'Development',
  sender: 'Development',
  channels: ['sms', 'email', 'voice', 'whatsapp', 'telegram'],
  countries: [],
  codePolicy: { length: 6, alphabet: 'digits', ttlSeconds: 300, maxAttempts: 5 },
  weakCodes: false,
  senders: [],
  whilePending: 'resume',
  retryChannels: [],
  callbackUrl: null,
  testNumbers: [],
};

test('a service has what is usual unless it says otherwise, and is then found', async () => {
  const { status, body } = await post({ name: 'usual' });
  expect([status, { ...body, channels: [...(body.channels as string[])].sort() }]).toEqual([
    201,
    { name: 'usual', ...usual, channels: [...usual.channels].sort() },
  ]);
  expect((await server.alice.request('GET', '/v1/services/usual')).body).toEqual(body);
  const { services } = (await server.alice.request<{ services: Fields[] }>('GET', '/v1/services')).body;
  expect(services).toContainEqual(body);
});

test('a service is as it was asked for', async () => {
  const asked = {
    name: 'checkout',
    brand: 'Café "Ada"',
    sender: 'Ada 1',
    channels: ['email'],
    countries: ['FR', 'DE'],
    codePolicy: { length: 8, alphabet: 'letters', ttlSeconds: 600, maxAttempts: 3 },
    weakCodes: false,
    senders: ['Ada', '+33700000000'],
    whilePending: 'separate',
    retryChannels: ['sms', 'voice'],
    callbackUrl: 'https://ada.example/callbacks?of=codes',
  };
  expect((await post(asked)).body).toEqual({ ...asked, testNumbers: [] });
  expect((await post(asked)).body).toMatchObject({ status: 409, code: 'already_exists' });
});

test('a change touches what it names and nothing else', async () => {
  const { body: before } = await post({ name: 'changing', countries: ['FR'] });
  const { body } = await patch('changing', { brand: 'New', codePolicy: { length: 7 } });
  expect(body).toEqual({ ...before, brand: 'New', codePolicy: { ...(before.codePolicy as Fields), length: 7 } });
  expect((await patch('changing', {})).body).toEqual(body);
});

test('options go one by one, and what is taken away is as at first', async () => {
  const asked = {
    senders: ['Ada'],
    whilePending: 'separate',
    retryChannels: ['voice'],
    callbackUrl: 'http://a.example',
  };
  await post({ name: 'options', ...asked });
  const { body } = await patch('options', { senders: [], callbackUrl: null });
  expect(body).toMatchObject({ ...asked, senders: [], callbackUrl: null });
  const { body: trail } = await server.alice.request<{ entries: Fields[] }>('GET', '/v1/audit?limit=100');
  expect(trail.entries.filter(({ target }) => target === 'service options').at(-1)).toMatchObject({
    action: 'change-service',
    before: { options: { senders: ['Ada'], callbackUrl: 'http://a.example' } },
    after: { options: { senders: [], callbackUrl: null } },
  });
});

test('a change of nothing is in no trail', async () => {
  await post({ name: 'untouched' });
  const path = `/admin/v1/tenants/${server.alice.tenantId}`;
  const { body: key } = await locally<{ id: string }>(server, 'POST', `${path}/api-keys`, { name: 'untouched' });
  const numbers = async () => {
    const { body } = await server.alice.request<{ entries: Fields[] }>('GET', '/v1/audit?limit=100');
    return body.entries.map(({ number }) => number);
  };
  const before = await numbers();
  const routes = [path, `${path}/services/untouched`, `${path}/api-keys/${key.id}`];
  for (const url of routes) expect((await locally(server, 'PATCH', url, {})).status).toBe(200);
  expect(await numbers()).toEqual(before);
});

const invalid: [field: string, body: Fields][] = [
  ['senders/0', { senders: ['has-a-hyphen'] }],
  ['senders', { senders: 'Ada' }],
  ['whilePending', { whilePending: 'replace' }],
  ['retryChannels/0', { retryChannels: ['fax'] }],
  ...[
    '/callbacks',
    'ftp://a.example',
    'https://',
    'https://a b.example',
    'https://me:pw@a.example',
    'javascript:1',
  ].map((callbackUrl): [string, Fields] => ['callbackUrl', { callbackUrl }]),
  ['callbackUrl', { callbackUrl: `https://a.example/${'a'.repeat(2048)}` }],
  ['callbackUrl', { callbackUrl: 1 }],
  ['name', { name: 'Upper' }],
  ['name', { name: '-first' }],
  ['name', { name: 'a'.repeat(65) }],
  ['name', {}],
  ['brand', { brand: '' }],
  ['brand', { brand: 'two\nlines' }],
  ['brand', { brand: 'x'.repeat(51) }],
  ['sender', { sender: 'twelve chars' }],
  ['sender', { sender: '+33612345678' }],
  ['channels/0', { channels: ['pigeon'] }],
  ['channels', { channels: ['sms', 'sms'] }],
  ['countries/1', { countries: ['FR', 'fr'] }],
  ['countries', { countries: ['XX'] }],
  ['countries', { countries: ['*', 'FR'] }],
  ['countries', { countries: ['FR', 'DE', 'FR'] }],
  ['codePolicy/length', { codePolicy: { length: 3 } }],
  ['codePolicy/length', { codePolicy: { length: 5 } }],
  ['codePolicy/length', { codePolicy: { length: 6.5 } }],
  ['codePolicy/alphabet', { codePolicy: { alphabet: 'runes' } }],
  ['codePolicy/ttlSeconds', { codePolicy: { ttlSeconds: 59 } }],
  ['codePolicy/ttlSeconds', { codePolicy: { ttlSeconds: 601 } }],
  ['codePolicy/ttlSeconds', { weakCodes: true, codePolicy: { ttlSeconds: 1801 } }],
  ['codePolicy/maxAttempts', { codePolicy: { maxAttempts: 11 } }],
  ['codePolicy/attemptsMax', { codePolicy: { attemptsMax: 3 } }],
  ['codePolicy/maxAttempts', { weakCodes: true, codePolicy: { length: 4, maxAttempts: 11 } }],
  ['weakCodes', { weakCodes: 'yes' }],
  ['testNumbers', { testNumbers: [] }],
  ['tenantId', { tenantId: 'x' }],
];

test.each(invalid)('names %s when it cannot be honoured: %j', async (field, body) => {
  const before = await server.rows();
  const name = 'name' in body || field === 'name' ? {} : { name: 'refused' };
  const made = await post({ ...name, ...body });
  expect([made.status, made.body.field]).toEqual([400, field]);
  if (field !== 'name') {
    const changed = await patch('default', body);
    expect([changed.status, changed.body.field]).toEqual([400, field]);
  }
  expect(await server.rows()).toEqual(before);
});

test('short codes need the flag that says so, which cannot be taken away while they are short', async () => {
  const weak = { weakCodes: true, codePolicy: { length: 4, maxAttempts: 3 } };
  expect((await post({ name: 'weak', ...weak })).status).toBe(201);
  expect((await patch('weak', { weakCodes: false })).body.field).toBe('codePolicy/length');
  expect((await patch('weak', { weakCodes: false, codePolicy: { length: 6 } })).status).toBe(200);
});

test('a repeated new service is answered as before, and says so; a corrected one is no repetition', async () => {
  const headers = { 'idempotency-key': 'service-1' };
  const refused = await post({ name: 'repeated', codePolicy: { length: 5 } }, headers);
  expect(refused.status).toBe(400);
  const first = await post({ name: 'repeated' }, headers);
  expect([first.status, first.headers.get('idempotency-replayed')]).toEqual([201, null]);
  const again = await post({ name: 'repeated' }, headers);
  expect([again.status, again.headers.get('idempotency-replayed'), again.text]).toEqual([201, 'true', first.text]);
  expect((await post({ name: 'other' }, headers)).status).toBe(422);
});

test('services of another tenant do not exist', async () => {
  await post({ name: 'mine' });
  const before = await server.rows();
  const unknown = await server.bob.request('GET', '/v1/services/nobodys');
  const foreign: [method: string, path: string, body?: Fields][] = [
    ['GET', '/v1/services/mine'],
    ['PATCH', '/v1/services/mine', { brand: 'Bob' }],
    ['PUT', '/v1/services/mine/test-numbers/%2B12025550123', { code: '0000', validUntil: '2099-01-01T00:00:00Z' }],
    ['DELETE', '/v1/services/mine/test-numbers/%2B12025550123'],
  ];
  for (const [method, path, body] of foreign) {
    const reply = await server.bob.request(method, path, body === undefined ? {} : { body });
    const { requestId: _, ...said } = reply.body;
    expect([method, said]).toEqual([method, { ...unknown.body, requestId: undefined }]);
  }
  expect(await server.rows()).toEqual(before);
});

test('a new tenant can send nowhere until an operator sets its ceiling and it lists countries', async () => {
  const operator = await anOperator(server);
  const made = await operator.request('POST', '/admin/v1/tenants', { body: { name: 'Umbrella' } });
  expect(made.body).toMatchObject({ name: 'Umbrella', dailySendsMax: 0, sendsToday: 0 });
  const path = `/admin/v1/tenants/${made.body.id}`;
  const scopes = ['verifications:send', 'services:write'];
  const { key } = (await locally(server, 'POST', `${path}/api-keys`, { name: 'k', scopes })).body;
  const { url, document } = server;
  const umbrella: Client = createClient({ url, document, transcript: [], tenantId: '', apiKey: String(key) });
  const send = async (recipient = '+33612345601') => {
    const { status, body } = await umbrella.create({ recipient });
    return [status, 'code' in body ? body.code : undefined];
  };
  const allow = (countries: string[]) => umbrella.request('PATCH', '/v1/services/default', { body: { countries } });

  expect(await send()).toEqual([403, 'country_not_allowed']);
  await allow(['FR']);
  expect(await send()).toEqual([403, 'ceiling_not_set']);
  await operator.request('PATCH', path, { body: { dailySendsMax: 2 } });
  expect(await send()).toEqual([201, undefined]);
  expect(await send('+4915123456789')).toEqual([403, 'country_not_allowed']);
  await allow(['*']);
  expect(await send('+4915123456789')).toEqual([201, undefined]);
  expect(await send('+447911123456')).toEqual([429, 'daily_ceiling_reached']);
  await allow([]);
  expect(await send('+447911123456')).toEqual([403, 'country_not_allowed']);
  expect((await operator.request('GET', path)).body).toMatchObject({ dailySendsMax: 2, sendsToday: 2 });
});
