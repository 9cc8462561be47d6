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

async function aPending(fields: object = {}) {
  const { body } = await server.alice.create({ recipient: aNumber(), ...fields });
  return { ...body, code: await server.outbox.code(body.id) };
}

test('sends the same code again: same expiry, same attempts', async () => {
  const { alice, outbox } = server;
  const { id, code, expiresAt } = await aPending();
  await alice.check(id, wrongFor(code));
  clock.advance(30_000);
  const { status, body } = await alice.resend(id);
  expect(status).toBe(201);
  const nextSendAt = new Date(clock.wallMs() + 60_000).toISOString();
  expect(body).toMatchObject({ id, status: 'pending', expiresAt, attemptsLeft: 4, sendsLeft: 3, nextSendAt });
  expect(await outbox.code(id, 2)).toBe(code);
  expect((await alice.check(id, code)).body.result).toBe('verified');
});

test('sends a new code when asked to, and the old one is dead', async () => {
  const { alice, outbox } = server;
  const { id, code } = await aPending({ codeLength: 10 });
  clock.advance(30_000);
  expect((await alice.resend(id, { newCode: true })).status).toBe(201);
  const fresh = await outbox.code(id, 2);
  expect(fresh).not.toBe(code);
  expect((await alice.check(id, code)).body).toMatchObject({ result: 'wrong_code', attemptsLeft: 4 });
  expect((await alice.check(id, fresh)).body.result).toBe('verified');
});

test('sends by another channel of the service', async () => {
  const { alice, outbox } = server;
  const { id } = await aPending();
  clock.advance(30_000);
  expect((await alice.resend(id, { channel: 'voice' })).body.channel).toBe('voice');
  expect((await outbox.message(id, 2)).channel).toBe('voice');
});

test.each([
  ['an e-mail to a number', {}, 'email'],
  ['a text message to an e-mail address', { recipient: 'resend@example.com' }, 'sms'],
  ['by a channel that does not exist', {}, 'pigeon'],
])('refuses to send %s', async (_, fields, channel) => {
  const { alice } = server;
  const { id } = await aPending(fields);
  clock.advance(30_000);
  const before = await server.rows();
  const { status, body } = await alice.resend(id, { channel });
  expect(status).toBe(400);
  expect(body).toMatchObject({ code: 'invalid_request', field: 'channel' });
  expect(await server.rows()).toEqual(before);
});

test('waits longer between messages, five in all', async () => {
  const { alice, outbox } = server;
  const { id } = await aPending({ ttlSeconds: 600 });
  for (const [sent, gap] of [30, 60, 120, 240].entries()) {
    clock.advance(gap * 1000 - 1001);
    const early = await alice.resend(id);
    expect(early.status).toBe(429);
    expect(early.body).toMatchObject({ code: 'resend_too_soon' });
    expect(early.headers.get('retry-after')).toBe('2');
    clock.advance(1001);
    expect((await alice.resend(id)).body.sendsLeft).toBe(3 - sent);
    await outbox.message(id, sent + 2);
  }
  expect((await alice.get(id)).body).toMatchObject({ status: 'pending', sendsLeft: 0, nextSendAt: null });
  clock.advance(100_000);
  const { status, body } = await alice.resend(id);
  expect(status).toBe(409);
  expect(body).toMatchObject({ code: 'sends_exhausted', verificationStatus: 'pending' });
  expect((await server.rows()).sends?.filter((row) => row.includes(id.replaceAll('-', '')))).toHaveLength(5);
});

test('sends nothing for a code with less than half a minute to live', async () => {
  const { alice } = server;
  const [enough, tooLittle] = [await aPending({ ttlSeconds: 60 }), await aPending({ ttlSeconds: 60 })];
  clock.advance(30_000);
  expect((await alice.resend(enough.id)).status).toBe(201);
  clock.advance(1);
  const { status, body } = await alice.resend(tooLittle.id);
  expect(status).toBe(409);
  expect(body).toMatchObject({ code: 'verification_expiring', verificationStatus: 'pending' });
});

test('sends nothing beyond what its recipient may get', async () => {
  const { alice, outbox } = server;
  const recipient = aNumber();
  for (const reference of ['a', 'b', 'c', 'd']) await alice.create({ recipient, reference });
  const { body: last } = await alice.create({ recipient, reference: 'e' });
  await server.rows();
  const sent = outbox.messages.length;
  clock.advance(30_000);
  const reply = await alice.resend(last.id);
  expect(reply.status).toBe(429);
  expect(reply.body).toMatchObject({ code: 'recipient_limited' });
  expect(reply.headers.get('retry-after')).toBe('570');
  await server.rows();
  expect(outbox.messages).toHaveLength(sent);
});

/* The two ways to change a verification, once it has ended: each brings one to its end, and back comes how it ended. */
const ends: [status: string, end: (id: string, code: string) => Promise<unknown>][] = [
  ['verified', (id, code) => server.alice.check(id, code)],
  ['failed', (id, code) => server.alice.check(id, wrongFor(code))],
  ['cancelled', (id) => server.alice.cancel(id)],
  ['expired', async () => clock.advance(300_000)],
];

test.each(ends)('neither sends for nor cancels a verification that is %s', async (status, end) => {
  const { alice } = server;
  const { id, code } = await aPending({ maxAttempts: 1 });
  await end(id, code);
  clock.advance(30_000);
  const before = await server.rows();
  for (const reply of [await alice.resend(id), await alice.cancel(id)]) {
    expect(reply.status).toBe(409);
    expect(reply.body).toMatchObject({ status: 409, code: 'verification_ended', verificationStatus: status });
  }
  expect(await server.rows()).toEqual(before);
  expect((await alice.get(id)).body.status).toBe(status);
});

test('cancels a pending verification, for good', async () => {
  const { alice } = server;
  const { id, code } = await aPending();
  const { status, body } = await alice.cancel(id);
  const endedAt = new Date(clock.wallMs()).toISOString();
  expect(status).toBe(200);
  expect(body).toMatchObject({ id, status: 'cancelled', endedAt, attemptsLeft: 0, sendsLeft: 0, nextSendAt: null });
  expect((await alice.check(id, code)).body.result).toBe('cancelled');
  expect((await alice.get(id)).body.status).toBe('cancelled');
});

test.each([
  ['no body at all', {}],
  ['an empty body that says it is JSON', { raw: '', headers: { 'content-type': 'application/json' } }],
  ['an empty object', { raw: '{}' }],
])('takes %s where nothing needs to be said', async (_, sent) => {
  const { alice } = server;
  const { id } = await aPending();
  clock.advance(30_000);
  expect((await alice.request('POST', `/v1/verifications/${id}/sends`, sent)).status).toBe(201);
  expect((await alice.request('POST', `/v1/verifications/${id}/cancel`, sent)).status).toBe(200);
});
