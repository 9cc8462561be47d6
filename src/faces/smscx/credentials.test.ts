import { afterAll, beforeAll, expect, test } from 'vitest';
import { virtualClock } from '../../../testing/clock.ts';
import { anSmscxNumber, openSmscx, type Smscx } from '../../../testing/smscx.ts';
import { applicationIdOf, pairOf } from '../../domain/api-key.ts';

const clock = virtualClock();
let smscx: Smscx;
beforeAll(async () => {
  smscx = await openSmscx({ clock });
});
afterAll(() => smscx[Symbol.asyncDispose]());

const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
const own = () => basic(smscx.application.id, smscx.application.secret);

/** Asks for a token. The API key of the helper goes along, and means nothing there. */
async function token(form: string | undefined, authorization = own(), headers: Record<string, string> = {}) {
  const typed = { 'content-type': 'application/x-www-form-urlencoded', authorization, ...headers };
  return smscx.ask('POST', '/oauth/token', { raw: form, headers: typed });
}

async function accessToken(scope = 'otp', authorization = own()): Promise<string> {
  const { said, body } = await token(`grant_type=client_credentials&scope=${scope}`, authorization);
  expect(said).toBe('200');
  return String(body.access_token);
}

/** Another key of the same account. */
async function aKey(fields: object) {
  const { alice } = smscx.server;
  const { body } = await alice.request<{ id: string; key: string }>('POST', '/v1/api-keys', {
    body: { name: 'other', ...fields },
  });
  return { ...body, authorization: basic(applicationIdOf(body.id), pairOf(body.key).secret) };
}

/** What a request is answered that has just these header fields for credentials. */
async function answered(headers: Readonly<Record<string, string>>, method = 'GET', path = '/account/balance') {
  const response = await fetch(smscx.base + path, { method, headers, signal: AbortSignal.timeout(25_000) });
  const body = (await response.json()) as { error?: { code: number; type: string } };
  return body.error === undefined ? `${response.status}` : `${body.error.code} ${body.error.type} ${response.status}`;
}

test('application id and secret are traded for a token that opens every OTP call', async () => {
  const { said, body, headers } = await token('grant_type=client_credentials&scope=otp');
  expect(said).toBe('200');
  expect(body).toEqual({
    access_token: expect.stringMatching(/^\S{32,}$/),
    expires_in: 86_400,
    token_type: 'Bearer',
    scope: 'otp',
  });
  expect(headers.get('cache-control')).toBe('no-store');

  const bearer = { authorization: `Bearer ${body.access_token}`, 'content-type': 'application/json' };
  const made = await fetch(`${smscx.base}/otp`, {
    method: 'POST',
    headers: bearer,
    body: JSON.stringify({ phoneNumber: anSmscxNumber() }),
  });
  const { otpId } = (await made.json()) as { otpId: string };
  const path = `/otp/${otpId}`;
  const { authorization } = bearer;
  expect(await answered({ authorization }, 'GET', path)).toBe('200');
  expect(await answered({ authorization }, 'DELETE', path)).toBe('200');
});

test('no two tokens are the same, and each works beside the others', async () => {
  const [first, second] = [await accessToken(), await accessToken()];
  expect(first).not.toBe(second);
  for (const one of [first, second]) expect(await answered({ authorization: `Bearer ${one}` })).toBe('200');
});

const all = 'sms groups templates numbers originators reports shortlinks attachments viber whatsapp otp';
const granted: [form: string, scope: string][] = [
  ['grant_type=client_credentials', all],
  ['grant_type=client_credentials&scope=', all],
  ['grant_type=client_credentials&scope=otp+sms', 'otp sms'],
  ['grant_type=client_credentials&scope=sms%20otp%20sms', 'sms otp'],
  ['scope=otp&grant_type=client_credentials&whatever=else', 'otp'],
];
test.each(granted)('the form %s is granted %j', async (form, scope) => {
  expect((await token(form)).body).toMatchObject({ scope, token_type: 'Bearer' });
});

const refused: [form: string | undefined, said: string][] = [
  [undefined, '1600 invalid_request 400'],
  ['', '1600 invalid_request 400'],
  ['scope=otp', '1600 invalid_request 400'],
  ['grant_type=', '1600 invalid_request 400'],
  ['grant_type=client_credentials&grant_type=client_credentials', '1600 invalid_request 400'],
  ['grant_type=client_credentials&scope=otp&scope=otp', '1600 invalid_request 400'],
  ['grant_type=password', '1600 unsupported_grant_type 400'],
  ['grant_type=Client_Credentials', '1600 unsupported_grant_type 400'],
  ['grant_type=client_credentials&scope=OTP', '1600 invalid_scope 400'],
  ['grant_type=client_credentials&scope=otp+everything', '1600 invalid_scope 400'],
  ['grant_type=client_credentials&scope=otp++sms', '1600 invalid_scope 400'],
  ['grant_type=client_credentials&scope=+', '1600 invalid_scope 400'],
];
test.each(refused)('the form %j is refused with %s', async (form, said) => {
  expect((await token(form)).said).toBe(said);
});

test('a form that is not UTF-8, and a body that is no form, are refused', async () => {
  const type = 'application/x-www-form-urlencoded; charset=utf-8';
  expect((await token('grant_type=client_credentials', own(), { 'content-type': type })).said).toBe('200');
  const latin = { raw: new Uint8Array([0xe9]), headers: { 'content-type': type, authorization: own() } };
  expect((await smscx.ask('POST', '/oauth/token', latin)).said).toBe('1008 invalid_request 400');
  const json = { 'content-type': 'application/json' };
  expect((await token('{"grant_type":"client_credentials"}', own(), json)).said).toBe('1600 invalid_request 400');
  expect((await token('grant_type', own(), { 'content-type': 'text/plain' })).said).toBe('1003 invalid_body 415');
});

test('forms are taken nowhere else', async () => {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  expect((await smscx.ask('POST', '/otp', { raw: 'phoneNumber=%2B33612345678', headers })).said).toBe(
    '1003 invalid_body 415',
  );
});

test.each([
  ['no credentials', () => ''],
  ['an API key where the application belongs', () => `Bearer ${smscx.apiKey}`],
  ['a wrong secret', () => basic(smscx.application.id, 'f'.repeat(64))],
  ['an unknown application', () => basic('0'.repeat(40), smscx.application.secret)],
  ["another application's id", () => basic(applicationIdOf('0123456789abcdef'), smscx.application.secret)],
  ['the id of the key instead of the application', () => basic(pairOf(smscx.apiKey).key, smscx.application.secret)],
  ['something that cannot be read', () => 'Basic !!!'],
  ['no colon', () => `Basic ${Buffer.from(smscx.application.id).toString('base64')}`],
])('%s gets no token', async (_, authorization) => {
  expect((await token('grant_type=client_credentials', authorization())).said).toBe('1600 invalid_client 401');
  expect((await token('grant_type=nonsense', authorization())).said).toBe('1600 invalid_client 401');
});

const credentials: [sentence: string, headers: () => Promise<Record<string, string>>, said: string][] = [
  ['no credentials at all', async () => ({}), '1000 invalid_api_key 401'],
  ['an API key', async () => ({ 'x-api-key': smscx.apiKey }), '200'],
  ['a wrong API key', async () => ({ 'x-api-key': smscx.apiKey.replace(/.$/, 'x') }), '1000 invalid_api_key 401'],
  ['a token', async () => ({ authorization: `Bearer ${await accessToken()}` }), '200'],
  ['a token, in small letters', async () => ({ authorization: `bearer ${await accessToken()}` }), '200'],
  ['a wrong token', async () => ({ authorization: 'Bearer nonsense' }), '1001 invalid_client 401'],
  [
    'a token that somebody changed',
    async () => ({ authorization: `Bearer ${await accessToken()}x` }),
    '1001 invalid_client 401',
  ],
  ['a token of Basic kind', async () => ({ authorization: own() }), '1000 invalid_api_key 401'],
  ['an API key as a token', async () => ({ authorization: `Bearer ${smscx.apiKey}` }), '1001 invalid_client 401'],
  [
    'a token without otp',
    async () => ({ authorization: `Bearer ${await accessToken('sms')}` }),
    '1002 insufficient_scope 403',
  ],
  ['both, the key being good', async () => ({ 'x-api-key': smscx.apiKey, authorization: 'Bearer nonsense' }), '200'],
  [
    'both, the token being good',
    async () => ({ 'x-api-key': 'nonsense', authorization: `Bearer ${await accessToken()}` }),
    '1000 invalid_api_key 401',
  ],
  [
    'an empty key beside a token',
    async () => ({ 'x-api-key': '', authorization: `Bearer ${await accessToken()}` }),
    '200',
  ],
];
test.each(credentials)('%s', async (_, headers, said) => {
  expect(await answered(await headers())).toBe(said);
});

test('credentials are judged before the path is, and before the body', async () => {
  const headers = { 'x-api-key': 'nonsense' };
  for (const [method, path, body] of [
    ['POST', '/otp', '{'],
    ['POST', '/otp/x', '{'],
    ['GET', '/otp/x'],
    ['DELETE', '/otp/x'],
  ] as const)
    expect((await smscx.ask(method, path, { headers, raw: body })).said).toBe('1000 invalid_api_key 401');
});

test('a token ends after the stated seconds', async () => {
  const authorization = `Bearer ${await accessToken()}`;
  clock.advance(86_399_000);
  expect(await answered({ authorization })).toBe('200');
  clock.advance(1_000);
  expect(await answered({ authorization })).toBe('1001 invalid_client 401');
});

test('a token ends with the API key that it was given for', async () => {
  const { id, authorization } = await aKey({});
  const bearer = { authorization: `Bearer ${await accessToken('otp', authorization)}` };
  expect(await answered(bearer)).toBe('200');
  await smscx.server.alice.request('POST', `/v1/api-keys/${id}/revoke`);
  expect(await answered(bearer)).toBe('1001 invalid_client 401');
  expect((await token('grant_type=client_credentials', authorization)).said).toBe('1600 invalid_client 401');
});

test('a key opens what its scopes open, by itself and through its tokens', async () => {
  const { key, authorization } = await aKey({ scopes: ['verifications:read'] });
  const { otpId, pin } = await smscx.pending();
  for (const headers of [
    { 'x-api-key': key },
    { 'x-api-key': '', authorization: `Bearer ${await accessToken('otp', authorization)}` },
  ]) {
    expect((await smscx.ask('GET', `/otp/${otpId}`, { headers })).said).toBe('200');
    for (const [method, path, body] of [
      ['POST', '/otp', {}],
      ['POST', `/otp/${otpId}`, { pin }],
      ['DELETE', `/otp/${otpId}`],
    ] as const)
      expect((await smscx.ask(method, path, { headers, body })).said).toBe('1002 insufficient_scope 403');
  }
});

test('a key that has nothing to do with verifications is an application without otp', async () => {
  const { authorization } = await aKey({ scopes: ['audit:read'] });
  expect((await token('grant_type=client_credentials', authorization)).body.scope).toBe(all.replace(' otp', ''));
  expect((await token('grant_type=client_credentials&scope=otp', authorization)).said).toBe('1600 invalid_scope 400');
});

test('nothing that was told of credentials is in the log', () => {
  expect(smscx.server.log).toEqual([]);
});
