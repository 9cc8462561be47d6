import { expect, test } from 'vitest';
import { aVerification } from '../../../testing/builders.ts';
import { startMs } from '../../../testing/clock.ts';
import type { StoredStatus } from '../../domain/verification.ts';
import { type EventKind, eventKinds } from '../../engine/events.ts';
import { snapshotOf } from '../../engine/snapshot.ts';
import { balanceBody, otpBody, smscxCallbacks } from './mapping.ts';

const told: Partial<Record<EventKind, [stored: StoredStatus, status: string]>> = {
  'verification.verified': ['verified', 'VERIFIED'],
  'verification.failed': ['failed', 'FAILED'],
  'verification.expired': ['pending', 'EXPIRED'],
  'verification.cancelled': ['cancelled', 'CANCELLED'],
};

test.each(eventKinds)('of %s the vendor tells one object, or nothing', (kind) => {
  const [stored = 'pending', status] = told[kind] ?? [];
  const terms = { callbackUrl: 'https://acme.example/otp', priceMicros: 52_500, parts: 2 };
  const verification = aVerification({
    ...{
      status: stored,
      face: 'smscx',
      recipient: '+33612345678',
      country: 'FR',
      attemptsUsed: 1,
      attemptsMax: 3,
      terms,
    },
    ...{ createdAtMs: startMs + 999, expiresAtMs: startMs + 999 + 300_000 },
  });
  const snapshot = snapshotOf(verification, verification.expiresAtMs);
  const { id, tenantId } = verification;
  const text = smscxCallbacks.word({ id: 'e', kind, tenantId, atMs: startMs, verification: snapshot });
  if (status === undefined) return expect(text).toBeUndefined();
  expect(JSON.parse(text ?? '')).toEqual({
    event: 'otp_update',
    data: [
      {
        otpId: id,
        trackId: null,
        phoneNumber: '+33612345678',
        countryIso: 'FR',
        status,
        cost: 0.0525,
        parts: 2,
        maxAttempts: 3,
        attempts: 1,
        ttl: 300,
        otpCallbackUrl: 'https://acme.example/otp',
        dateCreated: '2026-01-01 00:00:00',
        dateExpires: '2026-01-01 00:05:00',
      },
    ],
  });
});

test.each([
  [0, '0'],
  [50_000, '0.05'],
  [1_000_000, '1'],
  [123_456_789, '123.456789'],
])('a price of %i millionths is the JSON number %s', (priceMicros, cost) => {
  const body = otpBody(snapshotOf(aVerification({ country: 'FR', terms: { priceMicros } }), startMs));
  expect(JSON.stringify(body)).toContain(`"cost":${cost},`);
});

test('a balance is told in the currency, in small letters; without one it is paid for later', () => {
  expect(balanceBody({ balanceMicros: 12_340_000, currency: 'USD' })).toEqual({
    balance: 12.34,
    currency: 'usd',
    billing: 'prepaid',
  });
  expect(balanceBody({ currency: 'EUR' })).toEqual({ balance: 0, currency: 'eur', billing: 'postpaid' });
});
