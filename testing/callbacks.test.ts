import { expect, test } from 'vitest';
import type { CallbackFace, EventKind } from '../src/engine/events.ts';
import { virtualClock } from './clock.ts';
import { openReceiver } from './receiver.ts';
import { openServer, type TestServer, type TestServerOptions } from './server.ts';
import { until } from './until.ts';

/* Callbacks of vendors' faces, end to end: from the commit to a receiver on this machine. */

const everyKind: readonly EventKind[] = [
  'verification.created',
  'verification.verified',
  'verification.failed',
  'verification.expired',
  'verification.cancelled',
  'send.created',
  'send.submitted',
  'send.dropped',
];

const acme: CallbackFace = {
  name: 'acme',
  word: ({ kind, verification, send }) =>
    JSON.stringify({ kind, ref: verification.id, to: verification.recipient, from: send?.sender }),
};

const open = (options: TestServerOptions = {}) =>
  openServer({ callbacks: 'anywhere', callbackFaces: [acme], ...options });

/** What a face of a vendor asks of the engine for a request that names an address. */
async function created(
  server: TestServer,
  callbackUrl: string,
  { events = everyKind, face = 'acme' }: { events?: readonly EventKind[]; face?: string } = {},
): Promise<string> {
  const caller = { tenantId: server.alice.tenantId, face, seesAllFaces: false };
  const terms = { callbackUrl, callbackEvents: events };
  const recipient = '+33612345678';
  const { outcome } = await server.parts.engine.createVerification(caller, { recipient, wishes: { terms } });
  if (outcome.kind !== 'created') throw new Error(`it was answered ${outcome.kind}`);
  return outcome.verification.id;
}

const kindsOf = (calls: readonly { readonly text: string }[]) => calls.map(({ text }) => JSON.parse(text).kind);

test('a request that names an address hears of what happens, in order, in the words of its vendor, and unsigned', async () => {
  await using receiver = await openReceiver();
  await using server = await open();
  const id = await created(server, `${receiver.url}/hook?a=1`);
  await receiver.calls(3);
  await server.alice.check(id, await server.outbox.code(id));
  const calls = await receiver.calls(4);
  expect(kindsOf(calls)).toEqual(['verification.created', 'send.created', 'send.submitted', 'verification.verified']);
  const [, second] = calls;
  expect(JSON.parse(second?.text ?? '')).toEqual({
    kind: 'send.created',
    ref: id,
    to: '+33612345678',
    from: 'Countersign',
  });
  for (const { method, path, headers } of calls) {
    expect([method, path]).toEqual(['POST', '/hook?a=1']);
    expect(headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'user-agent': expect.stringMatching(/^Countersign\/\d/),
      connection: 'close',
    });
    expect(Object.keys(headers).filter((name) => name.startsWith('webhook-'))).toEqual([]);
  }
});

test('it hears of the kinds that it asked for, and of nothing else', async () => {
  await using receiver = await openReceiver();
  await using server = await open();
  const id = await created(server, receiver.url, { events: ['verification.verified', 'verification.cancelled'] });
  await server.alice.cancel(id);
  expect(kindsOf(await receiver.calls(1))).toEqual(['verification.cancelled']);
  const { events = [], deliveries = [], expiries = [] } = await server.rows();
  expect([events.length, deliveries.length, expiries.length]).toEqual([1, 1, 0]);
});

test('a request that names none leaves no row, and no call', async () => {
  await using server = await open();
  const { body } = await server.alice.create({ recipient: '+33612345678' });
  await server.alice.check(body.id, await server.outbox.code(body.id));
  const { events, deliveries, expiries } = await server.rows();
  expect([events, deliveries, expiries]).toEqual([[], [], []]);
});

test('that it ran out is told within seconds, once, although nobody asked', async () => {
  const clock = virtualClock();
  await using receiver = await openReceiver();
  await using server = await open({ clock });
  const id = await created(server, receiver.url, { events: ['verification.expired'] });
  clock.advance(299_999);
  await server.alice.get(id);
  expect(receiver.received).toEqual([]);
  clock.advance(1);
  expect(kindsOf(await receiver.calls(1))).toEqual(['verification.expired']);
  await server.alice.check(id, '000000');
  await until('the entry to be gone', async () => ((await server.rows()).expiries?.length === 0 ? true : undefined));
  expect(receiver.received).toHaveLength(1);
});

test('one that was verified does not run out', async () => {
  const clock = virtualClock();
  await using receiver = await openReceiver();
  await using server = await open({ clock });
  const id = await created(server, receiver.url, { events: ['verification.expired'] });
  await server.alice.check(id, await server.outbox.code(id));
  clock.advance(300_000);
  await until('the entry to be gone', async () => ((await server.rows()).expiries?.length === 0 ? true : undefined));
  expect(receiver.received).toEqual([]);
});

test('what no face can put into words is dropped', async () => {
  await using receiver = await openReceiver();
  await using server = await open();
  await created(server, receiver.url, { face: 'other', events: ['verification.created'] });
  const [row] = await until('it to be dropped', async () => {
    const { deliveries = [] } = await server.rows();
    return deliveries.some((text) => text.includes('"dropped"')) ? deliveries : undefined;
  });
  expect(JSON.parse(row ?? '')).toMatchObject({ status: 'dropped', reason: 'nothing-to-tell', attempts: 0 });
  expect(receiver.received).toEqual([]);
});
