import { afterAll, beforeAll, expect, test } from 'vitest';
import { anOperator, locally } from '../../../testing/administration.ts';
import { virtualClock } from '../../../testing/clock.ts';
import { aNumber } from '../../../testing/numbers.ts';
import { openServer, type TestServer } from '../../../testing/server.ts';
import { openReader } from '../../stores/sqlite/connection.ts';

const clock = virtualClock();
let server: TestServer;
beforeAll(async () => {
  server = await openServer({ clock });
});
afterAll(() => server[Symbol.asyncDispose]());

type Fields = Readonly<Record<string, unknown>>;
interface UserFields extends Fields {
  readonly id: string;
}
interface TokenFields extends Fields {
  readonly id: string;
  readonly token: string;
}

const post = (path: string, body: Fields, headers: Record<string, string> = {}) =>
  server.alice.request<TokenFields>('POST', path, { body, headers });
const patch = (id: string, body: Fields) => server.alice.request('PATCH', `/v1/users/${id}`, { body });

let users = 0;
const anAddress = () => `user-${++users}@example.com`;

async function aUser(fields: Fields = {}): Promise<UserFields> {
  const { status, body, text } = await post('/v1/users', fields);
  if (status !== 201) throw new Error(text);
  return body;
}

test('a user is made, found and listed, and shows no password', async () => {
  const asked = {
    reference: 'c-1',
    phoneNumber: '+33 6 12 34 56 78',
    email: 'Ada@Example.com',
    password: 'chosen by her',
  };
  const made = await post('/v1/users', asked);
  const at = new Date(clock.wallMs()).toISOString();

  expect([made.status, made.body]).toEqual([
    201,
    {
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      reference: 'c-1',
      phoneNumber: '+33612345678',
      email: 'ada@example.com',
      hasPassword: true,
      recoveryCodesLeft: 0,
      lastLoginAt: null,
      createdAt: at,
      updatedAt: at,
    },
  ]);
  expect((await server.alice.request('GET', `/v1/users/${made.body.id}`)).body).toEqual(made.body);
  for (const filter of ['reference=c-1', 'phoneNumber=%2B33612345678', 'email=ada%40example.com']) {
    const { body } = await server.alice.request('GET', `/v1/users?${filter}`);
    expect([filter, body]).toEqual([filter, { users: [made.body], nextCursor: null }]);
  }
  expect(JSON.stringify(server.transcript)).not.toMatch(/chosen by her|scrypt/);
});

test('nothing has to be known of a user', async () => {
  const { id } = await aUser();
  expect((await server.alice.request('GET', `/v1/users/${id}`)).body).toMatchObject({ reference: null, email: null });
});

test('a list goes on from page to page, the newest first', async () => {
  const phoneNumber = aNumber();
  const ids: string[] = [];
  for (let made = 0; made < 3; made++) {
    clock.advance(1);
    ids.unshift((await aUser({ phoneNumber })).id);
  }
  const path = `/v1/users?limit=2&phoneNumber=${encodeURIComponent(phoneNumber)}`;
  type Page = { readonly users: readonly UserFields[]; readonly nextCursor: string | null };
  const { body: first } = await server.alice.request<Page>('GET', path);
  const { body: second } = await server.alice.request<Page>('GET', `${path}&cursor=${first.nextCursor}`);

  expect([...first.users, ...second.users].map(({ id }) => id)).toEqual(ids);
  expect(second.nextCursor).toBeNull();
});

const refusals: [what: string, body: Fields, field: string][] = [
  ['a number that is none', { phoneNumber: '12' }, 'phoneNumber'],
  ['an address that is none', { email: 'ada' }, 'email'],
  ['a password without an address', { password: 'chosen by her' }, 'password'],
  ['a short password', { email: 'eve@example.com', password: 'short' }, 'password'],
  ['an empty reference', { reference: '' }, 'reference'],
  ['null where nothing is to be taken away', { reference: null }, 'reference'],
];

test.each(refusals)('%s is refused by name', async (_, body, field) => {
  const reply = await post('/v1/users', body);
  expect([reply.status, reply.body]).toMatchObject([400, { code: 'invalid_request', field }]);
});

test('two filters at once are refused, and a cursor that is none', async () => {
  for (const query of ['reference=a&email=ada%40example.com', 'cursor=x']) {
    expect((await server.alice.request('GET', `/v1/users?${query}`)).status).toBe(400);
  }
});

test('a reference and a login are of one user', async () => {
  const [reference, email] = ['c-2', anAddress()];
  await aUser({ reference, email, password: 'chosen by her' });
  const other = await aUser();

  expect((await post('/v1/users', { reference })).body).toMatchObject({ status: 409, code: 'reference_taken' });
  expect((await patch(other.id, { reference })).body).toMatchObject({ status: 409, code: 'reference_taken' });
  expect((await patch(other.id, { email, password: 'another one' })).body).toMatchObject({
    status: 409,
    code: 'login_taken',
  });
});

test('a change touches what it names, and null takes away', async () => {
  const user = await aUser({ reference: 'c-3', phoneNumber: aNumber() });
  clock.advance(1000);
  const { body } = await patch(user.id, { reference: null, email: 'new@example.com' });
  const updatedAt = new Date(clock.wallMs()).toISOString();
  expect(body).toEqual({ ...user, reference: null, email: 'new@example.com', updatedAt });
  expect((await patch(user.id, {})).body).toEqual(body);
});

test('a number that codes go to stays until its factor is removed', async () => {
  const { people } = server.parts;
  const asked = { tenantId: server.alice.tenantId, by: { name: 'test' }, face: 'native' };
  const { tenantId } = asked;
  await server.parts.administration.changeService(asked, 'default', { countries: ['*'] });
  const { id } = await aUser({ phoneNumber: '+33612345699' });
  const { outcome } = await people.factors.enrol(asked, id, { kind: 'sms' });
  if (outcome.kind !== 'enrolled') throw new Error(outcome.kind);
  const [factor] = await server.parts.store.queries.factors(tenantId, id);
  const code = await server.outbox.code(factor?.verificationId ?? '');
  await people.factors.activate(asked, id, outcome.factor.id, { code });

  for (const phoneNumber of [null, '+33612345698']) {
    expect((await patch(id, { phoneNumber })).body).toMatchObject({ status: 409, code: 'phone_number_in_use' });
  }
  expect((await patch(id, { phoneNumber: '+33 612345699', reference: 'c-4' })).status).toBe(200);
  await people.factors.remove(asked, id, outcome.factor.id);
  expect((await patch(id, { phoneNumber: null })).status).toBe(200);
});

test('a user that is deleted takes codes that were sent along', async () => {
  const asked = { tenantId: server.alice.tenantId, by: { name: 'test' }, face: 'native' };
  await server.parts.administration.changeService(asked, 'default', { countries: ['*'] });
  const { id } = await aUser({ phoneNumber: '+33612345690' });
  const { outcome } = await server.parts.people.factors.enrol(asked, id, { kind: 'sms' });
  expect(outcome.kind).toBe('enrolled');
  const [factor] = await server.parts.store.queries.factors(asked.tenantId, id);
  const verificationId = factor?.verificationId ?? '';
  const code = await server.outbox.code(verificationId);

  expect((await server.alice.request('DELETE', `/v1/users/${id}`)).body).toEqual({});
  expect((await server.alice.check(verificationId, code)).body).toMatchObject({ result: 'cancelled' });
  expect((await server.alice.request('GET', `/v1/users/${id}`)).status).toBe(404);
  expect((await server.rows()).factors?.join()).not.toContain(id.replaceAll('-', ''));
});

test('a request that comes twice makes one user, and shows a token once', async () => {
  const headers = { 'idempotency-key': 'twice' };
  const [first, second] = [
    await post('/v1/users', { reference: 'c-5' }, headers),
    await post('/v1/users', { reference: 'c-5' }, headers),
  ];
  expect([second.status, second.body]).toEqual([201, first.body]);
  expect(second.headers.get('idempotency-replayed')).toBe('true');
  expect((await post('/v1/users', { reference: 'c-6' }, headers)).body).toMatchObject({
    code: 'idempotency_key_reused',
  });

  const path = `/v1/users/${first.body.id}/tokens`;
  const token = await post(path, { description: 'laptop' }, headers);
  const again = await post(path, { description: 'laptop' }, headers);
  expect([again.status, again.body.code, again.body.id]).toEqual([409, 'already_done', token.body.id]);
});

test('a token is shown once, listed without itself, and refused from its end on', async () => {
  const { id } = await aUser();
  const path = `/v1/users/${id}/tokens`;
  const expiresAt = new Date(clock.wallMs() + 60_000).toISOString();
  const { status, body } = await post(path, { description: 'laptop', expiresAt });
  expect([status, body]).toMatchObject([
    201,
    { userId: id, type: 'user_token', state: 'complete', proof: null, description: 'laptop', expiresAt },
  ]);
  expect(body.token).toMatch(/^cst_[0-9a-f]{32}_[0-9a-f]{64}$/);

  const { token, ...shown } = body;
  expect((await server.alice.request('GET', path)).body).toEqual({ sessions: [shown] });
  const introspected = await post('/v1/sessions/introspect', { token });
  expect(introspected.body).toEqual({ active: true, session: shown });
  clock.advance(60_000);
  expect((await post('/v1/sessions/introspect', { token })).body).toEqual({ active: false, session: null });
  expect((await server.alice.request('GET', path)).body).toEqual({ sessions: [] });
});

test('a time that is none is no end of a token', async () => {
  const { id } = await aUser();
  const reply = await post(`/v1/users/${id}/tokens`, { description: 'laptop', expiresAt: 'tomorrow' });
  expect(reply.body).toMatchObject({ status: 400, field: 'expiresAt' });
});

const strangers: [method: string, path: (id: string) => string, body?: Fields][] = [
  ['GET', (id) => `/v1/users/${id}`],
  ['PATCH', (id) => `/v1/users/${id}`, { reference: null }],
  ['DELETE', (id) => `/v1/users/${id}`],
  ['POST', (id) => `/v1/users/${id}/tokens`, { description: 'laptop' }],
  ['GET', (id) => `/v1/users/${id}/tokens`],
  ['GET', (id) => `/v1/sessions?userId=${id}`],
];

test.each(strangers)(
  '%s of a user of another tenant is answered as for one that nobody has',
  async (method, path, body) => {
    const { id } = await aUser({ email: anAddress() });
    const before = await server.rows();
    const sent = body === undefined ? {} : { body };
    const foreign = await server.bob.request(method, path(id), sent);
    const unknown = await server.bob.request(method, path('0192f000-0000-7000-8000-0000000000ff'), sent);
    const none = await server.bob.request(method, path('none'), sent);

    expect([foreign.status, unknown.status, none.status]).toEqual([404, 404, 404]);
    expect({ ...foreign.body, requestId: '' }).toEqual({ ...unknown.body, requestId: '' });
    expect(await server.rows()).toEqual(before);
  },
);

const writable: [route: string, good: Fields, own: readonly string[]][] = [
  ['POST /v1/users', {}, ['reference', 'phoneNumber', 'email', 'password']],
  ['PATCH /v1/users/{id}', {}, ['reference', 'phoneNumber', 'email', 'password']],
  ['POST /v1/users/{id}/tokens', { description: 'laptop' }, ['description', 'expiresAt']],
  ['POST /v1/sessions', { challengeId: 'none' }, ['challengeId']],
  ['POST /v1/sessions/introspect', { token: 'none' }, ['token']],
];

test.each(writable)('%s writes no column that is not its own', async (route, good, own) => {
  const { id } = await aUser();
  const [method = '', path = ''] = route.split(' ');
  const db = openReader(server.file);
  const columns = db.prepare('select distinct c.name from sqlite_master t, pragma_table_info(t.name) c').pluck().all();
  db.close();
  const spelt = (columns as string[]).map((name) =>
    name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
  );
  const foreign = [...new Set([...(columns as string[]), ...spelt])].filter((name) => !own.includes(name));
  expect(foreign).toEqual(expect.arrayContaining(['tenant_id', 'passwordVersion', 'failures', 'hash', 'state']));

  const before = await server.rows();
  const replies = await Promise.all(
    foreign.map((field) => {
      const body = { ...good, [field]: 'x' };
      return server.alice.request(method, path.replace('{id}', id), { body });
    }),
  );
  expect(replies.map(({ status, body }) => [status, body.field])).toEqual(foreign.map((field) => [400, field]));
  expect(await server.rows()).toEqual(before);
});

test('an operator manages the users of any tenant, over the network and on the machine', async () => {
  const path = `/admin/v1/tenants/${server.alice.tenantId}/users`;
  const made = await locally<UserFields>(server, 'POST', path, { reference: 'c-7' });
  expect(made.status).toBe(201);
  expect((await server.alice.request('GET', `/v1/users/${made.body.id}`)).body).toEqual(made.body);
  const operator = await anOperator(server);
  expect((await operator.request('GET', `${path}/${made.body.id}`)).body).toEqual(made.body);
  const other = `/admin/v1/tenants/${server.bob.tenantId}/users/${made.body.id}`;
  expect((await operator.request('GET', other)).status).toBe(404);

  const { body } = await server.alice.request<{ entries: Fields[] }>('GET', '/v1/audit?limit=100');
  expect(body.entries.at(-1)).toMatchObject({ action: 'create-user', target: `user ${made.body.id}` });
});
