import { expect, test } from 'vitest';
import { aCode, aVerification } from '../../testing/builders.ts';
import { startMs as NOW } from '../../testing/clock.ts';
import { unpackTimeline } from './timeline.ts';
import {
  nextSendAfter,
  type ResendRefusal,
  resendRefusal,
  resent,
  sendsMaxOf,
  type Verification,
} from './verification.ts';

const ready: Partial<Verification> = { nextSendAtMs: NOW, expiresAtMs: NOW + 100_000 };

const refusals: [sentence: string, given: Partial<Verification>, refusal: ResendRefusal | undefined][] = [
  ['sends in the very millisecond the gap ends', {}, undefined],
  ['waits out the gap', { nextSendAtMs: NOW + 1 }, { kind: 'too-soon', nextSendAtMs: NOW + 1, retryAfterSeconds: 1 }],
  [
    'tells whole seconds to wait, rounded up',
    { nextSendAtMs: NOW + 29_001 },
    { kind: 'too-soon', nextSendAtMs: NOW + 29_001, retryAfterSeconds: 30 },
  ],
  ['sends the last of its sends', { sendsUsed: sendsMaxOf({}) - 1 }, undefined],
  ['has no send beyond them', { sendsUsed: sendsMaxOf({}) }, { kind: 'sends-exhausted' }],
  ['sends with just enough life left', { expiresAtMs: NOW + 30_000 }, undefined],
  ['does not with a millisecond less', { expiresAtMs: NOW + 29_999 }, { kind: 'expiring' }],
  ['has ended when expired', { expiresAtMs: NOW }, { kind: 'ended', status: 'expired' }],
  ['has ended when verified', { status: 'verified' }, { kind: 'ended', status: 'verified' }],
  ['has ended when cancelled', { status: 'cancelled' }, { kind: 'ended', status: 'cancelled' }],
  ['has ended when failed', { status: 'failed' }, { kind: 'ended', status: 'failed' }],
  [
    'says it has ended rather than that its sends are used up',
    { status: 'verified', sendsUsed: sendsMaxOf({}), nextSendAtMs: NOW + 1 },
    { kind: 'ended', status: 'verified' },
  ],
];

test.each(refusals)('%s', (_, given, refusal) => {
  expect(resendRefusal(aVerification({ ...ready, ...given }), NOW)).toEqual(refusal);
});

test.each([
  [1, 30],
  [2, 60],
  [3, 120],
  [4, 240],
  [5, 240],
])('after send %i the next one waits %i seconds', (sendsUsed, seconds) => {
  expect(nextSendAfter(sendsUsed, NOW)).toBe(NOW + seconds * 1000);
});

test('another message leaves code, expiry and attempts as they are', () => {
  const current = aVerification({ ...ready, attemptsUsed: 3, sendsUsed: 2 });
  const next = resent(current, 'voice', undefined, NOW);
  expect(next).toEqual({
    ...current,
    channel: 'voice',
    sendsUsed: 3,
    nextSendAtMs: NOW + 120_000,
    timeline: next.timeline,
  });
  expect(unpackTimeline(next.timeline)).toEqual([{ moment: 'send-requested', atMs: NOW }]);
});

test('a new code comes from a fresh salt and a higher generation; expiry and attempts stay', () => {
  const code = aCode({ alphabet: 'letters', length: 8, generation: 2, keyId: 'd1', salt: undefined, sealed: 'c2Vh' });
  const current = aVerification({ ...ready, attemptsUsed: 3, code });
  const salt = 'ab'.repeat(16);
  const next = resent(current, 'sms', { keyId: 'p2', salt }, NOW);
  expect(next.code).toEqual({ alphabet: 'letters', length: 8, generation: 3, keyId: 'p2', salt });
  expect(next).toMatchObject({ attemptsUsed: 3, expiresAtMs: current.expiresAtMs, status: 'pending' });
  expect(unpackTimeline(next.timeline)).toEqual([{ moment: 'new-code', atMs: NOW }]);
});
