import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Metal, type MetalUser, openMetal } from '../../../testing/metal.ts';
import { type RawAnswer, sayRaw } from '../../../testing/raw-http.ts';

/* The bytes that each client sends, and what it insists on in an answer. Written from the vendor's description. */

let metal: Metal;
beforeAll(async () => {
  metal = await openMetal();
});
afterAll(() => metal[Symbol.asyncDispose]());

/** How a client sends a request that has no body. */
interface Client {
  readonly name: string;
  /** Between the base URL and the path of a call. */
  readonly joint: string;
  readonly header: string;
  readonly head: (method: string) => readonly string[];
  readonly body?: string;
}

const withBody = (method: string) => method === 'POST' || method === 'PUT';
const clients: readonly Client[] = [
  {
    name: 'packngo',
    joint: '/',
    header: 'X-Auth-Token',
    head: (method) => [
      'User-Agent: packngo/0.31.0',
      ...(withBody(method) ? ['Content-Length: 0'] : []),
      'Accept: application/json',
      'Content-Type: application/json',
      'X-Consumer-Token: c',
      'Accept-Encoding: gzip',
    ],
  },
  {
    name: 'the Go SDK',
    joint: '/',
    header: 'X-Auth-Token',
    head: (method) => [
      'User-Agent: metal-go/0.30.0',
      ...(withBody(method) ? ['Content-Length: 0'] : []),
      'Accept: application/json',
      'Accept-Encoding: gzip',
    ],
  },
  {
    name: 'the older Java client',
    joint: '/',
    header: 'X-Auth-Token',
    head: (method) => [
      'Accept: application/json',
      'Content-Type: application/json; charset=utf-8',
      ...(method === 'GET' ? [] : ['Content-Length: 0']),
      'Accept-Encoding: gzip',
      'User-Agent: okhttp/2.7.5',
    ],
  },
  {
    name: 'the Java client',
    joint: '/',
    header: 'x-auth-token',
    head: (method) => ['Accept: application/json', ...(method === 'GET' ? [] : ['Content-Length: 0'])],
  },
  {
    name: 'Python',
    joint: '/',
    header: 'X-Auth-Token',
    head: (method) => [
      'Accept-Encoding: identity',
      ...(withBody(method) ? ['Content-Length: 0'] : []),
      'Accept: application/json',
      'User-Agent: metal-python/0.9.0',
    ],
  },
  {
    name: 'a base URL that ends in a slash',
    joint: '//',
    header: 'X-Auth-Token',
    head: () => ['Accept: */*'],
  },
  {
    name: 'a client that sends chunks',
    joint: '/',
    header: 'X-AUTH-TOKEN',
    head: (method) => (method === 'GET' ? [] : ['Content-Type: application/json', 'Transfer-Encoding: chunked']),
    body: '0\r\n\r\n',
  },
  {
    name: 'a client that sends chunks of no type',
    joint: '/',
    header: 'X-Auth-Token',
    head: (method) => (method === 'GET' ? [] : ['Transfer-Encoding: chunked']),
    body: '0\r\n\r\n',
  },
  {
    name: 'a client that names a type for nothing',
    joint: '/',
    header: 'X-Auth-Token',
    head: (method) => (method === 'GET' ? [] : ['Content-Type: text/plain', 'Content-Length: 0']),
  },
];

function asking({ joint, header, head, body = '' }: Client, { token }: Pick<MetalUser, 'token'>) {
  return (method: string, path: string, own: readonly string[] = []): Promise<RawAnswer> =>
    sayRaw(
      metal.server.url,
      [
        `${method} /metal/v1${joint}${path} HTTP/1.1`,
        'Host: 127.0.0.1',
        `${header}: ${token}`,
        ...own,
        ...head(method),
        'Connection: close',
      ],
      method === 'GET' ? '' : body,
    );
}

test.each(clients.map((client) => [client.name, client] as const))('%s enrols, shows and leaves', async (_, client) => {
  const user = await metal.user();
  const ask = asking(client, user);
  const empty = ({ status, body }: RawAnswer) => [status, body];

  expect(empty(await ask('POST', 'user/otp/sms/receive'))).toEqual([204, '']);
  const received = await ask('POST', 'user/otp/app/receive');
  expect([received.status, received.headers['content-type']]).toEqual([
    200,
    expect.stringMatching(/^application\/json/),
  ]);
  // A map of strings, as packngo reads it.
  const values = Object.values(JSON.parse(received.body) as object);
  expect(values).toEqual([
    expect.stringMatching(/^otpauth:\/\/totp\/Metal:[^?]+%40example\.org\?secret=[A-Z2-7]{32}&/),
  ]);

  const bare = await ask('POST', 'user/otp/app');
  expect(empty(bare)).toEqual([424, '{"errors":["Invalid OTP"]}']);
  expect(bare.headers['content-type']).toMatch(/^application\/json/);
  const app = await user.app();
  const enabled = await ask('POST', 'user/otp/app', [`x-otp-token: ${app.code(-1)}`]);
  expect(empty(enabled)).toEqual([200, '']);

  const { two_factor_auth: method } = JSON.parse((await ask('GET', 'user?include=emails')).body);
  expect(method).toBe('app');
  for (const verb of ['GET', 'POST']) {
    const { recovery_codes: codes } = JSON.parse((await ask(verb, 'user/otp/recovery-codes')).body);
    expect(codes).toEqual(Array.from({ length: 10 }, () => expect.stringMatching(/^[0-9a-z]{10}$/)));
  }
  const wrong = await ask('POST', 'user/otp/verify/%20x%2Fy');
  expect(empty(wrong)).toEqual([400, '{"errors":["Invalid OTP"]}']);
  const shown = await ask('POST', `user/otp/verify/${app.code()}`);
  expect(empty(shown)).toEqual([204, '']);
  expect(shown.headers).not.toHaveProperty('content-length');
  expect((await metal.ask('GET', '/user', { token: shown.headers['x-auth-token'] })).status).toBe(200);
  expect(empty(await ask('DELETE', 'user/otp/app', [`X-OTP-Token: ${app.code(1)}`]))).toEqual([204, '']);
  expect((await ask('DELETE', 'user/otp/app', [`X-OTP-Token: ${app.code(1)}`])).status).toBe(404);
});

test('the segment is decoded after the path was split', async () => {
  const user = await metal.user();
  await user.enableApp();
  const [code = '', other = ''] = await user.recoveryCodes();
  const ask = asking(clients[0] as Client, user);
  const encoded = [...code].map((letter) => `%${letter.charCodeAt(0).toString(16)}`).join('');
  expect((await ask('POST', `user/otp/verify/${encoded}`)).status).toBe(204);
  expect((await ask('POST', `user/otp/verify/${other}?x=1`)).status).toBe(204);
});

test.each([
  ['PHP', 'PATCH', 'user'],
  ['Python, before it was generated', 'PATCH', 'user'],
  ['Node', 'PATCH', 'user/'],
])('the client for %s changes and reads a user: %s %s', async (_, method, path) => {
  const user = await metal.user();
  const head = [
    'Host: 127.0.0.1',
    `X-Auth-Token: ${user.token}`,
    'Content-Type: application/json',
    'Connection: close',
  ];
  const say = (line: string, body: string) =>
    sayRaw(metal.server.url, [`${line} HTTP/1.1`, ...head, `Content-Length: ${body.length}`], body);

  const changed = await say(`${method} /metal/v1/${path}`, '{"first_name":"Ada"}');
  expect([changed.status, JSON.parse(changed.body)]).toEqual([200, expect.objectContaining({ first_name: 'Ada' })]);
  // The one for PHP says that it has nothing to say, with every GET.
  const read = await say(`GET /metal/v1/${path}`, 'null');
  expect([read.status, read.body]).toEqual([200, changed.body]);
  const refused = await say(`${method} /metal/v1/${path}`, '{"phone_number":"tomorrow"}');
  expect([refused.status, Object.keys(JSON.parse(refused.body))]).toEqual([422, ['errors']]);
});
