import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keys } from '../../testing/builders.ts';
import { resealedSecret } from './sealed-secret.ts';
import {
  type AttemptResult,
  afterAttempt,
  endpointAfter,
  failingMaxMs,
  openSecret,
  pauseAfter,
  replayed,
  sealSecret,
  secretContext,
  type WebhookDelivery,
  type WebhookEndpoint,
  wants,
} from './webhook.ts';

const nowMs = 1_000_000;
const place = { tenantId: '0192f000-0000-7000-8000-00000000000a', id: '0192f000-0000-7000-8000-0000000000e1' };

const aDelivery = (given: Partial<WebhookDelivery> = {}): WebhookDelivery => ({
  tenantId: place.tenantId,
  verificationId: place.id,
  number: 1,
  destination: place.id,
  eventId: place.id,
  event: 'verification.verified',
  status: 'queued',
  attempts: 0,
  epoch: 'e1',
  dueAtMs: nowMs,
  createdAtMs: nowMs,
  beganAtMs: nowMs,
  ...given,
});

const anEndpoint = (given: Partial<WebhookEndpoint> = {}): WebhookEndpoint => ({
  ...place,
  url: 'https://example.com/',
  events: [],
  description: '',
  fullRecipient: false,
  secret: { keyId: 'd1', sealed: '' },
  createdAtMs: nowMs,
  ...given,
});

const refused: AttemptResult = { kind: 'failed', reason: 'refused', httpStatus: 500 };

test('ten attempts are made, at growing pauses', () => {
  const pauses = Array.from({ length: 9 }, (_, index) => (pauseAfter(index + 1, 0.5) ?? 0) / 1000);
  expect(pauses).toEqual([5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400]);
  expect(pauseAfter(10, 0.5)).toBeUndefined();
});

test('the jitter is a fifth either way, whatever is drawn', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), fc.double({ min: 0, max: 1, noNaN: true }), (attempts, jitter) => {
      const middle = pauseAfter(attempts, 0.5) ?? 0;
      const pause = pauseAfter(attempts, jitter) ?? 0;
      return pause >= Math.round(middle * 0.8) && pause <= Math.round(middle * 1.2);
    }),
  );
});

const outcomes: [
  what: string,
  given: Partial<WebhookDelivery>,
  result: AttemptResult,
  becomes: Partial<WebhookDelivery>,
][] = [
  ['2xx delivers', {}, { kind: 'delivered', httpStatus: 204 }, { status: 'delivered', attempts: 1, httpStatus: 204 }],
  ['a refusal is tried again', {}, refused, { status: 'queued', attempts: 1, dueAtMs: nowMs + 5000 }],
  ['the tenth refusal is the last', { attempts: 9 }, refused, { status: 'failed', attempts: 10, endedAtMs: nowMs }],
  ['what is five days old is not tried again', { beganAtMs: nowMs - failingMaxMs }, refused, { status: 'failed' }],
  ['a millisecond less is', { beganAtMs: nowMs - failingMaxMs + 1 }, refused, { status: 'queued' }],
  ['410 is the end', {}, { kind: 'gone', httpStatus: 410 }, { status: 'failed', reason: 'gone', attempts: 1 }],
  ['what has nothing to say is dropped', {}, { kind: 'dropped', reason: 'x' }, { status: 'dropped', attempts: 0 }],
  ['a stop uses up no attempt', { attempts: 3 }, { kind: 'stopped' }, { status: 'queued', attempts: 3 }],
  [
    'a receiver may ask for more time',
    {},
    { ...refused, retryAfterSeconds: 60 },
    { status: 'queued', dueAtMs: nowMs + 60_000 },
  ],
  ['but not for less', { attempts: 1 }, { ...refused, retryAfterSeconds: 1 }, { dueAtMs: nowMs + 300_000 }],
  ['and for an hour at most', {}, { ...refused, retryAfterSeconds: 86_400 }, { dueAtMs: nowMs + 3_600_000 }],
];

test.each(outcomes)('%s', (_, given, result, becomes) => {
  const next = afterAttempt(aDelivery(given), result, { nowMs, jitter: 0.5 });
  expect(next).toMatchObject(becomes);
  expect(next.epoch).toBeUndefined();
});

test('what is told once more begins anew, behind what is on its way', () => {
  const over = aDelivery({ status: 'failed', attempts: 10, endedAtMs: nowMs, epoch: undefined });
  expect(replayed(over, false, nowMs + 1)).toMatchObject({ status: 'queued', attempts: 0, beganAtMs: nowMs + 1 });
  expect(replayed(over, true, nowMs + 1)).toMatchObject({ status: 'waiting', createdAtMs: nowMs });
});

const health: [
  what: string,
  given: Partial<WebhookEndpoint>,
  result: AttemptResult,
  becomes: Partial<WebhookEndpoint>,
][] = [
  ['the first failure is remembered', {}, refused, { failingSinceMs: nowMs }],
  ['a later one changes nothing', { failingSinceMs: 5 }, refused, { failingSinceMs: 5, disabled: undefined }],
  [
    'a success forgets it',
    { failingSinceMs: 5 },
    { kind: 'delivered', httpStatus: 200 },
    { failingSinceMs: undefined },
  ],
  ['five days of failures disable it', { failingSinceMs: nowMs - failingMaxMs }, refused, { disabled: 'failing' }],
  ['410 disables it', {}, { kind: 'gone', httpStatus: 410 }, { disabled: 'gone' }],
  ['a stop says nothing of it', {}, { kind: 'stopped' }, { failingSinceMs: undefined, disabled: undefined }],
];

test.each(health)('of an endpoint, %s', (_, given, result, becomes) => {
  const next = endpointAfter(anEndpoint(given), result, nowMs);
  for (const [name, value] of Object.entries(becomes)) expect(next[name as keyof WebhookEndpoint]).toBe(value);
});

test('an endpoint wants all kinds, or those that it names, and none while it is disabled', () => {
  expect(wants(anEndpoint(), 'send.failed')).toBe(true);
  expect(wants(anEndpoint({ events: ['send.failed'] }), 'send.failed')).toBe(true);
  expect(wants(anEndpoint({ events: ['send.failed'] }), 'send.created')).toBe(false);
  expect(wants(anEndpoint({ disabled: 'paused' }), 'send.failed')).toBe(false);
});

test('a sealed secret opens for its endpoint alone, also once it was sealed anew', () => {
  const secret = Buffer.alloc(32, 9);
  const sealed = sealSecret(secret, place, keys, Buffer.alloc(12, 1));
  expect(openSecret(sealed, place, keys)).toEqual(secret);
  expect(() => openSecret(sealed, { ...place, id: place.tenantId }, keys)).toThrow();
  const rings = { ...keys, data: { activeId: 'd2', keys: { ...keys.data.keys, d2: new Uint8Array(32).fill(8) } } };
  const anew = resealedSecret(sealed, secretContext(place), rings, Buffer.alloc(12, 2));
  expect([anew.keyId, openSecret(anew, place, rings)]).toEqual(['d2', secret]);
});
