import { expect, test } from 'vitest';
import { aVerification } from '../../../testing/builders.ts';
import { startMs } from '../../../testing/clock.ts';
import { openDing } from '../../../testing/ding.ts';
import { openReceiver } from '../../../testing/receiver.ts';
import { type EventKind, eventKinds, type VerificationEvent } from '../../engine/events.ts';
import { snapshotOf } from '../../engine/snapshot.ts';
import { callbackEvents, dingCallbacks } from './mapping.ts';

const verification = aVerification({ face: 'ding', reference: 'order-17', terms: { priceMicros: 45_000 } });
const id = '3c1f0000-0000-8000-8000-000000000001';

function event(kind: EventKind, given: Partial<VerificationEvent> = {}): VerificationEvent {
  const send = { number: 2, channel: 'sms', status: 'queued', createdAtMs: startMs, sender: 'Acme' } as const;
  return {
    id,
    kind,
    tenantId: verification.tenantId,
    atMs: startMs + 200,
    verification: snapshotOf(verification, startMs),
    ...(kind.startsWith('send.') ? { send } : {}),
    ...given,
  };
}

const said = (kind: EventKind): unknown => JSON.parse(dingCallbacks('GBP').word(event(kind)) ?? 'null');
const always = {
  id,
  auth_uuid: verification.id,
  recipient_phone_number: '+33612345678',
  time: '2026-01-01T00:00:00.200Z',
  correlation_id: 'order-17',
};
const attempt = { attempt_uuid: expect.stringMatching(/^[0-9a-f]{8}-/), attempt_number: 2 };

test('tells that it was created, that a message was sent, and what the carrier says of it', () => {
  expect(said('verification.created')).toEqual({
    ...always,
    type: 'authentication',
    price: { amount: 0, currency: 'GBP' },
  });
  expect(said('send.created')).toEqual({
    ...always,
    ...attempt,
    type: 'attempt',
    price: { amount: 0.045, currency: 'GBP' },
  });
});

test.each([
  ['send.submitted', 'submitted'],
  ['send.delivered', 'delivered'],
  ['send.undelivered', 'undeliverable'],
  ['send.failed', 'undeliverable'],
] as const)('%s is the delivery status %s', (kind, status) => {
  expect(said(kind)).toEqual({ ...always, ...attempt, type: 'delivery_status', status });
});

test('asks to hear of what it tells, and tells nothing else', () => {
  const told = eventKinds.filter((kind) => said(kind) !== null);
  expect([...callbackEvents].sort()).toEqual([...told].sort());
});

test('has no correlation_id where none was given, and never null', () => {
  const { reference: _, ...bare } = event('send.created').verification;
  const text = dingCallbacks('EUR').word(event('send.created', { verification: bare })) ?? '';
  expect(text).not.toMatch(/correlation_id|null/);
});

test('an attempt has the same id here as in the status', async () => {
  await using ding = await openDing();
  const { id: authentication } = await ding.pending({ callback_url: 'https://acme.example/ding' });
  const { body } = await ding.status(authentication);
  const [first] = body.events as { readonly id: string }[];
  const stored = await ding.server.parts.store.queries.verification(ding.customer, authentication);
  if (stored === undefined) throw new Error('the authentication is not there');
  const told = dingCallbacks('EUR').word({
    ...event('send.created'),
    verification: snapshotOf(stored, startMs),
    send: { number: 1, channel: 'sms', status: 'queued', createdAtMs: startMs, sender: 'Acme' },
  });
  expect(JSON.parse(told ?? '{}')).toMatchObject({ auth_uuid: authentication, attempt_uuid: first?.id });
  expect(stored.terms).toMatchObject({ callbackUrl: 'https://acme.example/ding', callbackEvents });
});

test('a request that names an address hears of it all, in order, and without a signature', async () => {
  await using receiver = await openReceiver();
  await using ding = await openDing({ callbacks: 'anywhere' });
  const { id: authentication } = await ding.pending({
    callback_url: `${receiver.url}/ding`,
    correlation_id: 'order-17',
  });
  const calls = await receiver.calls(3);
  const told = calls.map(({ text }) => JSON.parse(text) as Record<string, unknown>);
  expect(told.map(({ type, status }) => [type, status])).toEqual([
    ['authentication', undefined],
    ['attempt', undefined],
    ['delivery_status', 'submitted'],
  ]);
  for (const one of told) expect(one).toMatchObject({ auth_uuid: authentication, correlation_id: 'order-17' });
  expect(new Set(told.map((one) => one.id)).size).toBe(3);
  const events = (await ding.status(authentication)).body.events as { readonly id: string }[];
  expect(told[1]?.attempt_uuid).toBe(events[0]?.id);
  expect(Object.keys(calls[0]?.headers ?? {}).filter((name) => name.startsWith('webhook-'))).toEqual([]);
});

test('hears of nothing where no address is named, and at the address of the service where it has one', async () => {
  await using receiver = await openReceiver();
  await using ding = await openDing({ callbacks: 'anywhere' });
  await ding.pending();
  const template_id = await ding.service({ callbackUrl: `${receiver.url}/all` });
  const { id: authentication } = await ding.pending({ template_id });
  const [first] = await receiver.calls(3);
  expect(JSON.parse(first?.text ?? '')).toMatchObject({ type: 'authentication', auth_uuid: authentication });
});
