import { afterAll, beforeAll, expect, test } from 'vitest';
import { startMs, virtualClock } from '../../../testing/clock.ts';
import { type Ding, type Json, openDing, type Told } from '../../../testing/ding.ts';
import { aNumber, wrongFor } from '../../../testing/numbers.ts';

/*
 * How the vendor's libraries read what they get, generation by generation: what each of them refuses is refused here,
 * and one conversation is held in the way of each.
 */

const clock = virtualClock();
let ding: Ding;
beforeAll(async () => {
  ding = await openDing({ clock });
});
afterAll(() => ding[Symbol.asyncDispose]());

type Kind = 'send' | 'check' | 'retry' | 'status' | 'lookup' | 'feedback' | 'error';

/** Every field of an answer, and the closed set of its `status` or `code`. */
const shapes: Readonly<Record<Kind, { readonly fields: readonly string[]; readonly words?: readonly string[] }>> = {
  send: {
    fields: ['authentication_uuid', 'status', 'created_at', 'expires_at'],
    words: ['pending', 'rate_limited', 'spam_detected'],
  },
  check: {
    fields: ['authentication_uuid', 'status'],
    words: ['valid', 'invalid', 'without_attempt', 'rate_limited', 'already_validated', 'expired_auth'],
  },
  retry: {
    fields: ['authentication_uuid', 'status', 'created_at', 'next_retry_at', 'remaining_retry'],
    words: ['approved', 'denied', 'no_attempt', 'rate_limited', 'expired_auth', 'already_validated'],
  },
  status: { fields: ['uuid', 'phone_number', 'created_at', 'signals', 'events'] },
  lookup: { fields: ['phone_number', 'country_code', 'line_type'] },
  feedback: { fields: ['uuid'] },
  error: { fields: ['code', 'message', 'doc_url'] },
};

type Reader = (kind: Kind, told: Told) => void;

const success: Reader = (kind, { status, type }) => {
  expect([kind, status]).toEqual([kind, kind === 'error' ? 400 : 200]);
  expect(type).toMatch(/^application\/json(?:;|$)/);
};

/** Refuses unknown keys and missing ones. */
const closed: Reader = (kind, { body }) => expect(Object.keys(body)).toEqual(shapes[kind].fields);

/** Refuses null anywhere, a word that it does not know, and a date without zone. */
const strict: Reader = (kind, { text, body }) => {
  expect(text).not.toContain('null');
  const { words } = shapes[kind];
  if (words !== undefined) expect(words).toContain(body.status);
  for (const [name, value] of Object.entries(body)) {
    if (name.endsWith('_at')) expect(value).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  }
};

/** The first kind whose fields cover those of an event is taken for it; with none the whole answer is refused. */
const goEvents = [
  ['balance_update', ['type', 'created_at', 'amount', 'balance_update_type']],
  ['check', ['type', 'id', 'code', 'status', 'created_at']],
  ['delivery_status', ['type', 'status', 'attempt_id', 'attempt_number', 'originated_at', 'created_at']],
  ['attempt', ['type', 'id', 'content', 'sender_id', 'capability', 'attempt_number', 'status', 'created_at']],
] as const;
const events: Reader = (kind, { body }) => {
  if (kind !== 'status') return;
  for (const event of body.events as Json[]) {
    const covers = ([, fields]: readonly [string, readonly string[]]) =>
      Object.keys(event).every((name) => fields.includes(name));
    expect(goEvents.find(covers)?.[0]).toBe(event.type);
  }
};

interface Dialect {
  readonly reads: readonly Reader[];
  readonly headers: Readonly<Record<string, string>>;
  /** Joined to the base URL. */
  readonly path: (path: string) => string;
  readonly looksUp: (number: string) => readonly [path: string, method: string, text?: string];
}

const userAgent = (rest: string) => ({ 'user-agent': `speakeasy-sdk/${rest}`, accept: 'application/json' });
const encoded = (number: string) => [`/lookup/${encodeURIComponent(number)}`, 'GET'] as const;
const dialects: Readonly<Record<string, Dialect>> = {
  'the hand-written clients of 2023': {
    reads: [success, closed, strict],
    headers: { 'user-agent': 'axios/1.3.5' },
    path: (path) => path,
    looksUp: encoded,
  },
  'TypeScript of the first week': {
    reads: [success, closed],
    headers: userAgent('typescript 0.1.0'),
    path: (path) => path,
    looksUp: (number) => ['/lookup', 'POST', JSON.stringify({ phone_number: number })],
  },
  'TypeScript up to 0.4': {
    reads: [success, closed],
    headers: userAgent('typescript 0.4.18'),
    path: (path) => path,
    looksUp: encoded,
  },
  'TypeScript from 0.5 on': {
    reads: [success, closed, strict],
    headers: { ...userAgent('typescript 0.22.40'), cookie: '' },
    path: (path) => path,
    looksUp: (number) => [`${encoded(number)[0]}?type=cnam`, 'GET'],
  },
  'Python, with a base URL that ends in a slash': {
    reads: [success, closed, strict],
    headers: userAgent('python 3.9.0'),
    path: (path) => `/${path}`,
    looksUp: (number) => [`/lookup/${number}`, 'GET'],
  },
  'Go and the others that are generated': {
    reads: [success, closed, strict, events],
    headers: userAgent('go 0.13.0'),
    path: (path) => path,
    looksUp: encoded,
  },
};

test.each(Object.entries(dialects))('%s hold a whole conversation', async (_, { reads, headers, path, looksUp }) => {
  const read = (kind: Kind, told: Told): Json => {
    for (const reader of reads) reader(kind, told);
    return told.body;
  };
  const call = async (kind: Kind, at: string, fields?: object) => {
    const asked = fields === undefined ? {} : { method: 'POST', text: JSON.stringify(fields) };
    return read(kind, await ding.ask(path(at), { headers, ...asked }));
  };
  const customer_uuid = ding.customer;
  const phone_number = aNumber();
  const sent = await call('send', '/authentication', { customer_uuid, phone_number });
  const { authentication_uuid } = sent;
  expect(await call('send', '/authentication', { customer_uuid, phone_number })).toMatchObject({
    status: 'rate_limited',
  });
  const code = await ding.code(authentication_uuid);
  const check = (check_code: string) => call('check', '/check', { customer_uuid, authentication_uuid, check_code });
  expect((await check(wrongFor(code))).status).toBe('invalid');
  expect(await call('retry', '/retry', { customer_uuid, authentication_uuid })).toMatchObject({ status: 'denied' });
  clock.advance(30_000);
  expect(await call('retry', '/retry', { customer_uuid, authentication_uuid })).toMatchObject({ status: 'approved' });
  expect((await check(await ding.code(authentication_uuid, 2))).status).toBe('valid');
  expect((await check(code)).status).toBe('already_validated');
  await call('status', `/authentication/${authentication_uuid}`);
  await call('feedback', '/authentication/feedback', { customer_uuid, phone_number, status: 'onboarded' });
  await call('error', '/authentication/feedback', { customer_uuid, phone_number, status: 'onboarded' });
  await call('error', '/check', {});
  await call('error', '/authentication/x');

  const [at, method, text] = looksUp(phone_number);
  const asked = {
    method,
    headers: { ...headers, 'customer-uuid': customer_uuid },
    ...(text === undefined ? {} : { text }),
  };
  read('lookup', await ding.ask(path(at), asked));
});

test('answers have the very text of the reference, but for ids and times', async () => {
  await using own = await openDing();
  const iso = (ms: number) => new Date(startMs + ms).toISOString();
  const sent = await own.send({ phone_number: '+33612345678', correlation_id: 'order-17' });
  const id = String(sent.body.authentication_uuid);
  expect(sent.text).toBe(
    `{"authentication_uuid":"${id}","status":"pending","created_at":"${iso(0)}","expires_at":"${iso(300_000)}"}`,
  );
  own.clock.advance(30_000);
  expect((await own.retry(id)).text).toBe(
    `{"authentication_uuid":"${id}","status":"approved","created_at":"${iso(0)}","next_retry_at":"${iso(90_000)}","remaining_retry":2}`,
  );
  expect((await own.check(id, await own.code(id, 2))).text).toBe(`{"authentication_uuid":"${id}","status":"valid"}`);
  expect((await own.send({ phone_number: '+0' })).text).toBe(
    '{"code":"invalid_phone_number","message":"The phone number is not a possible number in E.164 form, such as ' +
      '+33612345678.","doc_url":"/ding/v1/errors#invalid_phone_number"}',
  );
});
