import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Metal, type MetalUser, openMetal, type Told } from '../../../testing/metal.ts';
import { sayRaw } from '../../../testing/raw-http.ts';

/* What goes wrong around the endpoints, in the vendor's words too. */

let metal: Metal;
let user: MetalUser;
beforeAll(async () => {
  metal = await openMetal();
  user = await metal.user();
});
afterAll(() => metal[Symbol.asyncDispose]());

function expectError({ status, body, headers }: Told, expected: number): void {
  expect([status, body]).toEqual([expected, { errors: [expect.stringMatching(/./)] }]);
  expect(headers.get('content-type')).toMatch(/^application\/json/);
  expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
}

test.each([
  ['half a JSON text', '{"first_name":', 400],
  ['nothing', '', 400],
  ['a list', '[]', 422],
  ['a doubled key', '{"first_name":"a","first_name":"b"}', 400],
  ['__proto__', '{"customdata":{"__proto__":{}}}', 400],
  ['more than anybody needs', JSON.stringify({ customdata: { a: 'x'.repeat(20_000) } }), 413],
  ['what nests too deep', `{"customdata":${'{"a":'.repeat(20)}1${'}'.repeat(21)}`, 400],
])('a body of %s has the one error body', async (_, text, status) => {
  expectError(await user.ask('PUT', '/user', { text }), status);
});

test('where no body belongs, one that is no JSON is refused, and one that is is passed over', async () => {
  const ask = (text: string, type: string) =>
    user.ask('POST', '/user/otp/sms/receive', { text, headers: { 'content-type': type } });
  expect((await ask('{"any":"thing"}', 'application/json')).status).toBe(204);
  expectError(await ask('{', 'application/json'), 400);
  expectError(await ask('a=b', 'application/x-www-form-urlencoded'), 415);
  const headers = { 'content-encoding': 'gzip' };
  expectError(await user.ask('POST', '/user/otp/sms/receive', { text: '{}', headers }), 415);
  expectError(await metal.ask('POST', '/sessions', { headers: { 'content-type': 'text/plain' } }), 415);
});

test('unknown paths are 404, and known ones with another method 405', async () => {
  for (const path of ['', '/', '/users', '/user/x', '/user/otp', '/user/otp/sms/', '/user/otp/verify'])
    expectError(await user.ask('GET', path), 404);
  for (const [method, path, allow] of [
    ['GET', '/user/otp/sms', 'DELETE, POST'],
    ['DELETE', '/user/otp/recovery-codes', 'GET, HEAD, POST'],
    ['GET', '/user/otp/verify/123456', 'POST'],
    ['DELETE', '/user', 'GET, HEAD, PATCH, PUT'],
    ['POST', '/user/', 'GET, HEAD, PATCH, PUT'],
    ['GET', '/sessions', 'POST'],
  ] as const) {
    const told = await user.ask(method, path);
    expectError(told, 405);
    expect(told.headers.get('allow')).toBe(allow);
  }
});

test('HEAD is GET without a body', async () => {
  const told = await user.ask('HEAD', '/user');
  expect([told.status, told.text]).toEqual([200, '']);
});

test('what cannot be decoded, or is longer than any code, is no code', async () => {
  const head = ['Host: x', `X-Auth-Token: ${user.token}`, 'Content-Length: 0', 'Connection: close'];
  const raw = (path: string) => sayRaw(metal.server.url, [`POST /metal/v1${path} HTTP/1.1`, ...head]);
  const undecodable = await raw('/user/otp/verify/%zz');
  expect([undecodable.status, Object.keys(JSON.parse(undecodable.body))]).toEqual([400, ['errors']]);
  for (const otp of ['', '1'.repeat(101), '12/34', '%2e%2e', '%F0%9F%98%80']) {
    const told = await raw(`/user/otp/verify/${otp}`);
    expect([otp, told.status, told.body]).toEqual([otp, 400, '{"errors":["Invalid OTP"]}']);
    metal.clock.advance(3_600_000);
  }
});

test('rates of the server are 429 with the seconds to wait', async () => {
  const policy = (name: string) => ({ name, quota: 1, windowSeconds: 60 });
  const rates = {
    creates: policy('tenant-creates'),
    checks: policy('tenant-checks'),
    failedAuthentications: policy('failed-authentications'),
  };
  await using own = await openMetal({ rates });
  const limited = await own.user();
  await limited.ask('POST', '/user/otp/sms/receive');
  await limited.verify('123456');
  await own.login('nobody@example.org', 'whatever it is');
  for (const told of [
    await limited.ask('POST', '/user/otp/sms/receive'),
    await limited.verify('123456'),
    await own.login('nobody@example.org', 'whatever it is'),
    await own.ask('GET', '/user', { token: 'nothing' }),
  ]) {
    expectError(told, 429);
    expect(told.headers.get('retry-after')).toBe('60');
  }
});

test('once there were too many failures from an address, no password from there is looked at', async () => {
  const failedAuthentications = { name: 'failed-authentications', quota: 2, windowSeconds: 60 };
  await using own = await openMetal({ rates: { failedAuthentications } });
  const password = 'correct horse battery';
  const known = await own.user({ password });
  for (const guess of ['not this one', 'nor this one'])
    expect((await own.login('nobody@example.org', guess)).status).toBe(401);
  const refused = await known.login();
  expectError(refused, 429);
  expect(refused.headers.get('retry-after')).toBe('30');
  own.clock.advance(30_000);
  expect((await known.login()).status).toBe(201);
});

test('a user asks so often, with whichever of its tokens', async () => {
  const users = { name: 'user', quota: 2, windowSeconds: 1 };
  await using own = await openMetal({ rates: { users } });
  const password = 'correct horse battery';
  const [known, other] = [await own.user({ password }), await own.user()];
  const session = await known.session();
  expect((await known.ask('GET', '/user')).status).toBe(200);
  expect((await own.ask('GET', '/user', { token: session })).status).toBe(200);
  const refused = await known.ask('GET', '/user');
  expectError(refused, 429);
  expect(refused.headers.get('retry-after')).toBe('1');
  expect((await other.ask('GET', '/user')).status).toBe(200);
  own.clock.advance(1000);
  expect((await known.ask('GET', '/user')).status).toBe(200);
});

test('logins with one address are counted together, whoever has it and however it is spelled', async () => {
  const logins = { name: 'logins', quota: 2, windowSeconds: 60 };
  await using own = await openMetal({ rates: { logins } });
  const password = 'correct horse battery';
  const known = await own.user({ password });
  const nobody = 'nobody@example.org';
  for (const login of [known.email, nobody]) {
    const statuses: number[] = [];
    for (const spelled of [login, login.replace('example', 'Example'), login])
      statuses.push((await own.login(spelled, password)).status);
    expect(statuses).toEqual(login === nobody ? [401, 401, 429] : [201, 201, 429]);
  }
});

test('what is our fault is 500 and says nothing of it', async () => {
  await using own = await openMetal();
  const broken = await own.user();
  own.server.parts.people.own.verify = async () => {
    throw new Error('the code is 123456');
  };
  const told = await broken.verify('123456');
  expectError(told, 500);
  expect(told.text).not.toContain('123456');
});

test('nothing that was answered is kept on the way', async () => {
  for (const told of [await user.ask('GET', '/user'), await user.app().then(() => user.ask('GET', '/user'))])
    expect(told.headers.get('cache-control')).toBe('no-store');
});
