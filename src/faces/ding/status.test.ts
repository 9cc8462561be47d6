import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Ding, type Json, openDing } from '../../../testing/ding.ts';
import { aNumber, wrongFor } from '../../../testing/numbers.ts';
import { until } from '../../../testing/until.ts';

let ding: Ding;
beforeAll(async () => {
  ding = await openDing();
});
afterAll(() => ding[Symbol.asyncDispose]());

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const at = () => new Date(ding.clock.wallMs()).toISOString();

/** What clients can parse: exactly these fields, for each type of event. */
const eventFields: Readonly<Record<string, readonly string[]>> = {
  attempt: ['type', 'id', 'content', 'sender_id', 'capability', 'attempt_number', 'status', 'created_at'],
  delivery_status: ['type', 'status', 'attempt_id', 'attempt_number', 'originated_at', 'created_at'],
  check: ['type', 'id', 'code', 'status', 'created_at'],
};
const words: Readonly<Record<string, readonly string[]>> = {
  attempt: ['pending', 'delivered', 'failed', 'rate_limited', 'expired'],
  delivery_status: ['unknown', 'submitted', 'in_transit', 'delivered', 'undeliverable'],
  check: ['valid', 'invalid'],
};

async function eventsOf(id: string): Promise<Json[]> {
  const events = (await ding.status(id)).body.events as Json[];
  for (const event of events) {
    const type = String(event.type);
    expect(Object.keys(event).sort()).toEqual([...(eventFields[type] ?? [])].sort());
    expect(words[type]).toContain(event.status);
    expect(Object.values(event)).not.toContain(null);
  }
  const times = events.map(({ created_at }) => String(created_at));
  expect(times).toEqual([...times].sort());
  return events;
}

const settled = (id: string, number = 1) =>
  until('the message to be settled', async () => {
    const sends = await ding.server.parts.store.queries.sends(ding.customer, id);
    return (sends[number - 1]?.status ?? 'queued') === 'queued' ? undefined : true;
  });

test('an authentication shows what was given, and nothing that was not', async () => {
  const phone_number = aNumber();
  const created_at = at();
  const { id } = await ding.pending({ phone_number });
  expect((await ding.status(id)).body).toEqual({
    uuid: id,
    phone_number,
    created_at,
    signals: {},
    events: expect.any(Array),
  });
  const template_id = await ding.service({});
  const signals = {
    ip: '2001:db8::7',
    device_id: 'd-1',
    device_type: 'ANDROID',
    app_version: '1.2.3',
    app_realm: 'FA+9qCX9VSu',
    os_version: '15',
    device_model: 'Pixel 9',
    is_returning_user: false,
  };
  const full = await ding.pending({ ...signals, template_id, correlation_id: 'order-17', locale: 'fr-FR' });
  const { status, body } = await ding.status(full.id);
  expect([status, body]).toEqual([200, expect.objectContaining({ template_id, correlation_id: 'order-17', signals })]);
  expect(Object.keys(body)).toEqual([
    'uuid',
    'phone_number',
    'created_at',
    'template_id',
    'correlation_id',
    'signals',
    'events',
  ]);
});

test('its events are messages, what the carrier says, and codes typed, oldest first, without any code', async () => {
  const { id, code } = await ding.pending({ sender_id: 'ACME', app_realm: 'FA+9qCX9VSu', device_type: 'ANDROID' });
  await settled(id);
  const times = [at()];
  ding.clock.advance(20_000);
  await ding.check(id, wrongFor(code));
  await ding.check(id, 'ab💥');
  times.push(at());
  ding.clock.advance(10_000);
  await ding.retry(id);
  await settled(id, 2);
  times.push(at());
  ding.clock.advance(5000);
  await ding.check(id, await ding.code(id, 2));
  times.push(at());

  const events = await eventsOf(id);
  const attempt = (attempt_number: number, created_at?: string) => ({
    type: 'attempt',
    id: expect.stringMatching(uuid),
    content: expect.stringMatching(
      /^•{6} is your Countersign verification code\.[^0-9]* [45] minutes\..*\nFA\+9qCX9VSu$/,
    ),
    sender_id: 'ACME',
    capability: 'text',
    attempt_number,
    status: 'pending',
    created_at,
  });
  const check = (typed: string, status: string, created_at?: string) => ({
    type: 'check',
    id: expect.stringMatching(uuid),
    code: typed,
    status,
    created_at,
  });
  const carried = (attempt_number: number, created_at?: string) => ({
    type: 'delivery_status',
    status: 'submitted',
    attempt_id: expect.stringMatching(uuid),
    attempt_number,
    originated_at: created_at,
    created_at,
  });
  expect(events).toEqual([
    attempt(1, times[0]),
    carried(1, times[0]),
    check('••••••', 'invalid', times[1]),
    check('•••', 'invalid', times[1]),
    attempt(2, times[2]),
    carried(2, times[2]),
    check('••••••', 'valid', times[3]),
  ]);
  expect([events[1]?.attempt_id, events[5]?.attempt_id]).toEqual([events[0]?.id, events[4]?.id]);
  const ids = events.flatMap(({ id: own }) => own ?? []);
  expect(new Set(ids).size).toBe(5);
  // The same at every look.
  expect(await eventsOf(id)).toEqual(events);
  expect(JSON.stringify(events)).not.toContain(code);
});

test.each([
  ['that arrived', { kind: 'accepted', delivered: true }, 'delivered', 'delivered'],
  ['that the carrier has', { kind: 'accepted' }, 'pending', 'submitted'],
  ['that nobody carries', { kind: 'refused', reason: 'unknown-number' }, 'failed', 'undeliverable'],
] as const)('a message %s', async (_, outcome, attempt, delivery) => {
  ding.server.outbox.answer(() => outcome);
  const { id } = await ding.pending();
  await settled(id);
  ding.server.outbox.answer(() => ({ kind: 'accepted' }));
  expect((await eventsOf(id)).map(({ status }) => status)).toEqual([attempt, delivery]);
});

test('an authentication over a limit has no events', async () => {
  const [phone_number, template_id] = [aNumber(), await ding.service({ whilePending: 'separate' })];
  for (let sent = 0; sent < 5; sent++) await ding.send({ phone_number, template_id });
  const { body } = await ding.send({ phone_number, template_id, correlation_id: 'over' });
  expect((await ding.status(body.authentication_uuid)).body).toMatchObject({ correlation_id: 'over', events: [] });
});

test.each([
  ['of nobody', '0b7e0a3c-98a1-4f0e-8f5e-2d6c1f7a4b21'],
  ['that is none', 'x'],
  ['too long', 'x'.repeat(90)],
])('an id %s is a 400 that clients can parse', async (_, id) => {
  const { status, type, body } = await ding.status(id);
  expect([status, type.split(';')[0], body.code]).toEqual([400, 'application/json', 'invalid_auth_uuid']);
});

test('whose number is no longer kept is as unknown as any other', async () => {
  const phone_number = aNumber();
  const { id } = await ding.pending({ phone_number });
  await settled(id);
  const job = { kind: 'erase-recipient', tenantId: ding.customer, recipient: phone_number } as const;
  await ding.server.parts.store.maintain(job, 500);
  expect((await ding.status(id)).body.code).toBe('invalid_auth_uuid');
});
