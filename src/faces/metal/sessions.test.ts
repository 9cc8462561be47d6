import { afterAll, beforeAll, expect, test } from 'vitest';
import { invalidOtp, type Metal, openMetal } from '../../../testing/metal.ts';
import { openServer } from '../../../testing/server.ts';

/* Who may ask what: logins, half-open sessions, tokens of users, keys of projects. */

let metal: Metal;
beforeAll(async () => {
  metal = await openMetal();
});
afterAll(() => metal[Symbol.asyncDispose]());

const password = 'correct horse battery';
const unauthorized = { errors: ['Invalid authentication token'] };
const statusOf = async (token: string) => (await metal.ask('GET', '/user', { token })).status;

test('without a second factor a login is complete at once', async () => {
  const user = await metal.user({ password });
  const { status, body } = await user.login();
  expect(status).toBe(201);
  expect(body).toEqual({
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    token: expect.stringMatching(/^[A-Za-z0-9_-]+$/),
    created_at: '2026-01-01T00:00:00.000Z',
    updated_at: '2026-01-01T00:00:00.000Z',
    user: { href: `/metal/v1/users/${user.id}` },
  });
  const known = await metal.ask('GET', '/user', { token: String(body.token) });
  expect([known.status, known.body.id]).toEqual([200, user.id]);
});

test('with one it is half-open: good for a message and for showing the factor, which ends it', async () => {
  const user = await metal.user({ password });
  const app = await user.enableApp();
  const halfOpen = await user.session();
  const refused = [
    ['GET', '/user'],
    ['PUT', '/user'],
    ['POST', '/user/otp/app/receive'],
    ['POST', '/user/otp/sms'],
    ['POST', '/user/otp/app'],
    ['DELETE', '/user/otp/sms'],
    ['DELETE', '/user/otp/app'],
    ['GET', '/user/otp/recovery-codes'],
    ['POST', '/user/otp/recovery-codes'],
  ] as const;
  for (const [method, path] of refused) {
    const text = method === 'PUT' ? { text: '{}' } : {};
    const told = await metal.ask(method, path, { token: halfOpen, otp: app.code(), ...text });
    expect([method, path, told.status]).toEqual([method, path, 401]);
    expect(told.body).toEqual({ errors: ['Two-factor authentication is required'] });
  }
  expect((await user.verify('123456', halfOpen)).body).toEqual(invalidOtp);
  const sms = await user.sms({ token: halfOpen });
  const shown = await user.verify(sms, halfOpen);
  expect([shown.status, shown.text]).toEqual([204, '']);
  const complete = shown.headers.get('x-auth-token') ?? '';
  expect(await statusOf(complete)).toBe(200);
  for (const path of ['/user/otp/sms/receive', `/user/otp/verify/${app.code()}`]) {
    const told = await metal.ask('POST', path, { token: halfOpen });
    expect([told.status, told.body]).toEqual([401, unauthorized]);
  }
});

test('a complete session, or a token, goes on after it has shown a factor once more', async () => {
  const user = await metal.user({ password });
  const app = await user.enableApp();
  const [recoveryCode = ''] = await user.recoveryCodes();
  const complete = (await user.verify(recoveryCode, await user.session())).headers.get('x-auth-token') ?? '';
  const another = (await user.verify(app.code(), complete)).headers.get('x-auth-token') ?? '';
  const byToken = (await user.verify(app.code(1))).headers.get('x-auth-token') ?? '';
  expect(new Set([complete, another, byToken]).size).toBe(3);
  for (const token of [complete, another, byToken, user.token]) expect(await statusOf(token)).toBe(200);
});

test('two proofs at once with one half-open session open one session', async () => {
  const user = await metal.user({ password });
  await user.enableApp();
  const [one = '', other = ''] = await user.recoveryCodes();
  const halfOpen = await user.session();
  const shown = await Promise.all([user.verify(one, halfOpen), user.verify(other, halfOpen)]);
  expect(shown.map(({ status }) => status).sort()).toEqual([204, 401]);
});

test('sessions expire: half-open ones after ten minutes, complete ones when they are idle or old', async () => {
  await using own = await openMetal();
  const user = await own.user({ password });
  const complete = await user.session();
  const asked = (token: string) => own.ask('GET', '/user', { token });
  own.clock.advance(899_000);
  expect((await asked(complete)).status).toBe(200);
  const idle = await user.session();
  own.clock.advance(900_000);
  expect((await asked(idle)).body).toEqual(unauthorized);
  await user.enableApp();
  const halfOpen = await user.session();
  own.clock.advance(600_000);
  expect((await own.ask('POST', '/user/otp/sms/receive', { token: halfOpen })).body).toEqual(unauthorized);
  expect((await asked(user.token)).status).toBe(200);
});

test('a wrong password is refused as an unknown login is', async () => {
  const user = await metal.user({ password });
  const without = await metal.user();
  const refusals = [
    await metal.login(user.email, 'not the right one'),
    await metal.login('nobody@example.org', password),
    await metal.login(without.email, ''),
    await metal.login('no address', password),
  ];
  for (const { status, body } of refusals) {
    expect([status, body]).toEqual([401, { errors: ['Invalid login or password'] }]);
  }
});

test('a login is read as it is, and needs both fields', async () => {
  for (const text of ['{}', '{"login":"ada@example.org"}', '{"login":1,"password":"x"}', '[]']) {
    expect((await metal.ask('POST', '/sessions', { text })).status).toBe(422);
  }
  expect((await metal.ask('POST', '/sessions', { text: '{' })).status).toBe(400);
});

test.each([
  ['no token', undefined],
  ['an empty one', ''],
  ['no token of ours', 'k_user_1'],
  ['an unknown one', `cst_${'0'.repeat(32)}_${'0'.repeat(64)}`],
  ['an unknown key of a project', `cs_live_${'0'.repeat(16)}_${'0'.repeat(64)}`],
])('%s is 401', async (_, token) => {
  const told = await metal.ask('GET', '/user', { token });
  expect([told.status, told.body]).toEqual([401, unauthorized]);
});

test('a prefix before the token is not taken; a consumer token beside it is passed over', async () => {
  const user = await metal.user();
  expect(await statusOf(`Bearer ${user.token}`)).toBe(401);
  const headers = { 'x-consumer-token': 'anything', 'X-AUTH-TOKEN': user.token };
  expect((await metal.ask('GET', '/user', { headers })).status).toBe(200);
});

test('the key of a project is known, and has no user: 403', async () => {
  for (const [method, path] of [
    ['GET', '/user'],
    ['POST', '/user/otp/sms/receive'],
    ['POST', '/user/otp/verify/123456'],
  ] as const) {
    const told = await metal.ask(method, path, { token: metal.server.alice.apiKey });
    expect([told.status, Object.keys(told.body)]).toEqual([403, ['errors']]);
  }
});

test('a token that was revoked is 401', async () => {
  const user = await metal.user();
  const { sessions } = metal.server.parts.people;
  await sessions.revoke({ tenantId: metal.server.alice.tenantId, by: { name: 'test' } }, { token: user.token });
  expect(await statusOf(user.token)).toBe(401);
});

test('nobody logs in while it is not said whose users log in; with one tenant there is nothing to say', async () => {
  await using server = await openServer();
  const { people, store } = server.parts;
  const { tenantId } = server.alice;
  const user = { email: 'ada@example.org', password };
  await people.users.create({ tenantId, by: { name: 'test' } }, user);
  const login = async () => {
    const body = JSON.stringify({ login: user.email, password });
    const headers = { 'content-type': 'application/json' };
    const signal = AbortSignal.timeout(25_000);
    return (await fetch(`${server.url}/metal/v1/sessions`, { method: 'POST', headers, body, signal })).status;
  };
  expect(await login()).toBe(401);
  const { queries } = store;
  const { tenants } = queries;
  const known = (await tenants()).filter(({ id }) => id === tenantId);
  Object.assign(queries, { tenants: async () => known });
  expect(await login()).toBe(201);
});
