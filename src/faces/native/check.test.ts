import { afterAll, beforeAll, expect, test } from 'vitest';
import { virtualClock } from '../../../testing/clock.ts';
import { aNumber, wrongFor } from '../../../testing/numbers.ts';
import { openServer, type TestServer } from '../../../testing/server.ts';

const clock = virtualClock();
let server: TestServer;
beforeAll(async () => {
  server = await openServer({ clock });
});
afterAll(() => server[Symbol.asyncDispose]());

/** A verification whose code is known, and the two ways to hand one in. */
async function aPending(fields: object = {}) {
  const { alice, outbox } = server;
  const recipient = aNumber();
  const { body } = await alice.create({ recipient, reference: 'login-1', ...fields });
  const code = await outbox.code(body.id);
  return {
    id: body.id,
    recipient,
    code,
    wrong: wrongFor(code),
    'by id': (typed: string) => alice.check(body.id, typed),
    'by recipient': (typed: string) => alice.checkRecipient({ recipient, code: typed }),
  };
}

const ways = ['by id', 'by recipient'] as const;

test.each(ways)('verifies the right code %s, once, and says of what', async (way) => {
  const { id, recipient, code, [way]: check } = await aPending();
  const { status, body } = await check(code);
  expect(status).toBe(200);
  expect(body).toMatchObject({ result: 'verified', attemptsLeft: 0 });
  const endedAt = new Date(clock.wallMs()).toISOString();
  expect(body.verification).toMatchObject({
    id,
    recipient,
    status: 'verified',
    channel: 'sms',
    service: 'default',
    reference: 'login-1',
    endedAt,
  });
  expect((await check(code)).body).toMatchObject({ result: 'already_verified', attemptsLeft: 0 });
});

test.each(ways)('answers a wrong code %s with the attempts that are left, down to none', async (way) => {
  const { code, wrong, [way]: check } = await aPending({ maxAttempts: 3 });
  for (const attemptsLeft of [2, 1]) {
    const { status, body } = await check(wrong);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      result: 'wrong_code',
      attemptsLeft,
      verification: { status: 'pending', attemptsLeft },
    });
  }
  expect((await check(wrong)).body).toMatchObject({
    result: 'wrong_code',
    attemptsLeft: 0,
    verification: { status: 'failed' },
  });
  expect((await check(code)).body).toMatchObject({ result: 'exhausted', attemptsLeft: 0 });
});

test.each(ways)('verifies %s in the last millisecond of a code, and not in the next', async (way) => {
  const [inTime, late] = [await aPending(), await aPending()];
  clock.advance(299_999);
  expect((await inTime[way](inTime.code)).body.result).toBe('verified');
  clock.advance(1);
  const { body } = await late[way](late.code);
  expect(body).toMatchObject({ result: 'expired', attemptsLeft: 0, verification: { status: 'expired' } });
});

test.each(ways)('answers a code %s with cancelled once the verification was cancelled', async (way) => {
  const { id, code, [way]: check } = await aPending();
  await server.alice.cancel(id);
  expect((await check(code)).body).toMatchObject({ result: 'cancelled', attemptsLeft: 0 });
});

test.each(ways)('reads a code %s as people type it', async (way) => {
  const digits = await aPending();
  expect((await digits[way](` ${digits.code.slice(0, 3)}-${digits.code.slice(3)} `)).body.result).toBe('verified');
  const letters = await aPending({ codeAlphabet: 'letters' });
  expect((await letters[way](letters.code.toLowerCase())).body.result).toBe('verified');
});

test('looks a recipient up in every spelling', async () => {
  const { recipient, code } = await aPending();
  const national = `0${recipient.slice(3)}`;
  const { body } = await server.alice.checkRecipient({ recipient: national, country: 'FR', code });
  expect(body.result).toBe('verified');
});

test('means the newest verification of a recipient', async () => {
  const { alice, outbox } = server;
  const old = await aPending();
  const { body } = await alice.create({ recipient: old.recipient, reference: 'login-2' });
  const code = await outbox.code(body.id);
  expect((await alice.checkRecipient({ recipient: old.recipient, code })).body.verification.id).toBe(body.id);
});

test('knows no verification of another recipient, service or reference', async () => {
  const { recipient, code } = await aPending();
  const strangers = [
    { recipient: aNumber() },
    { recipient, service: 'other' },
    { recipient, service: 'constructor' },
    { recipient, reference: 'login-2' },
  ];
  for (const stranger of strangers) {
    const reply = await server.alice.checkRecipient({ code, ...stranger });
    expect(reply.status).toBe(404);
    expect(reply.body).toMatchObject({ code: 'not_found' });
  }
  expect((await server.alice.checkRecipient({ recipient, reference: 'login-1', code })).body.result).toBe('verified');
});

test('lets the code of one login flow open no other one', async () => {
  const { alice, outbox } = server;
  const mine = await aPending();
  const asked = { recipient: mine.recipient, reference: 'login-2' };
  expect((await alice.checkRecipient({ ...asked, code: mine.code })).status).toBe(404);

  const { body: other } = await alice.create({ ...asked, code: wrongFor(mine.code) });
  expect((await alice.check(other.id, mine.code)).body.result).toBe('wrong_code');
  expect((await alice.checkRecipient({ ...asked, code: mine.code })).body.result).toBe('wrong_code');
  expect((await alice.check(mine.id, mine.code)).body.result).toBe('cancelled');
  expect((await alice.check(mine.id, await outbox.code(other.id))).body.result).toBe('cancelled');
});

test('lets no login flow inherit the success of another', async () => {
  const { alice } = server;
  const mine = await aPending();
  await alice.check(mine.id, mine.code);
  const asked = { recipient: mine.recipient, reference: 'login-2' };
  expect((await alice.checkRecipient({ ...asked, code: mine.code })).status).toBe(404);
  const { status, body } = await alice.create({ ...asked, code: wrongFor(mine.code) });
  expect(status).toBe(201);
  expect(body).toMatchObject({ status: 'pending', resumed: false });
  expect((await alice.checkRecipient({ ...asked, code: mine.code })).body.result).toBe('wrong_code');
});

test('looks at no code of a recipient after ten wrong ones, for the stated time', async () => {
  const { alice, outbox } = server;
  const first = await aPending({ maxAttempts: 10 });
  for (let left = 9; left >= 0; left--) expect((await first['by id'](first.wrong)).body.attemptsLeft).toBe(left);
  const { body } = await alice.create({ recipient: first.recipient, reference: 'login-2' });
  const code = await outbox.code(body.id);

  const refusals = [() => alice.check(body.id, code), () => alice.checkRecipient({ recipient: first.recipient, code })];
  for (const [wait, seconds] of [
    [0, '30'],
    [29_000, '1'],
  ] as const) {
    clock.advance(wait);
    for (const refused of refusals) {
      const reply = await refused();
      expect(reply.status).toBe(429);
      expect(reply.body).toMatchObject({ code: 'recipient_locked' });
      expect(reply.headers.get('retry-after')).toBe(seconds);
    }
  }
  expect((await alice.get(body.id)).body.attemptsLeft).toBe(5);
  clock.advance(1000);
  expect((await alice.check(body.id, code)).body.result).toBe('verified');
});

test('locks no other recipient', async () => {
  const first = await aPending({ maxAttempts: 10 });
  for (let i = 0; i < 10; i++) await first['by id'](first.wrong);
  expect((await first['by id'](first.code)).status).toBe(429);
  const other = await aPending();
  expect((await other['by id'](other.code)).body.result).toBe('verified');
});

/* What is not a code at all, as JSON text. */
const mebibyte = 1024 * 1024;
const noCodes: [sentence: string, json: string, status?: number][] = [
  ['null', 'null'],
  ['true', 'true'],
  ['a number', '123456'],
  ['a number in exponent form', '1e5'],
  ['an empty list', '[]'],
  ['a list of one code', '["123456"]'],
  ['an object', '{}'],
  ['an object that looks like a text', '{"length":6,"0":"1"}'],
  ['a nest', '[[[["123456"]]]]'],
  ['a deep nest', `${'['.repeat(5000)}${']'.repeat(5000)}`],
  ['an empty text', '""'],
  ['spaces', '"      "'],
  ['three digits', '"123"'],
  ['eleven digits', '"12345678901"'],
  ['full-width digits', '"１２３４５６"'],
  ['Arabic digits', '"١٢٣٤٥٦"'],
  ['a line end behind it', '"123456\\n"'],
  ['a tab inside', '"123\\t456"'],
  ['a NUL', '"\\u0000"'],
  ['a NUL behind it', '"123456\\u0000"'],
  ['a lone surrogate', '"\\ud800"'],
  ['a sign', '"+123456"'],
  ['a decimal point', '"1234.56"'],
  ['a wildcard', '"%%%%%%"'],
  ['a letter that becomes two in upper case', '"ßßßß"'],
  ['a letter that becomes an ASCII one in upper case', '"ıııı"'],
  ['an invisible character', '"123\\u200b456"'],
  ['a no-break space', '"123\\u00a0456"'],
  ['a KiB', `"${'1'.repeat(1024)}"`],
  ['a MiB', `"${'1'.repeat(mebibyte)}"`, 413],
  ['a MiB of spaces around a code', `"${' '.repeat(mebibyte)}123456"`, 413],
];

test.each(noCodes)('refuses %s as a code, and charges nothing', async (_, json, status = 400) => {
  const { alice, log } = server;
  const { id, recipient } = await pendingForAll;
  const before = await server.rows();
  const replies = [
    await alice.request('POST', `/v1/verifications/${id}/checks`, { raw: `{"code":${json}}` }),
    await alice.request('POST', '/v1/checks', { raw: `{"recipient":"${recipient}","code":${json}}` }),
  ];
  expect(replies.map((reply) => reply.status)).toEqual([status, status]);
  expect(await server.rows()).toEqual(before);
  expect(log).toEqual([]);
});

test('refuses a check without a code', async () => {
  const { id, recipient } = await aPending();
  const replies = [await server.alice.check(id, undefined), await server.alice.checkRecipient({ recipient })];
  for (const { status, body } of replies) {
    expect(status).toBe(400);
    expect(body).toMatchObject({ field: 'code' });
  }
});

test('refuses a recipient that is none', async () => {
  for (const recipient of ['nobody', '0612345678', ['+33612345678'], null]) {
    const { status, body } = await server.alice.checkRecipient({ recipient, code: '123456' });
    expect(status).toBe(400);
    expect(body).toMatchObject({ field: 'recipient' });
  }
});

let pendingForAll: ReturnType<typeof aPending>;
beforeAll(() => {
  pendingForAll = aPending();
});
