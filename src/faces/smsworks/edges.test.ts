import { afterAll, beforeAll, expect, test } from 'vitest';
import { openServer, type TestServer } from '../../../testing/server.ts';
import {
  type Answered,
  asked,
  errorOf,
  type SmsworksClient,
  smsworksOf,
  withToken,
} from '../../../testing/smsworks.ts';

let server: TestServer;
let client: SmsworksClient;
beforeAll(async () => {
  server = await openServer();
  client = await smsworksOf(server);
});
afterAll(() => server[Symbol.asyncDispose]());

function expectError({ status, body, headers }: Answered, expected: number): void {
  expect([status, body]).toMatchObject([expected, errorOf(expected)]);
  expect(Object.keys(body).sort()).toEqual(['errorCode', 'message', 'permanent', 'status']);
  expect(String(body.message).length).toBeGreaterThan(0);
  expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
  expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
}

const bodies: [sentence: string, body: string, status: number][] = [
  ['half a JSON text', '{"destination":', 400],
  ['nothing', '', 400],
  ['a list', '[]', 400],
  ['text', '"447777777777"', 400],
  ['a doubled key', '{"destination":"447777777777","destination":"447777777778"}', 400],
  ['__proto__', '{"destination":"447777777777","__proto__":{}}', 400],
  ['more than anybody needs', JSON.stringify({ destination: 'x'.repeat(20_000) }), 413],
  ['what nests too deep', `${'{"a":'.repeat(20)}1${'}'.repeat(20)}`, 400],
];

test.each(bodies)('a body of %s has the one error body', async (_, body, status) => {
  expectError(await client.ask('POST', '/otp/send', body), status);
});

test('another media type is 415; another encoding too', async () => {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  expectError(await client.ask('POST', '/otp/send', 'destination=447777777777', headers), 415);
  expectError(await client.ask('POST', '/otp/send', '{}', { 'content-encoding': 'gzip' }), 415);
});

test.each(['application/json', 'application/json;charset=UTF-8', 'Application/JSON; charset="utf-8"'])(
  'the media type %s is taken',
  async (type) => {
    expect((await client.ask('POST', '/otp/verify', { passcode: '1000' }, { 'content-type': type })).status).toBe(404);
  },
);

test('what it may answer is never a reason to refuse', async () => {
  for (const accept of ['application/json;charset=UTF-8', 'text/html', 'application/json, */*;q=0.1'])
    expect((await client.ask('GET', '/utils/test', undefined, { accept })).status).toBe(200);
});

test('unknown paths are 404, and known ones with another method 405', async () => {
  for (const path of ['', '/', '/otp', '/messages', '/otp/send/more', '/auth'])
    expectError(await client.ask('GET', path), 404);
  for (const [method, path, allow] of [
    ['DELETE', '/otp/send', 'POST'],
    ['PUT', '/auth/token', 'POST'],
    ['POST', '/credits/balance', 'GET'],
  ] as const) {
    const answer = await client.ask(method, path, method === 'DELETE' ? undefined : {});
    expectError(answer, 405);
    expect(answer.headers.get('allow')).toContain(allow);
  }
});

test('slashes may be doubled, as where a base URL ends in one; unknown parameters are passed over, twice given too', async () => {
  const { id, passcode } = await client.sent();
  expect((await client.ask('GET', `//otp//${id}?_=1771234567890&x=1&x=2`)).status).toBe(200);
  expect((await client.ask('POST', '//otp/verify?_=1', { passcode })).body.status).toBe('VERIFIED');
});

test('rates of the server are 429 with the seconds to wait', async () => {
  await using own = await openServer({ rates: { creates: { name: 'tenant-creates', quota: 1, windowSeconds: 60 } } });
  const limited = await smsworksOf(own);
  expect((await limited.send()).status).toBe(201);
  const answer = await limited.send();
  expectError(answer, 429);
  expect(answer.headers.get('retry-after')).toBe('60');
});

test('what is our fault is 500 and says nothing of it', async () => {
  await using own = await openServer();
  const broken = await smsworksOf(own);
  own.parts.engine.verification = async () => {
    throw new Error('the passcode is 123456');
  };
  const answer = await broken.get('0192f000-0000-7000-8000-0000000000ff');
  expectError(answer, 500);
  expect(answer.text).not.toContain('123456');
});

test('no answer of the server to a stranger tells more than that', async () => {
  expectError(await asked(server, 'POST', '/otp/verify', { passcode: '1000' }), 401);
  expectError(await withToken(server, 'JWT a.b.c').ask('GET', '/otp/1'), 401);
});
