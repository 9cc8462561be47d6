import { expect, test } from 'vitest';
import { aVerification } from '../../../testing/builders.ts';
import { startMs } from '../../../testing/clock.ts';
import { type EventKind, eventKinds } from '../../engine/events.ts';
import { snapshotOf } from '../../engine/snapshot.ts';
import { smsworksCallbacks } from './mapping.ts';

const verification = snapshotOf(aVerification({ recipient: '+447400100123' }), startMs);
const send = { number: 1, channel: 'sms', status: 'submitted', createdAtMs: startMs, sender: 'Acme' } as const;
const event = (kind: EventKind) => ({
  id: verification.id,
  kind,
  tenantId: 't',
  atMs: startMs + 4000,
  verification,
  send,
});

const words: Partial<Record<EventKind, string>> = {
  'send.submitted': 'SENT',
  'send.delivered': 'DELIVERED',
  'send.undelivered': 'UNDELIVERABLE',
  'send.failed': 'REJECTED',
  'send.dropped': 'EXPIRED',
};

test.each(eventKinds)('of %s the vendor tells as it does, or nothing', (kind) => {
  const text = smsworksCallbacks.word(event(kind));
  const status = words[kind];
  expect(text === undefined).toBe(status === undefined);
  if (text === undefined) return;
  const failed = status !== 'SENT' && status !== 'DELIVERED';
  expect(JSON.parse(text)).toEqual({
    messageid: verification.id,
    status,
    destination: 447_400_100_123,
    sender: 'Acme',
    created: new Date(startMs).toISOString(),
    modified: new Date(startMs + 4000).toISOString(),
    failurereason: failed ? { code: expect.any(Number), details: expect.any(String), permanent: true } : null,
  });
});
