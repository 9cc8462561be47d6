import { afterAll, beforeAll, expect, test } from 'vitest';
import { aNumber, wrongFor } from '../../../testing/numbers.ts';
import { openServer, type TestServer } from '../../../testing/server.ts';
import { openReader } from '../../stores/sqlite/connection.ts';

let server: TestServer;
let id = '';
let recipient = '';
let code = '';
beforeAll(async () => {
  server = await openServer();
  recipient = aNumber();
  ({ id } = (await server.alice.create({ recipient, reference: 'login-1' })).body);
  code = await server.outbox.code(id);
});
afterAll(() => server[Symbol.asyncDispose]());

/** Every column of the database, as it is called there and as it would be called on the wire. */
function columnNames(): string[] {
  const db = openReader(server.file);
  const names = db
    .prepare('select distinct c.name from sqlite_master t, pragma_table_info(t.name) c')
    .pluck()
    .all() as string[];
  db.close();
  const wire = names.map((name) => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()));
  return [...new Set([...names, ...wire, 'price', 'verified', 'isAdmin', 'attemptsLeft', 'verifiedAt', 'verified_at'])];
}

const writable = {
  create:
    'recipient country channel service locale codeLength codeAlphabet ttlSeconds maxAttempts reference metadata ' +
    'sender template signals code',
  check: 'code',
  'check-recipient': 'recipient country service reference code',
  resend: 'channel newCode',
  cancel: '',
};

const routes: [route: keyof typeof writable, path: () => string, body: () => object][] = [
  ['create', () => '/v1/verifications', () => ({ recipient: aNumber() })],
  ['check', () => `/v1/verifications/${id}/checks`, () => ({ code: wrongFor(code) })],
  ['check-recipient', () => '/v1/checks', () => ({ recipient, code: wrongFor(code) })],
  ['resend', () => `/v1/verifications/${id}/sends`, () => ({})],
  ['cancel', () => `/v1/verifications/${id}/cancel`, () => ({})],
];

test('knows the columns that nobody may write', () => {
  const names = [
    'tenant_id',
    'tenantId',
    'status',
    'attempts_used',
    'attemptsUsed',
    'code_salt',
    'ended_at',
    'send_times',
  ];
  expect(columnNames()).toEqual(expect.arrayContaining(names));
});

test.each(routes)('a %s writes no column that is not its own', async (route, path, body) => {
  const own = writable[route].split(' ');
  const before = await server.rows();
  const foreign = columnNames().filter((name) => !own.includes(name));
  expect(foreign.length).toBeGreaterThan(50);
  for (const field of foreign) {
    for (const value of ['verified', 0]) {
      const reply = await server.alice.request('POST', path(), { body: { ...body(), [field]: value } });
      expect([field, reply.status]).toEqual([field, 400]);
      expect(reply.body).toMatchObject({ code: 'invalid_request', field });
    }
  }
  expect(await server.rows()).toEqual(before);
});

test.each(routes)('a %s takes nothing from its query', async (_, path, body) => {
  const before = await server.rows();
  for (const field of ['status', 'tenant_id', 'recipient', 'code']) {
    const reply = await server.alice.request('POST', `${path()}?${field}=verified`, { body: body() });
    expect([field, reply.status]).toEqual([field, 400]);
  }
  expect(await server.rows()).toEqual(before);
});

test('reading takes no column that is not its own either', async () => {
  const filters = ['recipient', 'country', 'status', 'cursor', 'limit'];
  for (const field of columnNames()) {
    const one = await server.alice.request('GET', `/v1/verifications/${id}?${field}=1`);
    expect([field, one.status]).toEqual([field, 400]);
    if (filters.includes(field)) continue;
    const list = await server.alice.list({ [field]: '1' });
    expect([field, list.status]).toEqual([field, 400]);
  }
});

test('a nested object is closed as well', async () => {
  const before = await server.rows();
  const reply = await server.alice.create({ recipient: aNumber(), signals: { status: 'verified' } });
  expect(reply.status).toBe(400);
  expect(reply.body).toMatchObject({ field: 'signals/status' });
  expect(await server.rows()).toEqual(before);
});

test('metadata belongs to the caller: what it is called changes no column', async () => {
  const metadata = { status: 'verified', attemptsUsed: 0, tenantId: server.bob.tenantId };
  const { body } = await server.alice.create({ recipient: aNumber(), metadata });
  expect(body).toMatchObject({ status: 'pending', attemptsLeft: 5, metadata });
  expect((await server.bob.get(body.id)).status).toBe(404);
});
