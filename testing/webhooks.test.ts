import { expect, test } from 'vitest';
import { times } from './builders.ts';
import { startMs, virtualClock } from './clock.ts';
import { aNumber } from './numbers.ts';
import { openReceiver } from './receiver.ts';
import { verified } from './standard-webhooks.ts';
import { until } from './until.ts';
import { anEndpoint, cancelled, deliveriesOf, ended, openTelling, settled, typesOf } from './webhooks.ts';

/* Webhook endpoints, end to end: from a change of a verification to a receiver on this machine. */

test('an endpoint hears of a verification in order, masked and signed', async () => {
  const clock = virtualClock();
  await using receiver = await openReceiver();
  await using server = await openTelling({ clock });
  const endpoint = await anEndpoint(server, `${receiver.url}/events`);
  const { alice, outbox } = server;
  const { id } = (await alice.create({ recipient: '+33612345678', reference: 'login-1', metadata: { a: 1 } })).body;
  await receiver.calls(3);
  await alice.check(id, await outbox.code(id));
  const calls = await receiver.calls(4);
  expect(typesOf(calls)).toEqual(['verification.created', 'send.created', 'send.submitted', 'verification.verified']);
  for (const call of calls) verified(call, endpoint.secret, startMs);
  expect(JSON.parse(calls[3]?.text ?? '')).toEqual({
    type: 'verification.verified',
    timestamp: '2026-01-01T00:00:00.000Z',
    data: {
      verification: expect.objectContaining({
        id,
        status: 'verified',
        recipient: '+33…78',
        reference: 'login-1',
        metadata: { a: 1 },
      }),
    },
  });
  expect(JSON.parse(calls[2]?.text ?? '').data.send).toEqual({
    number: 1,
    channel: 'sms',
    status: 'submitted',
    sender: 'Countersign',
    reason: null,
    createdAt: '2026-01-01T00:00:00.000Z',
  });
  const ids = calls.map(({ headers }) => headers['webhook-id']);
  expect(new Set(ids).size).toBe(4);
  const code = await outbox.code(id);
  expect(calls.map(({ text }) => text).join()).not.toContain(code);
});

test('an endpoint that asks for it gets the whole recipient, and a body is never long', async () => {
  await using receiver = await openReceiver();
  await using server = await openTelling();
  await anEndpoint(server, receiver.url, { fullRecipient: true, events: ['verification.created'] });
  const long = { recipient: `${'a'.repeat(60)}@${'b'.repeat(60)}.example`, reference: 'r'.repeat(100) };
  await server.alice.create({ ...long, metadata: { note: 'é'.repeat(500) } });
  const [call] = await receiver.calls(1);
  expect(JSON.parse(call?.text ?? '').data.verification.recipient).toBe(long.recipient);
  expect(Buffer.byteLength(call?.text ?? '')).toBeLessThan(20_000);
});

test('a tenant hears of its own verifications and never of another’s', async () => {
  await using receiver = await openReceiver();
  await using server = await openTelling();
  const endpoint = await anEndpoint(server, receiver.url, ended);
  const { bob } = server;
  const other = (await bob.create({ recipient: aNumber() })).body;
  await bob.cancel(other.id);
  const own = await cancelled(server);
  const [call] = await receiver.calls(1);
  expect(JSON.parse(call?.text ?? '').data.verification.id).toBe(own);
  for (const [method, path] of [
    ['GET', ''],
    ['PATCH', ''],
    ['DELETE', ''],
    ['POST', '/test'],
    ['POST', '/rotate-secret'],
    ['GET', '/deliveries'],
    ['POST', '/replay'],
  ] as const) {
    const body = { PATCH: { body: {} }, POST: { body: path === '/replay' ? { since: '2026-01-01T00:00:00Z' } : {} } };
    const sent = method === 'PATCH' || method === 'POST' ? body[method] : {};
    const reply = await bob.request(method, `/v1/webhook-endpoints/${endpoint.id}${path}`, sent);
    expect([method, path, reply.status]).toEqual([method, path, 404]);
  }
  expect((await bob.request('GET', '/v1/webhook-endpoints')).body).toEqual({ endpoints: [] });
  expect((await server.rows()).events).toHaveLength(1);
});

test('concurrent right codes make one event, with one id', async () => {
  await using receiver = await openReceiver();
  await using server = await openTelling();
  const endpoint = await anEndpoint(server, receiver.url, { events: ['verification.verified'] });
  const { alice, outbox } = server;
  const { id } = (await alice.create({ recipient: aNumber() })).body;
  const code = await outbox.code(id);
  const results = await Promise.all(times(20, () => alice.check(id, code)));
  expect(results.filter(({ body }) => body.result === 'verified')).toHaveLength(1);
  await settled(server, endpoint, 'delivered', 1);
  expect((await server.rows()).events).toHaveLength(1);
  expect(receiver.received).toHaveLength(1);
});

test('a later event of a verification waits for the earlier ones, and those of others do not', async () => {
  const clock = virtualClock();
  await using receiver = await openReceiver(500);
  await using server = await openTelling({ clock });
  const endpoint = await anEndpoint(server, receiver.url, {
    events: ['verification.created', 'verification.cancelled'],
  });
  const { id } = (await server.alice.create({ recipient: aNumber() })).body;
  await until('the first attempt', async () =>
    (await deliveriesOf(server, endpoint))[0]?.attempts === 1 ? 1 : undefined,
  );
  receiver.answer(200);
  await server.alice.cancel(id);
  const other = (await server.alice.create({ recipient: aNumber() })).body;
  await settled(server, endpoint, 'delivered', 1);
  expect((await deliveriesOf(server, endpoint)).map(({ status }) => status).sort()).toEqual([
    'delivered',
    'queued',
    'waiting',
  ]);
  clock.advance(6000);
  await settled(server, endpoint, 'delivered', 3);
  const told = receiver.received.map(({ text }) => JSON.parse(text));
  expect(told.map(({ type, data }) => [type, data.verification.id])).toEqual([
    ['verification.created', id],
    ['verification.created', other.id],
    ['verification.created', id],
    ['verification.cancelled', id],
  ]);
});

test('a receiver that hangs slows nobody else, and holds few connections', async () => {
  await using hanging = await openReceiver(() => undefined);
  await using receiver = await openReceiver();
  await using server = await openTelling();
  await anEndpoint(server, hanging.url, ended);
  const endpoint = await anEndpoint(server, receiver.url, ended);
  await Promise.all(times(20, () => cancelled(server)));
  await settled(server, endpoint, 'delivered', 20);
  expect(hanging.received.length).toBeLessThanOrEqual(4);
});
