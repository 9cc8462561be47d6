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

const inSeconds = (seconds: number) => new Date(clock.wallMs() + seconds * 1000).toISOString();
const uuidv7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test('needs a recipient and nothing else, and says what it decided about the rest', async () => {
  const { alice, outbox } = server;
  const recipient = aNumber();
  const reply = await alice.create({ recipient });
  expect(reply.status).toBe(201);
  expect(reply.body).toEqual({
    id: expect.stringMatching(uuidv7),
    status: 'pending',
    recipient,
    country: 'FR',
    channel: 'sms',
    service: 'default',
    reference: null,
    locale: null,
    metadata: null,
    createdAt: inSeconds(0),
    expiresAt: inSeconds(300),
    endedAt: null,
    refusal: null,
    test: false,
    attemptsLeft: 5,
    sendsLeft: 4,
    nextSendAt: inSeconds(30),
    resumed: false,
    sent: true,
  });
  expect(reply.headers.get('location')).toBe(`/v1/verifications/${reply.body.id}`);
  expect(reply.headers.get('content-type')).toMatch(/^application\/json/);

  const { text, ...message } = await outbox.message(reply.body.id);
  expect(message).toEqual({
    channel: 'sms',
    recipient,
    sender: 'Countersign',
    brand: 'Countersign',
    code: text.slice(0, 6),
    expiresAtMs: Date.parse(reply.body.expiresAt),
    reference: `${reply.body.id}-1`,
  });
  expect(text).toMatch(/^[0-9]{6} is your Countersign verification code\. It expires in 5 minutes\./);
});

test('gives back what the caller said, and does as it said', async () => {
  const { alice, outbox } = server;
  const said = { locale: 'fr-CA', reference: 'login 42', metadata: { cart: ['a', 1], vip: true } };
  const { status, body } = await alice.create({
    ...said,
    recipient: aNumber(),
    channel: 'voice',
    service: 'default',
    codeLength: 8,
    codeAlphabet: 'letters',
    ttlSeconds: 120,
    maxAttempts: 3,
    sender: 'Acme 24',
    template: '{{code}} opens {{brand}} for {{minutes}} min',
    signals: { ip: '198.51.100.7', userAgent: 'Mozilla/5.0', devicePlatform: 'web' },
  });
  expect(status).toBe(201);
  expect(body).toMatchObject({ ...said, channel: 'voice', attemptsLeft: 3, expiresAt: inSeconds(120) });
  const { text, sender } = await outbox.message(body.id);
  expect(text).toMatch(/^[A-HJ-NP-Z]{8} opens Countersign for 2 min$/);
  expect(sender).toBe('Acme 24');
});

const spellings: [sentence: string, said: object, is: object][] = [
  ['a national number with its country', { recipient: '06 98 76 54 01', country: 'FR' }, { recipient: '+33698765401' }],
  ['an international number as people write it', { recipient: '+49 (1512) 345-6789' }, { recipient: '+4915123456789' }],
  [
    'a number whose own code contradicts the country',
    { recipient: '+4915123456780', country: 'FR' },
    { country: 'DE' },
  ],
];

test.each(spellings)('reads %s', async (_, said, is) => {
  const { status, body } = await server.alice.create({ ...said });
  expect(status).toBe(201);
  expect(body).toMatchObject(is);
});

test('sends an e-mail to an address, in its canonical form', async () => {
  const { status, body } = await server.alice.create({ recipient: 'Ada.Lovelace@BÜCHER.example' });
  expect(status).toBe(201);
  expect(body).toMatchObject({ recipient: 'ada.lovelace@xn--bcher-kva.example', country: null, channel: 'email' });
  expect((await server.outbox.message(body.id)).channel).toBe('email');
});

test("sends the caller's own code, which then verifies", async () => {
  const { alice, outbox } = server;
  const { status, body } = await alice.create({ recipient: aNumber(), code: 'K7mq2x' });
  expect(status).toBe(201);
  expect(await outbox.code(body.id)).toBe('K7MQ2X');
  expect((await alice.check(body.id, wrongFor('K7MQ2X'))).body.result).toBe('wrong_code');
  expect((await alice.check(body.id, 'K7MQ2X')).body.result).toBe('verified');
});

test.each([
  ['with the same reference', { reference: 'login-1' }],
  ['without a reference, as before', {}],
])('resumes a pending verification %s, and sends again only once the gap is over', async (_, reference) => {
  const { alice, outbox } = server;
  const said = { recipient: aNumber(), ...reference };
  const { body: first } = await alice.create(said);

  const again = await alice.create({ ...said, maxAttempts: 1, ttlSeconds: 60 });
  expect(again.status).toBe(200);
  expect(again.body).toEqual({ ...first, resumed: true, sent: false });
  expect(again.headers.get('location')).toBe(`/v1/verifications/${first.id}`);

  clock.advance(30_000);
  const later = await alice.create(said);
  expect(later.status).toBe(200);
  expect(later.body).toMatchObject({
    id: first.id,
    resumed: true,
    sent: true,
    sendsLeft: 3,
    nextSendAt: inSeconds(60),
  });
  expect(later.body.expiresAt).toBe(first.expiresAt);
  expect(await outbox.code(first.id, 2)).toBe(await outbox.code(first.id));
});

test('resumes without sending and without an error when the recipient has had enough messages', async () => {
  const { alice } = server;
  const recipient = aNumber();
  for (const reference of ['a', 'b', 'c', 'd', 'e']) await alice.create({ recipient, reference });
  clock.advance(31_000);
  const { status, body } = await alice.create({ recipient, reference: 'e' });
  expect(status).toBe(200);
  expect(body).toMatchObject({ resumed: true, sent: false, nextSendAt: inSeconds(600 - 31) });
});

test('replaces a pending verification of another reference, and carries the used attempts over', async () => {
  const { alice, outbox } = server;
  const recipient = aNumber();
  const { body: old } = await alice.create({ recipient, reference: 'one' });
  const wrong = wrongFor(await outbox.code(old.id));
  for (const attemptsLeft of [4, 3]) expect((await alice.check(old.id, wrong)).body.attemptsLeft).toBe(attemptsLeft);

  const { status, body } = await alice.create({ recipient, reference: 'two' });
  expect(status).toBe(201);
  expect(body).toMatchObject({ reference: 'two', status: 'pending', attemptsLeft: 3, resumed: false, sent: true });
  expect(body.id).not.toBe(old.id);
  const events = async (id: string) => (await alice.get(id)).body.timeline.map(({ event }) => event);
  expect((await alice.get(old.id)).body.status).toBe('cancelled');
  expect(await events(old.id)).toEqual(['created', 'wrong_code', 'wrong_code', 'cancelled', 'replaced']);
  expect(await events(body.id)).toEqual(['created', 'carried_over']);
});

test('leaves a replacement one attempt, however many were used', async () => {
  const { alice, outbox } = server;
  const recipient = aNumber();
  const { body: old } = await alice.create({ recipient, reference: 'one' });
  const wrong = wrongFor(await outbox.code(old.id));
  for (let i = 0; i < 4; i++) await alice.check(old.id, wrong);
  expect((await alice.create({ recipient, reference: 'two', maxAttempts: 3 })).body.attemptsLeft).toBe(1);
});

test('begins anew once the earlier verification has ended', async () => {
  const { alice, outbox } = server;
  const recipient = aNumber();
  const { body: old } = await alice.create({ recipient });
  await alice.check(old.id, wrongFor(await outbox.code(old.id)));
  await alice.cancel(old.id);
  const { status, body } = await alice.create({ recipient });
  expect(status).toBe(201);
  expect(body).toMatchObject({ attemptsLeft: 5, resumed: false });
  expect(body.id).not.toBe(old.id);
});

const good = '+33698765499';
const long = (length: number) => 'x'.repeat(length);
const refused: [field: string, fields: object][] = [
  ['recipient', {}],
  ['recipient', { recipient: null }],
  ['recipient', { recipient: 33_612_345_678 }],
  ['recipient', { recipient: [good] }],
  ['recipient', { recipient: { value: good } }],
  ['recipient', { recipient: '' }],
  ['recipient', { recipient: '0698765499' }],
  ['recipient', { recipient: '+33600' }],
  ['recipient', { recipient: '+999123456789' }],
  ['recipient', { recipient: '+33698765499;+33698765498' }],
  ['recipient', { recipient: '+33698765499\n' }],
  ['recipient', { recipient: '+٣٣٦٩٨٧٦٥٤٩٩' }],
  ['recipient', { recipient: 'ada@localhost' }],
  ['recipient', { recipient: 'ada@example.com,eve@example.com' }],
  ['recipient', { recipient: 'ada@example.com\r\nbcc: eve@example.com' }],
  ['recipient', { recipient: `${long(65)}@example.com` }],
  ['recipient', { recipient: `+33${long(260)}` }],
  ['country', { recipient: good, country: 'fr' }],
  ['country', { recipient: good, country: 'ZZ' }],
  ['country', { recipient: good, country: 33 }],
  ['channel', { recipient: good, channel: 'pigeon' }],
  ['channel', { recipient: good, channel: 'email' }],
  ['channel', { recipient: 'ada@example.com', channel: 'sms' }],
  ['service', { recipient: good, service: 'unheard-of' }],
  ['service', { recipient: good, service: 'Not A Name' }],
  ['locale', { recipient: good, locale: 'french' }],
  ['locale', { recipient: good, locale: 'fr_FR' }],
  ['codeLength', { recipient: good, codeLength: 3 }],
  ['codeLength', { recipient: good, codeLength: 11 }],
  ['codeLength', { recipient: good, codeLength: 6.5 }],
  ['codeLength', { recipient: good, codeLength: '6' }],
  ['codeAlphabet', { recipient: good, codeAlphabet: 'emoji' }],
  ['ttlSeconds', { recipient: good, ttlSeconds: 59 }],
  ['ttlSeconds', { recipient: good, ttlSeconds: 1801 }],
  ['maxAttempts', { recipient: good, maxAttempts: 0 }],
  ['maxAttempts', { recipient: good, maxAttempts: 11 }],
  ['reference', { recipient: good, reference: '' }],
  ['reference', { recipient: good, reference: long(256) }],
  ['reference', { recipient: good, reference: 'a\u0000b' }],
  ['metadata', { recipient: good, metadata: 'text' }],
  ['metadata', { recipient: good, metadata: ['list'] }],
  ['sender', { recipient: good, sender: 'much too long a name' }],
  ['sender', { recipient: good, sender: 'Ac\nme' }],
  ['template', { recipient: good, template: 'no place for it' }],
  ['template', { recipient: good, template: '{{code}} {{unheard}}' }],
  ['template', { recipient: good, template: '{{code}} at https://evil.example' }],
  ['template', { recipient: good, template: `{{code}} ${long(320)}` }],
  ['signals', { recipient: good, signals: '198.51.100.7' }],
  ['signals/ip', { recipient: good, signals: { ip: 'not an address' } }],
  ['signals/ip', { recipient: good, signals: { ip: '198.51.100.7, 10.0.0.1' } }],
  ['signals/devicePlatform', { recipient: good, signals: { devicePlatform: 'toaster' } }],
  ['signals/deviceId', { recipient: good, signals: { deviceId: long(129) } }],
  ['signals/extra', { recipient: good, signals: { extra: 1 } }],
  ['code', { recipient: good, code: '123' }],
  ['code', { recipient: good, code: '12345678901' }],
  ['code', { recipient: good, code: '12 34 56' }],
  ['code', { recipient: good, code: 123_456 }],
  ['colour', { recipient: good, colour: 'red' }],
];

test.each(refused)('refuses a bad %s, by its name (row %#)', async (field, fields) => {
  await expectRefused({ ...fields }, field);
});

/* Codes that could be guessed, which only a service marked for them may use. */
const weak: [sentence: string, field: string, fields: object][] = [
  ['five digits', 'codeLength', { codeLength: 5 }],
  ['four letters', 'codeLength', { codeLength: 4, codeAlphabet: 'letters' }],
  ['more than ten minutes', 'ttlSeconds', { ttlSeconds: 601 }],
  ['a supplied code of four digits', 'code', { code: '1234' }],
  ['a supplied code of five digits', 'code', { code: '12345' }],
];

test.each(weak)('refuses a weak code: %s', async (_, field, fields) => {
  await expectRefused({ recipient: good, ...fields }, field);
});

async function expectRefused(fields: Readonly<Record<string, unknown>>, field: string) {
  const { alice, outbox } = server;
  const before = await server.rows();
  const sent = outbox.messages.length;
  const reply = await alice.create(fields);
  expect(reply.status).toBe(400);
  expect(reply.body).toMatchObject({ code: 'invalid_request', field, detail: expect.stringContaining(`\`${field}\``) });
  expect(await server.rows()).toEqual(before);
  expect(outbox.messages).toHaveLength(sent);
}

test.each([
  ['in characters of one byte', 'x'],
  ['in characters of two bytes', 'é'],
])('keeps metadata of 1 KiB and refuses one byte more, %s', async (_, filling) => {
  const { alice } = server;
  const metadata = { note: filling.repeat((1024 - '{"note":""}'.length - 1) / Buffer.byteLength(filling)) };
  const bytes = Buffer.byteLength(JSON.stringify(metadata));
  const exact = { note: metadata.note + 'x'.repeat(1024 - bytes) };
  const { status, body } = await alice.create({ recipient: aNumber(), metadata: exact });
  expect(status).toBe(201);
  expect(body.metadata).toEqual(exact);
  await expectRefused({ recipient: aNumber(), metadata: { note: `${exact.note}x` } }, 'metadata');
});

test.each([
  ['no body', {}],
  ['no JSON', { raw: '{"recipient":' }],
  ['a list', { raw: '[]' }],
  ['a text', { raw: '"+33698765499"' }],
  ['a field twice', { raw: `{"recipient":"${good}","recipient":"${good}"}` }],
  ['a way into prototypes', { raw: `{"recipient":"${good}","__proto__":{"status":"verified"}}` }],
])('refuses %s', async (_, sent) => {
  const { alice } = server;
  const before = await server.rows();
  const reply = await alice.request('POST', '/v1/verifications', { ...sent });
  expect(reply.status).toBe(400);
  expect(await server.rows()).toEqual(before);
});

test('refuses a body over 16 KiB', async () => {
  const reply = await server.alice.create({ recipient: good, reference: long(20_000) });
  expect(reply.status).toBe(413);
  expect(reply.body).toMatchObject({ code: 'body_too_large' });
});
