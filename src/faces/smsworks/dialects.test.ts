import { afterAll, beforeAll, expect, test } from 'vitest';
import { openServer, type TestServer } from '../../../testing/server.ts';
import { freshMobile, login, sdkHeaders } from '../../../testing/smsworks.ts';
import { pairOf } from '../../domain/api-key.ts';

/* What the vendor's clients send and what they choke on, language by language, spoken in plain HTTP. */

let server: TestServer;
let token: string;
beforeAll(async () => {
  server = await openServer();
  token = String((await login(server, server.alice.apiKey)).body.token);
});
afterAll(() => server[Symbol.asyncDispose]());

interface Dialect {
  /** What it puts between the base URL and the path. */
  readonly base: string;
  readonly authorization: (token: string) => string;
  readonly query: string;
  readonly extra: object;
}

const dialects: [language: string, dialect: Dialect][] = [
  ['Node, as it was', { base: '', authorization: (said) => said, query: '?_=1771234567890', extra: {} }],
  ['Node with a prefix', { base: '', authorization: (said) => `JWT ${said}`, query: '', extra: {} }],
  ['Python', { base: '/', authorization: (said) => `Bearer ${said}`, query: '', extra: { validity: 300.0 } }],
  ['Go', { base: '', authorization: (said) => said, query: '', extra: { length: {}, metadata: {} } }],
  [
    'C#',
    { base: '', authorization: (said) => said, query: '', extra: { sender: null, metadata: null, passcode: null } },
  ],
  ['a program without an SDK', { base: '', authorization: (said) => said.replace('JWT ', ''), query: '', extra: {} }],
];

/** Fields that the Java client knows: it throws on any other. Python and Go refuse another type, C# null. */
const sentTypes = {
  messageid: 'string',
  status: 'string',
  credits: 'number',
  creditsUsed: 'number',
  messageparts: 'number',
};
const otpTypes = {
  destination: 'string',
  status: 'string',
  passcode: 'number',
  validity: 'number',
  metadata: 'object',
  created: 'string',
  expires: 'string',
  modified: 'string',
};

const typesOf = (body: object) => Object.fromEntries(Object.entries(body).map(([name, value]) => [name, typeof value]));

test.each(dialects)('%s: log in, send, verify, look', async (_, { base, authorization, query, extra }) => {
  const ask = async (method: string, path: string, body?: object, authorized = true) => {
    const payload = body === undefined ? {} : { body: JSON.stringify(body) };
    const headers = { ...sdkHeaders, ...(authorized ? { authorization: authorization(token) } : {}) };
    const url = `${server.url}/smsworks/v1${base}${path}${method === 'GET' ? query : ''}`;
    const answer = await fetch(url, { method, headers, ...payload });
    expect(answer.headers.get('content-type')).toMatch(/^application\/json; ?charset=utf-8$/i);
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  const logged = await ask(
    'POST',
    '/auth/token',
    { customerid: server.alice.tenantId, ...pairOf(server.alice.apiKey) },
    false,
  );
  expect(logged.body.token).toMatch(/^JWT \S+$/);

  const destination = freshMobile();
  const sent = await ask('POST', '/otp/send', { sender: 'Acme', destination, template: '{{passcode}}', ...extra });
  expect([sent.status, typesOf(sent.body)]).toEqual([201, sentTypes]);
  const { code } = await server.outbox.message(String(sent.body.messageid));
  const verified = await ask('POST', '/otp/verify', { passcode: code });
  expect([verified.status, typesOf(verified.body)]).toEqual([200, otpTypes]);
  expect(verified.body).toMatchObject({ destination, status: 'VERIFIED', passcode: Number(code) });
  const looked = await ask('GET', `/otp/${sent.body.messageid}`);
  expect(looked).toEqual(verified);

  const wrong = await ask('POST', '/otp/verify', { passcode: code });
  expect([wrong.status, typesOf(wrong.body)]).toEqual([
    404,
    { message: 'string', errorCode: 'number', status: 'string', permanent: 'boolean' },
  ]);
});
