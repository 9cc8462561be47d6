import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Asked, type Ding, openDing } from '../../../testing/ding.ts';
import { aNumber } from '../../../testing/numbers.ts';
import { codes } from './errors.ts';

/* What goes wrong around the API is said in its own form too. */

let ding: Ding;
beforeAll(async () => {
  ding = await openDing();
});
afterAll(() => ding[Symbol.asyncDispose]());

const everywhere: [method: string, path: string][] = [
  ['POST', '/authentication'],
  ['POST', '/check'],
  ['POST', '/retry'],
  ['POST', '/authentication/feedback'],
  ['POST', '/lookup'],
  ['GET', '/authentication/0b7e0a3c-98a1-4f0e-8f5e-2d6c1f7a4b21'],
  ['GET', '/lookup/+33612345678'],
];

const keys: [what: string, headers: (good: string) => Record<string, string>][] = [
  ['none', () => ({ 'x-api-key': '' })],
  ['another', () => ({ 'x-api-key': 'k_live_1' })],
  ['one in another header', (good) => ({ 'x-api-key': '', authorization: `Bearer ${good}` })],
  ['one with a prefix', (good) => ({ 'x-api-key': `Bearer ${good}` })],
  ['one with another secret', (good) => ({ 'x-api-key': good.replace(/.{9}$/, '000000000') })],
];

test.each(keys)(
  'an API key that is %s is 403 with the body that clients look for, before anything else',
  async (_, headers) => {
    for (const [method, path] of everywhere) {
      const asked = { method, headers: headers(ding.key), ...(method === 'POST' ? { text: '{' } : {}) };
      const { status, text } = await ding.ask(path, asked);
      expect([method, path, status, text]).toEqual([method, path, 403, '{"message":"Forbidden"}']);
    }
  },
);

test('the name of the header may be written as anybody likes', async () => {
  const response = await fetch(`${ding.url}/lookup/+33612345678`, {
    headers: { 'X-API-KEY': ding.key, 'Customer-UUID': ding.customer.toUpperCase(), cookie: '' },
  });
  expect(response.status).toBe(200);
});

const aForm = { 'content-type': 'application/x-www-form-urlencoded' };
const wrong: [what: string, path: string, asked: Asked, status: number][] = [
  ['an empty body of JSON', '/authentication', { method: 'POST', text: '' }, 400],
  ['no body at all', '/check', { method: 'POST' }, 400],
  ['no body, of an empty type as Go says', '/check', { method: 'POST', headers: { 'content-type': '' } }, 400],
  ['no body, of the type of a form as axios says', '/lookup', { method: 'POST', text: '', headers: aForm }, 400],
  ['broken JSON', '/retry', { method: 'POST', text: '{"customer_uuid":' }, 400],
  ['an array', '/authentication', { method: 'POST', text: '[]' }, 400],
  ['a text', '/authentication', { method: 'POST', text: '"x"' }, 400],
  ['null', '/authentication', { method: 'POST', text: 'null' }, 400],
  ['a key twice', '/check', { method: 'POST', text: '{"check_code":"1","check_code":"2"}' }, 400],
  ['a key into the prototype', '/check', { method: 'POST', text: '{"__proto__":{}}' }, 400],
  ['a body that is a form', '/check', { method: 'POST', text: 'a=1', headers: aForm }, 400],
  ['a compressed body', '/check', { method: 'POST', text: '{}', headers: { 'content-encoding': 'gzip' } }, 400],
  ['a body too large', '/check', { method: 'POST', text: `"${'x'.repeat(17_000)}"` }, 413],
  ['a path that there is not', '/nothing', {}, 404],
  ['another method', '/check', { method: 'PUT', text: '{}' }, 405],
  ['a URL too long', `/lookup/${'1'.repeat(2100)}`, {}, 414],
];

test.each(wrong)('%s is answered in the form of every error', async (_, path, asked, expected) => {
  const { status, type, body } = await ding.ask(path, asked);
  expect([status, type]).toEqual([expected, 'application/json']);
  expect(body).toEqual({ code: 'bad_request', message: expect.any(String), doc_url: '/ding/v1/errors#bad_request' });
});

test('too many requests are 429 with the time to wait, in the same form', async () => {
  const creates = { name: 'creates', quota: 1, windowSeconds: 60 };
  await using slow = await openDing({ rates: { creates } });
  expect((await slow.send()).status).toBe(200);
  const { status, headers, body } = await slow.send();
  expect([status, headers.get('retry-after'), body.code]).toEqual([429, '60', 'bad_request']);
});

test('too many messages on one day are 429; a customer who may not send is suspended', async () => {
  await using own = await openDing();
  const ceiling = async (dailySendsMax: number) => {
    const by = { name: 'a test' };
    const [done] = await own.server.parts.store.commitBatch([
      { kind: 'change-tenant', tenantId: own.customer, by, changes: { dailySendsMax } },
    ]);
    expect(done?.kind).toBe('done');
  };
  const { id } = await own.pending();
  await ceiling(1);
  const { status, headers, body } = await own.send();
  expect([status, headers.get('retry-after'), body.code]).toEqual([429, '86400', 'bad_request']);
  own.clock.advance(30_000);
  expect((await own.retry(id)).status).toBe(429);
  await ceiling(0);
  const phone_number = aNumber();
  expect((await own.send({ phone_number })).body.code).toBe('suspended_account');
  expect((await own.retry(id)).body.code).toBe('suspended_account');
});

test('the page that errors lead to knows every one of them, and needs no key', async () => {
  const response = await fetch(`${ding.url}/errors`);
  const page = await response.text();
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
  for (const code of Object.keys(codes)) expect(page).toContain(`<tr id="${code}">`);
  expect(Object.keys(codes)).toHaveLength(23);
});

test('no route of it is in the document of the native API', () => {
  expect(Object.keys(ding.server.document.paths).filter((path) => path.includes('ding'))).toEqual([]);
});

test.each([
  ['verifications:check', '/check', 400],
  ['verifications:send', '/check', 403],
  ['verifications:send', '/authentication', 400],
  ['verifications:read', '/authentication', 403],
] as const)('a key that holds %s alone, at %s', async (scope, path, expected) => {
  const made = await ding.server.alice.request<{ key: string }>('POST', '/v1/api-keys', {
    body: { name: 'x', scopes: [scope] },
  });
  const headers = { 'x-api-key': made.body.key };
  expect((await ding.ask(path, { method: 'POST', headers, text: '{}' })).status).toBe(expected);
});
