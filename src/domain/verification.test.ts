import fc from 'fast-check';
import { expect, test } from 'vitest';
import { aCode, aVerification } from '../../testing/builders.ts';
import { startMs as NOW } from '../../testing/clock.ts';
import { digest } from './bytes.ts';
import { unpackTimeline } from './timeline.ts';
import {
  type CancelOutcome,
  type CheckOutcome,
  cancel,
  check,
  replaced,
  resendRefusal,
  statusOf,
  type Verification,
  type VerificationStatus,
} from './verification.ts';

const RIGHT = digest('123456');
const WRONG = digest('000000');
const momentsOf = ({ timeline }: Verification) => unpackTimeline(timeline).map(({ moment }) => moment);
const secretsOf = ({ code: { salt, sealed } }: Verification) => [salt, sealed];

const expiry: [sentence: string, given: Partial<Verification>, status: VerificationStatus][] = [
  ['is pending a millisecond before its expiry', { expiresAtMs: NOW + 1 }, 'pending'],
  ['is expired in the very millisecond it expires', { expiresAtMs: NOW }, 'expired'],
  ['stays verified after its expiry', { status: 'verified', expiresAtMs: NOW }, 'verified'],
  ['stays failed after its expiry', { status: 'failed', expiresAtMs: NOW }, 'failed'],
  ['stays cancelled after its expiry', { status: 'cancelled', expiresAtMs: NOW }, 'cancelled'],
  ['stays refused after its expiry', { status: 'refused', expiresAtMs: NOW }, 'refused'],
];

test.each(expiry)('%s', (_, given, status) => {
  expect(statusOf(aVerification(given), NOW)).toBe(status);
});

const ends: [sentence: string, given: Partial<Verification>, kind: CheckOutcome['kind']][] = [
  ['already verified', { status: 'verified' }, 'already-verified'],
  ['failed, its attempts used up', { status: 'failed', attemptsUsed: 5 }, 'exhausted'],
  ['cancelled', { status: 'cancelled' }, 'cancelled'],
];

test.each(ends)('when %s, even the right code changes nothing', (_, given, kind) => {
  const current = aVerification(given);
  for (const typed of [RIGHT, WRONG]) {
    expect(check(current, typed, RIGHT, NOW)).toEqual({ next: current, outcome: { kind } });
  }
});

test.each(['limited', 'fraud'] as const)('when refused as %s, even the right code changes nothing', (refusal) => {
  const current = aVerification({ status: 'refused', terms: { refusal } });
  const outcome = { kind: 'refused', reason: refusal };
  for (const typed of [RIGHT, WRONG]) expect(check(current, typed, RIGHT, NOW)).toEqual({ next: current, outcome });
  expect(resendRefusal(current, NOW)).toEqual(outcome);
});

test('when expired in the very millisecond it expires, even the right code changes nothing; the first to notice is told', () => {
  const current = aVerification({ expiresAtMs: NOW });
  for (const typed of [RIGHT, WRONG]) {
    const first = check(current, typed, RIGHT, NOW);
    expect(first.outcome).toEqual({ kind: 'expired', noticed: true });
    expect(first.next).toEqual({ ...current, timeline: first.next.timeline });
    expect(momentsOf(first.next)).toEqual(['expired']);
    expect(check(first.next, typed, RIGHT, NOW)).toEqual({
      next: first.next,
      outcome: { kind: 'expired', noticed: false },
    });
  }
});

test('the right code verifies, charges nothing, and takes with it whatever the code could be computed from', () => {
  const current = aVerification({ attemptsUsed: 4, code: aCode({ sealed: 'c2VhbGVk' }) });
  const { next, outcome } = check(current, RIGHT, RIGHT, NOW);
  expect(outcome).toEqual({ kind: 'verified' });
  expect(next).toMatchObject({ status: 'verified', attemptsUsed: 4, endedAtMs: NOW });
  expect(secretsOf(next)).toEqual([undefined, undefined]);
  expect(momentsOf(next)).toEqual(['verified']);
});

test('a wrong code uses up one attempt and leaves the rest as it was', () => {
  const current = aVerification({ attemptsUsed: 1 });
  const { next, outcome } = check(current, WRONG, RIGHT, NOW);
  expect(outcome).toEqual({ kind: 'wrong-code', attemptsLeft: 3 });
  expect(next).toEqual({ ...current, attemptsUsed: 2, timeline: next.timeline });
  expect(momentsOf(next)).toEqual(['wrong-code']);
});

test('the last attempt answers wrong code with none left, and ends the verification in the same change', () => {
  const { next, outcome } = check(aVerification({ attemptsUsed: 4 }), WRONG, RIGHT, NOW);
  expect(outcome).toEqual({ kind: 'wrong-code', attemptsLeft: 0 });
  expect(next).toMatchObject({ status: 'failed', attemptsUsed: 5, endedAtMs: NOW });
  expect(secretsOf(next)).toEqual([undefined, undefined]);
  expect(momentsOf(next)).toEqual(['wrong-code', 'failed']);
});

test('never uses more attempts than it has, however often it is asked', () => {
  fc.assert(
    fc.property(fc.nat({ max: 20 }), fc.integer({ min: 1, max: 10 }), (asked, attemptsMax) => {
      let verification = aVerification({ attemptsMax });
      for (let i = 0; i < asked; i++) verification = check(verification, WRONG, RIGHT, NOW).next;
      expect(verification.attemptsUsed).toBe(Math.min(asked, attemptsMax));
      expect(verification.status).toBe(asked < attemptsMax ? 'pending' : 'failed');
    }),
  );
});

test('verifies at most once, and an end is final, whatever comes in whatever order', () => {
  const step = fc.record({ act: fc.constantFrom('right', 'wrong', 'cancel'), waitMs: fc.nat({ max: 100_000 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      let current = aVerification();
      let nowMs = NOW;
      let successes = 0;
      for (const { act, waitMs } of steps) {
        nowMs += waitMs;
        const before = statusOf(current, nowMs);
        const { next, outcome } =
          act === 'cancel' ? cancel(current, nowMs) : check(current, act === 'right' ? RIGHT : WRONG, RIGHT, nowMs);
        if (outcome.kind === 'verified') successes += 1;
        // That it ran out is noted once.
        if (before !== 'pending') expect({ ...next, timeline: '' }).toEqual({ ...current, timeline: '' });
        current = next;
      }
      expect(successes).toBe(current.status === 'verified' ? 1 : 0);
    }),
  );
});

const cancels: [sentence: string, given: Partial<Verification>, outcome: CancelOutcome][] = [
  ['pending', {}, { kind: 'cancelled' }],
  ['expired in this very millisecond', { expiresAtMs: NOW }, { kind: 'ended', status: 'expired' }],
  ['verified', { status: 'verified' }, { kind: 'ended', status: 'verified' }],
  ['failed', { status: 'failed' }, { kind: 'ended', status: 'failed' }],
  ['cancelled before', { status: 'cancelled' }, { kind: 'ended', status: 'cancelled' }],
];

test.each(cancels)('cancelling one that is %s', (_, given, outcome) => {
  const current = aVerification(given);
  const decision = cancel(current, NOW);
  expect(decision.outcome).toEqual(outcome);
  if (outcome.kind === 'ended') return expect(decision.next).toBe(current);
  expect(decision.next).toMatchObject({ status: 'cancelled', endedAtMs: NOW });
  expect(secretsOf(decision.next)).toEqual([undefined, undefined]);
});

test('one that another took the place of is cancelled, its secrets gone, and says so', () => {
  const next = replaced(aVerification(), NOW);
  expect(next.status).toBe('cancelled');
  expect(secretsOf(next)).toEqual([undefined, undefined]);
  expect(momentsOf(next)).toEqual(['cancelled', 'replaced']);
});
