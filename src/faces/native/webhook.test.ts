import { expect, test } from 'vitest';
import { startMs } from '../../../testing/clock.ts';
import type { UserEvent } from '../../engine/events.ts';
import { webhookBody } from './webhook.ts';

const event: UserEvent = {
  id: 'event-1',
  kind: 'factor.activated',
  tenantId: 'tenant-1',
  atMs: startMs,
  user: { id: 'user-1', reference: 'customer-1' },
};
const factor = { id: 'factor-1', kind: 'sms', status: 'active', name: 'mine', recipient: '+33612345678' } as const;
const bodyOf = (given: Partial<UserEvent>, fullRecipient = false) =>
  JSON.parse(webhookBody({ ...event, ...given }, { fullRecipient }));

test('an event of a user names the user and the factor, its recipient masked', () => {
  expect(bodyOf({ factor })).toEqual({
    type: 'factor.activated',
    timestamp: '2026-01-01T00:00:00.000Z',
    data: {
      user: { id: 'user-1', reference: 'customer-1' },
      factor: { ...factor, recipient: '+33…78' },
    },
  });
});

test.each([
  ['an address', 'ada@example.com', false, 'a…@example.com'],
  ['an address, in clear where the endpoint asks for it', 'ada@example.com', true, 'ada@example.com'],
  ['no recipient', undefined, true, null],
])('a factor with %s is shown so', (_, recipient, fullRecipient, shown) => {
  expect(bodyOf({ factor: { ...factor, name: undefined, recipient } }, fullRecipient).data.factor).toMatchObject({
    name: null,
    recipient: shown,
  });
});

test('what there is besides stands in our words: fields, codes that are left, sessions', () => {
  expect(bodyOf({ user: { id: 'user-1' }, changed: ['phoneNumber'] }).data).toEqual({
    user: { id: 'user-1', reference: null },
    changed: ['phoneNumber'],
  });
  expect(bodyOf({ recoveryCodesLeft: 0 }).data.recoveryCodesLeft).toBe(0);
  const session = { id: 'session-1', state: 'half-open', face: 'metal', proof: 'recovery-code' } as const;
  expect(bodyOf({ session }).data.session).toEqual({
    id: 'session-1',
    state: 'half_open',
    face: 'metal',
    proof: 'recovery_code',
    expiresAt: null,
  });
  expect(bodyOf({ session: { ...session, expiresAtMs: startMs } }).data.session.expiresAt).toBe(
    '2026-01-01T00:00:00.000Z',
  );
});
