import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type VirtualClock, virtualClock } from '../../../testing/clock.ts';
import { openServer, type TestServer } from '../../../testing/server.ts';

let server: TestServer;
let clock: VirtualClock;
beforeAll(async () => {
  clock = virtualClock();
  server = await openServer({ clock });
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(() => clock.advance(3_600_000));

const code = '7291846';
const path = (recipient: string, service = 'default') =>
  `/v1/services/${service}/test-numbers/${encodeURIComponent(recipient)}`;
const inAnHour = () => new Date(clock.wallMs() + 3_600_000).toISOString();
const set = (recipient: string, body: object = { code, validUntil: inAnHour() }) =>
  server.alice.request<Record<string, unknown>>('PUT', path(recipient), { body });

test.each(['+12025550123', '+447700900123', 'ada@example.com'])(
  'the fixed code of %s verifies it, nothing is delivered, and every answer says that it is a test',
  async (recipient) => {
    const validUntil = inAnHour();
    const { status, body: service } = await set(recipient, { code, validUntil });
    expect([status, service.testNumbers]).toMatchObject([200, expect.arrayContaining([{ recipient, validUntil }])]);
    const sent = server.outbox.messages.length;

    const { status: made, body } = await server.alice.create({ recipient });
    expect([made, body]).toMatchObject([201, { test: true, recipient }]);
    const wrong = await server.alice.check(body.id, '0000');
    expect(wrong.body).toMatchObject({ result: 'wrong_code', attemptsLeft: 4, verification: { test: true } });
    expect((await server.alice.get(body.id)).body).toMatchObject({
      test: true,
      sends: [{ status: 'dropped', reason: 'test_number', tries: 0 }],
    });
    expect((await server.alice.list({ recipient })).body.verifications[0]).toMatchObject({ id: body.id, test: true });
    expect((await server.alice.check(body.id, code)).body).toMatchObject({ result: 'verified' });
    expect(server.outbox.messages.length).toBe(sent);
  },
);

test.each(['+12025550124', '+447700900124', 'grace@example.com'])(
  '%s can be checked by recipient',
  async (recipient) => {
    await set(recipient);
    await server.alice.create({ recipient });
    expect((await server.alice.checkRecipient({ recipient, code: '0000' })).body).toMatchObject({
      result: 'wrong_code',
    });
    expect((await server.alice.checkRecipient({ recipient, code })).body).toMatchObject({ result: 'verified' });
  },
);

test('its attempts are used up like any other, and nobody has to wait', async () => {
  const recipient = '+12025550125';
  await set(recipient);
  for (let round = 0; round < 3; round++) {
    const { body } = await server.alice.create({ recipient });
    for (let at = 4; at >= 0; at--)
      expect((await server.alice.check(body.id, '0000')).body).toMatchObject({ attemptsLeft: at });
    expect((await server.alice.check(body.id, code)).body).toMatchObject({ result: 'exhausted' });
  }
});

test('is limited by nothing', async () => {
  const recipient = '+12025550126';
  await set(recipient);
  for (let at = 0; at < 25; at++) {
    const { status } = await server.alice.create({ recipient, reference: `${at}`, signals: { ip: '192.0.2.1' } });
    expect(status).toBe(201);
  }
});

test('its code stands nowhere: in no answer, no entry of the audit trail, no row, no file', async () => {
  const recipient = '+12025550127';
  await set(recipient);
  const { body } = await server.alice.create({ recipient });
  await server.alice.get(body.id);
  await server.alice.request('GET', '/v1/services/default');
  await server.alice.request('GET', '/v1/audit?limit=100');
  expect(server.transcript.join('\n')).toContain(recipient);
  expect(server.transcript.join('\n')).not.toContain(code);
  expect(JSON.stringify(await server.rows())).not.toContain(code);
  for (const file of [server.file, `${server.file}-wal`]) expect(readFileSync(file).includes(code)).toBe(false);
});

test('is one until it ends, and no other service or tenant knows of it', async () => {
  const recipient = '+447700900128';
  await set(recipient);
  await server.alice.request('POST', '/v1/services', { body: { name: 'other', countries: ['*'] } });
  expect((await server.alice.create({ recipient, service: 'other' })).body).toMatchObject({ field: 'recipient' });
  expect((await server.bob.create({ recipient })).body).toMatchObject({ field: 'recipient' });
  clock.advance(3_599_999);
  expect((await server.alice.create({ recipient, reference: 'a' })).status).toBe(201);
  clock.advance(1);
  expect((await server.alice.create({ recipient, reference: 'b' })).body).toMatchObject({ field: 'recipient' });
});

test('is an ordinary number again once it is removed', async () => {
  const recipient = '+12025550129';
  await set(recipient);
  const removed = await server.alice.request('DELETE', path(recipient));
  expect(JSON.stringify(removed.body)).not.toContain(recipient);
  expect((await server.alice.request('DELETE', path(recipient))).status).toBe(404);
});

const refused: [what: string, recipient: string, body: () => object, field: string][] = [
  ['a mobile number', '+33612345678', () => ({ code, validUntil: inAnHour() }), 'recipient'],
  ['an address somewhere', 'ada@gmail.com', () => ({ code, validUntil: inAnHour() }), 'recipient'],
  ['what is no recipient', 'ada', () => ({ code, validUntil: inAnHour() }), 'recipient'],
  ['without an end', '+12025550130', () => ({ code }), 'validUntil'],
  ['an end that has passed', '+12025550130', () => ({ code, validUntil: '2020-01-01T00:00:00Z' }), 'validUntil'],
  [
    'an end that is now',
    '+12025550130',
    () => ({ code, validUntil: new Date(clock.wallMs()).toISOString() }),
    'validUntil',
  ],
  ['an end without an offset', '+12025550130', () => ({ code, validUntil: '2099-01-01T00:00:00' }), 'validUntil'],
  ['a code too short', '+12025550130', () => ({ code: '123', validUntil: inAnHour() }), 'code'],
  ['a code of other signs', '+12025550130', () => ({ code: '12*456', validUntil: inAnHour() }), 'code'],
];

test.each(refused)('is refused, and changes nothing: %s', async (_, recipient, body, field) => {
  const before = await server.rows();
  const reply = await set(recipient, body());
  expect([reply.status, reply.body.field]).toEqual([400, field]);
  expect(await server.rows()).toEqual(before);
});

test('needs no end in development mode', async () => {
  await using development = await openServer({ development: true });
  const reply = await development.alice.request('PUT', path('+12025550123'), { body: { code: '0000' } });
  expect(reply.body).toMatchObject({ testNumbers: [{ recipient: '+12025550123', validUntil: null }] });
});
