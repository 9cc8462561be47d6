import { expect, test } from 'vitest';
import type { WebhookAnswer, WebhookCall, WebhookTransport } from '../src/engine/webhook-transport.ts';
import { virtualClock } from './clock.ts';
import { temporaryDirectory } from './process.ts';
import { openReceiver } from './receiver.ts';
import { verified } from './standard-webhooks.ts';
import { until } from './until.ts';
import { anEndpoint, cancelled, deliveriesOf, ended, openTelling, settled } from './webhooks.ts';

/* What becomes of an event whose receiver does not take it. */

const pauses = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400];

test('a receiver that refuses is asked ten times over days, with the same id, and then no more', async () => {
  const clock = virtualClock();
  await using receiver = await openReceiver(500);
  await using server = await openTelling({ clock });
  const endpoint = await anEndpoint(server, receiver.url, ended);
  await cancelled(server);
  await receiver.calls(1);
  for (const [index, seconds] of pauses.entries()) {
    await until('the attempt to be recorded', async () => {
      const [delivery] = await deliveriesOf(server, endpoint);
      return delivery?.attempts === index + 1 ? true : undefined;
    });
    // The jitter is a fifth either way.
    clock.advance(seconds * 799);
    await server.parts.sweeper.maintain();
    expect(receiver.received).toHaveLength(index + 1);
    clock.advance(seconds * 402);
    await receiver.calls(index + 2);
  }
  const [delivery] = await settled(server, endpoint, 'failed', 1);
  expect(delivery).toMatchObject({ attempts: 10, httpStatus: 500, reason: 'refused' });
  expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  expect(new Set(receiver.received.map(({ headers }) => headers['webhook-timestamp'])).size).toBe(10);
  for (const call of receiver.received)
    verified(call, endpoint.secret, 1000 * Number(call.headers['webhook-timestamp']));
});

const answers: [what: string, status: number, delivered: boolean][] = [
  ['201', 201, true],
  ['204', 204, true],
  ['a redirect', 302, false],
  ['a permanent redirect', 308, false],
  ['404', 404, false],
  ['503', 503, false],
];

test.each(answers)('an answer of %s counts for what it is, and is not followed', async (_, status, delivered) => {
  await using elsewhere = await openReceiver();
  await using receiver = await openReceiver((response) => {
    response.writeHead(status, { location: elsewhere.url }).end();
  });
  await using server = await openTelling();
  const endpoint = await anEndpoint(server, receiver.url, ended);
  await cancelled(server);
  const found = await until('an attempt', async () => {
    const [delivery] = await deliveriesOf(server, endpoint);
    return delivery?.attempts === 1 ? delivery : undefined;
  });
  expect(found).toMatchObject({ status: delivered ? 'delivered' : 'queued', httpStatus: status });
  expect(elsewhere.received).toEqual([]);
});

test('410 disables an endpoint, what is left is dropped, and an operator hears of it', async () => {
  await using receiver = await openReceiver(410);
  await using server = await openTelling();
  const endpoint = await anEndpoint(server, receiver.url, ended);
  await cancelled(server);
  await settled(server, endpoint, 'failed', 1);
  const { body } = await server.alice.request('GET', `/v1/webhook-endpoints/${endpoint.id}`);
  expect(body).toMatchObject({ enabled: false, disabledReason: 'gone' });
  await cancelled(server);
  expect((await server.rows()).events).toHaveLength(1);
  expect(server.log.map(({ text }) => text).join()).toContain('webhook-endpoint-disabled');
});

test('an endpoint that failed for five days is disabled, and what waits for it is dropped', async () => {
  const clock = virtualClock();
  await using receiver = await openReceiver(500);
  await using server = await openTelling({ clock });
  const endpoint = await anEndpoint(server, receiver.url, ended);
  await cancelled(server);
  const look = async () => (await server.alice.request('GET', `/v1/webhook-endpoints/${endpoint.id}`)).body;
  await until('it to be failing', async () => ((await look()).failingSince === null ? undefined : true));
  clock.advance(5 * 86_400_000);
  await until('it to be disabled', async () => ((await look()).enabled === false ? true : undefined));
  expect(await look()).toMatchObject({ disabledReason: 'failing' });

  receiver.answer(200);
  await server.alice.request('PATCH', `/v1/webhook-endpoints/${endpoint.id}`, { body: { enabled: true } });
  expect(await look()).toMatchObject({ enabled: true, failingSince: null });
  await cancelled(server);
  await settled(server, endpoint, 'delivered', 1);
});

test.each([429, 503])('Retry-After of %i is honoured, up to an hour', async (status) => {
  const clock = virtualClock();
  const asked = ['600', '999999'];
  await using receiver = await openReceiver((response) => {
    response.writeHead(status, { 'retry-after': asked.shift() ?? '1' }).end();
  });
  await using server = await openTelling({ clock });
  const endpoint = await anEndpoint(server, receiver.url, ended);
  await cancelled(server);
  for (const [attempt, seconds] of [600, 3600].entries()) {
    const next = await until('the next attempt to be known', async () => {
      const path = `/v1/webhook-endpoints/${endpoint.id}/deliveries`;
      const { body } = await server.alice.request<{ deliveries: { attempts: number; nextAttemptAt: string }[] }>(
        'GET',
        path,
      );
      const [delivery] = body.deliveries;
      return delivery?.attempts === attempt + 1 ? delivery.nextAttemptAt : undefined;
    });
    expect(Date.parse(next) - clock.wallMs()).toBe(seconds * 1000);
    clock.advance(seconds * 1000);
    await receiver.calls(attempt + 2);
  }
});

test('events are told once more when asked for: one, or all since a time, with their ids', async () => {
  const clock = virtualClock();
  await using receiver = await openReceiver();
  await using server = await openTelling({ clock });
  const endpoint = await anEndpoint(server, receiver.url, ended);
  await cancelled(server);
  await settled(server, endpoint, 'delivered', 1);
  clock.advance(60_000);
  await cancelled(server);
  const [latest, first] = await settled(server, endpoint, 'delivered', 2);
  const path = `/v1/webhook-endpoints/${endpoint.id}/replay`;
  const one = await server.alice.request('POST', path, { body: { eventId: first?.eventId } });
  expect(one.body).toEqual({ events: 1, next: null });
  await receiver.calls(3);
  await settled(server, endpoint, 'delivered', 2);
  const since = await server.alice.request('POST', path, { body: { since: '2026-01-01T00:00:30Z' } });
  expect(since.body).toEqual({ events: 1, next: null });
  const calls = await receiver.calls(4);
  const ids = calls.map(({ headers }) => headers['webhook-id']);
  expect(ids).toEqual([first?.eventId, latest?.eventId, first?.eventId, latest?.eventId]);
  for (const body of [{}, { eventId: first?.eventId, since: '2026-01-01T00:00:30Z' }, { eventId: 'x' }]) {
    expect((await server.alice.request('POST', path, { body })).status).toBe(400);
  }
  expect((await server.alice.request('POST', path, { body: { eventId: endpoint.id } })).status).toBe(404);
});

test('what a stopped server had on its way is told by the next one, with the same id', async () => {
  const calls: WebhookCall[] = [];
  let answer: () => Promise<WebhookAnswer> = () => new Promise(() => undefined);
  const transport: WebhookTransport = {
    post(call, signal) {
      calls.push(call);
      const broken = new Promise<WebhookAnswer>((done) => {
        signal.addEventListener('abort', () => done({ kind: 'unanswered', reason: 'timeout' }));
      });
      return Promise.race([answer(), broken]);
    },
  };
  using directory = temporaryDirectory();
  const options = { webhookTransport: transport, directory: directory.path };
  {
    await using server = await openTelling(options);
    await anEndpoint(server, 'https://example.com/', ended);
    await cancelled(server);
    await until('the call', () => (calls.length > 0 ? true : undefined));
  }
  answer = async () => ({ kind: 'answered', status: 200 });
  await using _ = await openTelling(options);
  await until('another call', () => (calls.length > 1 ? true : undefined));
  expect(calls[1]?.headers['webhook-id']).toBe(calls[0]?.headers['webhook-id']);
});
