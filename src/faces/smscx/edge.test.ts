import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { virtualClock } from '../../../testing/clock.ts';
import { type Asked, openSmscx, type Smscx } from '../../../testing/smscx.ts';
import { wide } from '../../../testing/wide-rates.ts';
import type { EdgeError } from '../../http/edge-error.ts';
import { noRates } from '../../http/rates.ts';
import { rows, smscxAnswers, tokenRows } from './errors.ts';

/* What goes wrong around the routes; that every answer is in the vendor's form is checked by the client of these tests. */

let smscx: Smscx;
beforeAll(async () => {
  smscx = await openSmscx();
});
afterAll(() => smscx[Symbol.asyncDispose]());
afterEach(() => {
  vi.restoreAllMocks();
});

const some = '/otp/0192f000-0000-7000-8000-00000000000a';
const text = { 'content-type': 'text/plain' };
const around: [sentence: string, method: string, path: string, asked: Asked, said: string][] = [
  ['JSON that is none', 'POST', '/otp', { raw: '{"phoneNumber":' }, '1003 invalid_body 400'],
  [
    'a body of no bytes',
    'POST',
    '/otp',
    { raw: '', headers: { 'content-type': 'application/json' } },
    '1003 invalid_body 400',
  ],
  ['no body', 'POST', '/otp', {}, '1003 invalid_body 400'],
  ['no body where a pin belongs', 'POST', some, {}, '1003 invalid_body 400'],
  ['an array', 'POST', '/otp', { body: [{}] }, '1003 invalid_body 400'],
  ['null', 'POST', some, { body: null }, '1003 invalid_body 400'],
  ['a text', 'POST', some, { body: '123456' }, '1003 invalid_body 400'],
  ['a field given twice', 'POST', some, { raw: '{"pin":"1","pin":"2"}' }, '1003 invalid_body 400'],
  ['a field that reaches for the prototype', 'POST', '/otp', { raw: '{"__proto__":{}}' }, '1003 invalid_body 400'],
  ['what is not UTF-8', 'POST', some, { raw: new Uint8Array([123, 0xff, 125]) }, '1003 invalid_body 400'],
  ['a body of another type', 'POST', '/otp', { raw: '{}', headers: text }, '1003 invalid_body 415'],
  ['a body too large', 'POST', '/otp', { raw: ' '.repeat(17_000) }, '1003 invalid_body 413'],
  ['a path that is unknown', 'GET', '/sms', {}, '1004 not_found 404'],
  ['the root', 'GET', '', {}, '1004 not_found 404'],
  ['a path below an OTP', 'GET', `${some}/pin`, {}, '1004 not_found 404'],
  ['a parameter given twice', 'GET', `${some}?a=1&a=2`, {}, '1008 invalid_request 400'],
  ['a URL too long', 'GET', `${some}?${'a'.repeat(3000)}`, {}, '1008 invalid_request 414'],
];

test.each(around)('%s', async (_, method, path, asked, said) => {
  expect((await smscx.ask(method, path, asked)).said).toBe(said);
});

test('a path known for another method says which', async () => {
  const wrong: [method: string, path: string, allow: string][] = [
    ['GET', '/otp', 'POST'],
    ['PUT', some, 'DELETE, GET, HEAD, POST'],
    ['PATCH', some, 'DELETE, GET, HEAD, POST'],
    ['GET', '/oauth/token', 'POST'],
    ['POST', '/account/balance', 'GET, HEAD'],
  ];
  for (const [method, path, allow] of wrong) {
    const { said, headers } = await smscx.ask(method, path);
    expect([said, headers.get('allow')]).toEqual(['1005 invalid_method 405', allow]);
  }
});

test('slashes that a base URL and a path bring along are one', async () => {
  expect((await smscx.ask('GET', '//account///balance')).said).toBe('200');
  expect((await smscx.ask('GET', '//sms')).said).toBe('1004 not_found 404');
});

test('a cancel may say that its body, which it has not, is JSON', async () => {
  const { otpId } = await smscx.pending();
  const headers = { 'content-type': 'application/json' };
  expect((await smscx.ask('DELETE', `/otp/${otpId}`, { headers })).said).toBe('200');
});

test("what is left of the key's rate is told, and at its end the time of the next request", async () => {
  const clock = virtualClock();
  const apiKey = { name: 'api-key', quota: 3, windowSeconds: 60 };
  await using own = await openSmscx({ clock, rates: { ...wide, apiKey } });
  const told = async () => {
    const { said, headers } = await own.ask('GET', '/account/balance');
    return [said, ...['limit', 'remaining', 'reset'].map((name) => headers.get(`x-rate-limit-${name}`))];
  };
  expect(await told()).toEqual(['200', '3', '2', null]);
  expect(await told()).toEqual(['200', '3', '1', null]);
  expect(await told()).toEqual(['200', '3', '0', null]);
  const reset = String(clock.wallMs() / 1000 + 20);
  expect(await told()).toEqual(['1006 rate_limit 429', '3', '0', reset]);
  clock.advance(20_000);
  expect((await told())[0]).toBe('200');
});

test('the PHP library finds the time of the next request: it looks names up letter by letter', async () => {
  const creates = { name: 'creates', quota: 1, windowSeconds: 60 };
  await using limited = await openSmscx({ clock: virtualClock() });
  await using rated = await openSmscx({ clock: virtualClock(), rates: { ...wide, creates } });
  const phoneNumber = '+33612345678';
  for (let sent = 0; sent < 5; sent++) await limited.create({ phoneNumber });
  const told = ['X-Response-Time', 'X-Rate-Limit-Limit', 'X-Rate-Limit-Remaining'];
  const spelt: [own: Smscx, status: number, names: readonly string[]][] = [
    [limited, 429, [...told, 'X-Rate-Limit-Reset']],
    [rated, 201, told],
    [rated, 429, [...told, 'X-Rate-Limit-Reset']],
  ];
  for (const [own, status, names] of spelt) {
    const answer = await namesOf(own, { phoneNumber });
    expect([answer.status, answer.names.filter((name) => /^x-r(?:ate|esp)/i.test(name))]).toEqual([status, names]);
  }
});

/** The names of an answer's fields as they come over the wire, which `fetch` writes small. */
async function namesOf({ base, apiKey }: Smscx, body: unknown) {
  const headers = { 'x-api-key': apiKey, 'content-type': 'application/json' };
  const asked = request(`${base}/otp`, { method: 'POST', headers, signal: AbortSignal.timeout(25_000) });
  asked.end(JSON.stringify(body));
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  answer.resume();
  return { status: answer.statusCode, names: answer.rawHeaders.filter((_, at) => at % 2 === 0) };
}

test('where there is no rate a million is left, always', async () => {
  const { headers } = await smscx.create();
  expect([headers.get('x-rate-limit-limit'), headers.get('x-rate-limit-remaining')]).toEqual(['1000000', '1000000']);
});

test.each(['creates', 'checks', 'statusReads'] as const)('the rate of %s holds here, too', async (rate) => {
  const rates = { ...wide, [rate]: { name: rate, quota: 1, windowSeconds: 60 } };
  await using own = await openSmscx({ clock: virtualClock(), rates });
  const { otpId } = await own.pending();
  const ask = {
    creates: () => own.create(),
    checks: () => own.verify(otpId, 'x'),
    statusReads: () => own.ask('GET', `/otp/${otpId}`),
  };
  if (rate !== 'creates') await ask[rate]();
  expect((await ask[rate]()).said).toBe('1006 rate_limit 429');
});

test('credentials are not tried without end, of whatever kind', async () => {
  const failedAuthentications = { name: 'failed', quota: 3, windowSeconds: 60 };
  await using own = await openSmscx({ clock: virtualClock(), rates: { ...wide, failedAuthentications } });
  const tries: Asked[] = [
    { headers: { 'x-api-key': 'nonsense' } },
    { headers: { 'x-api-key': '', authorization: 'Bearer nonsense' } },
    { headers: { authorization: 'Basic bm9ib2R5Om5vbmU=' } },
  ];
  const ask = (asked: Asked, at: number) => own.ask('POST', at === 2 ? '/oauth/token' : '/otp', asked);
  expect(await Promise.all(tries.map(async (asked, at) => (await ask(asked, at)).said))).toEqual([
    '1000 invalid_api_key 401',
    '1001 invalid_client 401',
    '1600 invalid_client 401',
  ]);
  for (const [at, asked] of tries.entries()) expect((await ask(asked, at)).said).toBe('1006 rate_limit 429');
  expect((await own.ask('GET', '/account/balance')).said).toBe('200');
});

test('one recipient gets no more messages than the limits allow, and is told when there is another', async () => {
  const clock = virtualClock();
  await using own = await openSmscx({ clock });
  const phoneNumber = '+33612345678';
  for (let sent = 0; sent < 5; sent++) expect((await own.create({ phoneNumber })).said).toBe('201');
  const { said, headers } = await own.create({ phoneNumber });
  expect(said).toBe('1006 rate_limit 429');
  expect(['limit', 'remaining', 'reset'].map((name) => headers.get(`x-rate-limit-${name}`))).toEqual([
    '5',
    '0',
    String(clock.wallMs() / 1000 + 600),
  ]);
  clock.advance(600_000);
  expect((await own.create({ phoneNumber })).said).toBe('201');
});

test('what breaks inside is a 500 that quotes nothing, and what is uncertain a 503', async () => {
  await using own = await openSmscx();
  const { otpId, pin } = await own.pending();
  const { store } = own.server.parts;
  vi.spyOn(store.queries, 'verification').mockRejectedValue(new Error('canary'));
  const broken = await own.ask('GET', `/otp/${otpId}`);
  expect([broken.said, JSON.stringify(broken.body)]).toEqual([
    '1007 server_error 500',
    expect.not.stringContaining('canary'),
  ]);
  vi.spyOn(store, 'commitBatch').mockRejectedValue(new Error('canary'));
  const uncertain = await own.verify(otpId, pin);
  expect(uncertain.said).toBe('1007 server_error 503');
  expect(uncertain.headers.get('retry-after')).toMatch(/^[1-9][0-9]*$/);
});

const policy = { name: 'p', quota: 7, windowSeconds: 1 };
const edge: Record<EdgeError['kind'], [error: EdgeError, said: string]> = {
  malformed: [{ kind: 'malformed' }, '400 1008 invalid_request'],
  timeout: [{ kind: 'timeout' }, '408 1008 invalid_request'],
  'bad-json': [{ kind: 'bad-json', reason: 'syntax' }, '400 1003 invalid_body'],
  'unsupported-media-type': [{ kind: 'unsupported-media-type', reason: 'charset' }, '415 1003 invalid_body'],
  'too-large': [{ kind: 'too-large' }, '413 1003 invalid_body'],
  'uri-too-long': [{ kind: 'uri-too-long' }, '414 1008 invalid_request'],
  'headers-too-large': [{ kind: 'headers-too-large' }, '431 1008 invalid_request'],
  'not-found': [{ kind: 'not-found' }, '404 1004 not_found'],
  'method-not-allowed': [{ kind: 'method-not-allowed', allow: ['GET'] }, '405 1005 invalid_method'],
  invalid: [{ kind: 'invalid', field: 'a', remedy: 'is given twice' }, '400 1008 invalid_request'],
  unauthorized: [{ kind: 'unauthorized' }, '401 1000 invalid_api_key'],
  forbidden: [{ kind: 'forbidden' }, '403 1002 insufficient_scope'],
  'rate-limited': [{ kind: 'rate-limited', retryAfterSeconds: 3, policy }, '429 1006 rate_limit'],
  unavailable: [{ kind: 'unavailable', reason: 'overloaded', retryAfterSeconds: 3 }, '503 1007 server_error'],
  internal: [{ kind: 'internal' }, '500 1007 server_error'],
};

test.each(Object.values(edge))('%j is worded %s', (error, said) => {
  const { face } = smscxAnswers({ rates: noRates, nowMs: () => 1_000_000, publicUrl: 'https://otp.example/codes' });
  const { status, body, contentType, headers } = face.reply(error, 'id', 12.7);
  const { code, type, uri, message } = JSON.parse(body).error;
  expect([`${status} ${code} ${type}`, contentType]).toEqual([said, 'application/json; charset=utf-8']);
  expect([uri, message !== '']).toEqual([`https://otp.example/codes/smscx/errors#${code}`, true]);
  expect(headers?.['X-Response-Time']).toBe('12');
  const { 'X-Rate-Limit-Limit': limit, 'X-Rate-Limit-Reset': reset } = headers ?? {};
  expect([limit, reset]).toEqual(status === 429 ? ['7', '1003'] : [undefined, undefined]);
});

test('every error leads to a line of a page that anybody may read', async () => {
  const response = await fetch(`${smscx.base}/errors`);
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
  expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
  const page = await response.text();
  for (const code of [1000, 1008, 1113, 1600, 2001, 2031]) expect(page).toContain(`<tr id="${code}"><td>${code}<td>`);
});

test('every type of an error is one of those that the libraries know', () => {
  const known = [
    ...['access_denied', 'insufficient_credit', 'insufficient_scope', 'invalid_api_key', 'invalid_body'],
    ...['invalid_client', 'invalid_method', 'invalid_param', 'invalid_pin', 'invalid_request', 'invalid_scope'],
    ...['not_found', 'otp_cancelled', 'otp_expired', 'otp_failed', 'otp_verified', 'rate_limit', 'server_error'],
    'unsupported_grant_type',
  ];
  const said = [...Object.values(rows), ...Object.values(tokenRows)].map(([, type]) => type);
  expect([...new Set<string>(said)].sort()).toEqual(known);
});
