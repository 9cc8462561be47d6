import { afterAll, beforeAll, expect, test } from 'vitest';
import { openServer, type TestServer } from '../../../testing/server.ts';
import { errorOf, freshMobile, type SmsworksClient, smsworksOf } from '../../../testing/smsworks.ts';
import { defaultLimits } from '../../domain/limits.ts';

let server: TestServer;
let client: SmsworksClient;
beforeAll(async () => {
  server = await openServer({ limits: { ...defaultLimits, recipientSends: [{ count: 100, seconds: 600 }] } });
  client = await smsworksOf(server);
});
afterAll(() => server[Symbol.asyncDispose]());

test('a send is 201 with five fields and no other, none of them null', async () => {
  const fields = { sender: 'Acme', length: 6, template: 'Acme code {{passcode}}', validity: 300 };
  const { status, body, headers } = await client.send({ ...fields, metadata: { order: 'A-17' } });
  expect(status).toBe(201);
  expect(body).toEqual({
    messageid: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
    status: 'SENT',
    credits: 1_000_000,
    creditsUsed: 1,
    messageparts: 1,
  });
  expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
  expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
});

test('the destination is all that is needed', async () => {
  const destination = freshMobile();
  const { id, passcode } = await client.sent({ destination });
  expect(passcode).toMatch(/^[1-9][0-9]{5}$/);
  const message = await server.outbox.message(id);
  expect(message).toMatchObject({ recipient: `+${destination}`, sender: 'Countersign', channel: 'sms' });
  expect(message.text).toContain(passcode);
  const { body } = await client.get(id);
  expect(body).toMatchObject({ validity: 300, metadata: {} });
});

const numbers: [written: string | number, digits: string][] = [
  ['447777777777', '447777777777'],
  [447777777777, '447777777777'],
  ['07777777777', '447777777777'],
  ['7777777777', '447777777777'],
  [7777777777, '447777777777'],
  ['+447777777777', '447777777777'],
  ['00447777777777', '447777777777'],
  ['+44 7777 777-777', '447777777777'],
  ['(07777) 777.777', '447777777777'],
  ['[07777]777777', '447777777777'],
  ['00 44 7777 777777', '447777777777'],
  ['33612345678', '33612345678'],
  ['+33 6 12 34 56 78', '33612345678'],
  ['12025550123', '12025550123'],
  ['14155552671', '14155552671'],
  // Of a range that nobody was given.
  ['446000000000', '446000000000'],
];

test.each(numbers)('the destination %j is %s', async (destination, digits) => {
  const { id } = await client.sent({ destination });
  expect((await client.get(id)).body.destination).toBe(digits);
});

const noNumbers = [
  '',
  ' ',
  'Acme',
  '+',
  '++447777777777',
  '447777',
  '4477777777771234',
  '0000447777777777',
  '44777777777x',
  'ada@example.com',
  '٤٤٧٧٧٧٧٧٧٧٧٧',
  '447777777777\n',
  '99912345678',
  -447777777777,
  4477777.5,
  1e21,
  null,
  true,
  ['447777777777'],
  { number: '447777777777' },
];

test.each(noNumbers)('the destination %j is 400', async (destination) => {
  const { status, body } = await client.send({ destination });
  expect([status, body]).toMatchObject([400, errorOf(400)]);
  expect(body.message).toMatch(/^destination /);
});

test('without a destination it is 400', async () => {
  expect((await client.ask('POST', '/otp/send', { sender: 'Acme' })).body.message).toBe('destination is required');
});

const taken: [field: string, value: unknown][] = [
  ['sender', 'A'],
  ['sender', 'Acme1234567'],
  ['sender', '1'],
  ['sender', '123456789012345'],
  ['sender', '+447777777777'],
  ['sender', 447777777777],
  ['sender', null],
  ['length', 4],
  ['length', 10],
  ['length', '8'],
  ['length', null],
  ['length', {}],
  ['length', '{}'],
  ['template', '{{passcode}}'],
  ['template', 'Twice {{passcode}}, {{passcode}}\n{{code}} {{minutes}} https://example.com'],
  ['template', `{{passcode}}${'x'.repeat(1588)}`],
  ['template', null],
  ['validity', 1],
  ['validity', 0.5],
  ['validity', 86_400],
  ['validity', 90.25],
  ['validity', null],
  ['passcode', 'abCD'],
  ['passcode', '12345678901234567890'],
  ['passcode', 12345],
  ['passcode', null],
  ['metadata', {}],
  ['metadata', null],
  ['metadata', []],
  ['metadata', { a: { b: [1, 'ü', null] } }],
  ['unknown', { of: 'any kind' }],
  ['responseemail', ['ada@example.com']],
];

test.each(taken)('%s may be %j', async (field, value) => {
  expect((await client.send({ [field]: value })).status).toBe(201);
});

const refused: [field: string, value: unknown][] = [
  ['sender', ''],
  ['sender', 'Acme12345678'],
  ['sender', '1234567890123456'],
  ['sender', 'Ac me'],
  ['sender', 'Ac-me'],
  ['sender', 'Äcme'],
  ['sender', 1.5],
  ['sender', ['Acme']],
  ['length', 3],
  ['length', 11],
  ['length', 6.5],
  ['length', '06x'],
  ['length', ''],
  ['length', [6]],
  ['length', { digits: 6 }],
  ['length', true],
  ['template', ''],
  ['template', 'no placeholder'],
  ['template', '{{code}}'],
  ['template', '{{ passcode }}'],
  ['template', 5],
  ['template', `{{passcode}}${'x'.repeat(1589)}`],
  ['validity', 0],
  ['validity', -1],
  ['validity', 86_400.5],
  ['validity', '300'],
  ['validity', {}],
  ['passcode', ''],
  ['passcode', 'abc'],
  ['passcode', '123456789012345678901'],
  ['passcode', '12 34'],
  ['passcode', '12-34'],
  ['passcode', 'pässe'],
  ['passcode', '１２３４'],
  ['passcode', ['1234']],
  ['metadata', ['text']],
  ['metadata', 'text'],
  ['metadata', 5],
];

test.each(refused)('%s may not be %j', async (field, value) => {
  const { status, body } = await client.send({ [field]: value });
  expect([status, body]).toMatchObject([400, errorOf(400)]);
  expect(body.message).toMatch(new RegExp(`^${field} `));
});

test('every placeholder is replaced, and nothing else that looks like one', async () => {
  const template = 'First {{passcode}}, again {{passcode}}. {{code}} {{brand}}';
  const { id, passcode } = await client.sent({ template, sender: 'Acme' });
  const message = await server.outbox.message(id);
  expect(message).toMatchObject({ sender: 'Acme', text: `First ${passcode}, again ${passcode}. {{code}} {{brand}}` });
});

test.each([4, 5, 6, 7, 8, 9, 10])(
  'a passcode has the %i digits that were asked for, and no 0 in front',
  async (length) => {
    for (let made = 0; made < 5; made++) {
      const { passcode } = await client.sent({ length });
      expect(passcode).toMatch(/^[1-9][0-9]+$/);
      expect(passcode).toHaveLength(length);
    }
  },
);

test("the caller's own passcode goes before the length", async () => {
  const { passcode } = await client.sent({ passcode: 'Secret99', length: 4 });
  expect(passcode).toBe('Secret99');
});

test('an empty list is empty metadata: PHP spells an empty map so', async () => {
  const { id } = await client.sent({ metadata: [] });
  expect((await client.get(id)).body.metadata).toEqual({});
});

test('metadata of 1024 bytes passes and comes back unchanged; a byte more is 400', async () => {
  const metadata = { text: 'ü'.repeat(503), nnn: 1 };
  expect(Buffer.byteLength(JSON.stringify(metadata))).toBe(1025);
  const fits = { text: 'ü'.repeat(503), nn: 1 };
  expect(Buffer.byteLength(JSON.stringify(fits))).toBe(1024);
  const { id } = await client.sent({ metadata: fits });
  expect((await client.get(id)).body.metadata).toEqual(fits);
  const { status, body } = await client.send({ metadata });
  expect([status, body]).toMatchObject([400, { message: expect.stringMatching(/^metadata .*1024/) }]);
});

test('a message is one request, and each request another object', async () => {
  const destination = freshMobile();
  const [one, two] = [await client.sent({ destination }), await client.sent({ destination })];
  expect(one.id).not.toBe(two.id);
  for (const { passcode } of [one, two]) expect((await client.verify({ passcode })).body.status).toBe('VERIFIED');
});

test('too many messages to one destination are 429, and say when', async () => {
  await using own = await openServer({});
  const other = await smsworksOf(own);
  const destination = freshMobile();
  const statuses: number[] = [];
  for (let sent = 0; sent < 6; sent++) statuses.push((await other.send({ destination })).status);
  expect(statuses).toEqual([201, 201, 201, 201, 201, 429]);
  const { headers, body } = await other.send({ destination });
  expect(body).toMatchObject(errorOf(429));
  expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
});

test('a country that the account may not send to is 403, and so is an account that may not send yet', async () => {
  await using own = await openServer({});
  const other = await smsworksOf(own);
  await own.alice.request('PATCH', '/v1/services/default', { body: { countries: ['FR'] } });
  const refusedHere = await other.send();
  expect([refusedHere.status, refusedHere.body]).toMatchObject([403, errorOf(403)]);
  expect((await other.send({ destination: '33612345678' })).status).toBe(201);
});

test('the balance is a number', async () => {
  const { status, body } = await client.ask('GET', '/credits/balance');
  expect([status, body]).toEqual([200, { credits: 1_000_000 }]);
});
