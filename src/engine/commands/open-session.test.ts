import { expect, test } from 'vitest';
import { keys, noLimits, tenantId } from '../../../testing/builders.ts';
import { startMs } from '../../../testing/clock.ts';
import type { Challenge } from '../../domain/challenge.ts';
import type { Factor } from '../../domain/factor.ts';
import { noFailures } from '../../domain/limits.ts';
import { defaultSessionPolicy as policy } from '../../domain/session.ts';
import type { User } from '../../domain/user.ts';
import type { Decided, Loaded } from '../command.ts';
import { openChallengeSession, openSession } from './open-session.ts';

const userId = '0192f000-0000-7000-8000-0000000000a1';
const session = { id: '0192f000-0000-7000-8000-0000000000a2', hash: 'ab'.repeat(32), face: 'metal' };
const minute = 60_000;
const user: User = {
  tenantId,
  id: userId,
  failures: noFailures,
  loginFailures: noFailures,
  sessionsFromMs: 0,
  passwordVersion: 1,
  createdAtMs: 0,
  updatedAtMs: 0,
};
const factor: Factor = { tenantId, userId, id: session.id, kind: 'totp', status: 'active', createdAtMs: 0 };
const challenge: Challenge = {
  tenantId,
  userId,
  id: '0192f000-0000-7000-8000-0000000000c1',
  status: 'verified',
  attemptsUsed: 0,
  attemptsMax: 5,
  proof: { kind: 'totp', factorId: factor.id },
  createdAtMs: startMs - minute,
  expiresAtMs: startMs + 9 * minute,
  endedAtMs: startMs,
};

function loadedWith(rows: { readonly factors?: readonly Factor[]; readonly challenge?: Challenge | undefined }) {
  const loaded: Pick<Loaded, 'user' | 'factors' | 'challenge' | 'sessionsOf'> = {
    user: () => user,
    factors: () => rows.factors ?? [],
    challenge: () => rows.challenge,
    sessionsOf: () => [],
  };
  return loaded as Loaded;
}

const contextAt = (nowMs: number) => ({ nowMs, wallMs: nowMs, keys, limits: noLimits });

function opened<Outcome>(decided: Decided<Outcome> | 'stale'): Decided<Outcome> {
  if (decided === 'stale') throw new Error('it was stale');
  return decided;
}

const states: [whose: string, factors: readonly Factor[], state: string, seconds: number][] = [
  ['a user without factors', [], 'complete', 43_200],
  ['a user with an active factor', [factor], 'half-open', 600],
  ['a user with a pending factor', [{ ...factor, status: 'pending' }], 'complete', 43_200],
  ['a user whose factor was disabled', [{ ...factor, status: 'disabled' }], 'half-open', 600],
];

test.each(states)('a login of %s opens a session in its state', (_, factors, state, seconds) => {
  const command = {
    kind: 'open-session',
    ...{ tenantId, userId, isRight: true, passwordVersion: 1, session, policy },
  } as const;
  const { outcome } = opened(openSession.decide(command, loadedWith({ factors }), contextAt(startMs)));
  expect(outcome).toMatchObject({ kind: 'opened', session: { state, expiresAtMs: startMs + seconds * 1000 } });
});

const refused: [what: string, given: Partial<Challenge>, afterMs: number, outcome: object][] = [
  ['a pending one', { status: 'pending' }, 0, { kind: 'challenge-not-verified', status: 'pending' }],
  ['one that ran out', { status: 'pending' }, 9 * minute, { kind: 'challenge-not-verified', status: 'expired' }],
  ['one that failed', { status: 'failed' }, 0, { kind: 'challenge-not-verified', status: 'failed' }],
  ['one with a session', { sessionId: session.id }, 0, { kind: 'challenge-used' }],
  ['one that was met long ago', {}, 10 * minute + 1, { kind: 'challenge-too-old' }],
];

const command = { kind: 'open-challenge-session', tenantId, challengeId: challenge.id, session, policy } as const;

test.each(refused)('a challenge opens no session: %s', (_, given, afterMs, outcome) => {
  const loaded = loadedWith({ challenge: { ...challenge, ...given } });
  expect(openChallengeSession.decide(command, loaded, contextAt(startMs + afterMs))).toEqual({ writes: {}, outcome });
});

test('a challenge that nobody knows opens no session', () => {
  const decided = openChallengeSession.decide(command, loadedWith({}), contextAt(startMs));
  expect(decided).toEqual({ writes: {}, outcome: { kind: 'not-found' } });
});

test('a challenge that was met opens one complete session, which says how', () => {
  const atMs = startMs + 10 * minute;
  const { outcome, writes } = opened(openChallengeSession.decide(command, loadedWith({ challenge }), contextAt(atMs)));
  expect(outcome).toMatchObject({ session: { state: 'complete', proof: 'totp', userId, createdAtMs: atMs } });
  expect(writes.people?.challenges).toEqual([{ ...challenge, sessionId: session.id }]);
});
