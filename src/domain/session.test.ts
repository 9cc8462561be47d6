import { expect, test } from 'vitest';
import { startMs } from '../../testing/clock.ts';
import { aSession, aUser } from '../../testing/people.ts';
import { isOpen, type Session, sessionsInTheWay, sessionsMax } from './session.ts';

const hourMs = 3_600_000;
const session = aSession({ userId: aUser().id });
const token: Partial<Session> = { expiresAtMs: undefined, idleSeconds: undefined, description: 'deploy' };
const used = (afterMs: number): Partial<Session> => ({ lastUsedAtMs: startMs + afterMs });

const cases: [sentence: string, given: Partial<Session>, sessionsFromMs: number, atMs: number, open: boolean][] = [
  ['is open when it was just made', {}, 0, startMs, true],
  ['is open a millisecond before it is idle for too long', {}, 0, startMs + 899_999, true],
  ['is over in the millisecond it is idle for too long', {}, 0, startMs + 900_000, false],
  ['is open for as long again after each use', used(hourMs), 0, startMs + hourMs + 899_999, true],
  ['is open a millisecond before its latest end', used(12 * hourMs - 1), 0, startMs + 12 * hourMs - 1, true],
  ['is over at its latest end, however lately used', used(12 * hourMs - 1), 0, startMs + 12 * hourMs, false],
  ['is never idle where nothing says so', { idleSeconds: undefined }, 0, startMs + 11 * hourMs, true],
  ['is over once it was revoked', { revokedAtMs: startMs }, 0, startMs, false],
  ['is over when the user has a newer password', {}, startMs + 1, startMs + 1, false],
  ['is open when it was made with the newest password', {}, startMs, startMs, true],
  ['has no end when it is a user token', token, 0, startMs + 10_000 * hourMs, true],
  ['is not ended by a new password when it is a user token', token, startMs + 1, startMs + 1, true],
  ['is over when it is a user token that was revoked', { ...token, revokedAtMs: startMs }, 0, startMs, false],
  ['is open or over alike when half-open', { state: 'half-open' }, 0, startMs + 900_000, false],
];

test.each(cases)('a session %s', (_, given, sessionsFromMs, atMs, open) => {
  expect(isOpen({ ...session, ...given }, sessionsFromMs, atMs)).toBe(open);
});

test('who knows the password alone pushes nobody out who showed a second factor', () => {
  const complete = aSession({ userId: session.userId });
  const halfOpen = (ageMs: number) =>
    aSession({ userId: session.userId, state: 'half-open', createdAtMs: startMs - ageMs });
  // Newest first: the complete one is the oldest of all.
  const kept = [...Array.from({ length: sessionsMax - 1 }, (_, at) => halfOpen(at)), complete];
  expect(sessionsInTheWay(kept, 0, startMs)).toEqual([kept.at(-2)]);
  const over = { ...complete, expiresAtMs: startMs };
  expect(sessionsInTheWay([...kept.slice(0, -1), over], 0, startMs)).toEqual([over]);
  const all = Array.from({ length: sessionsMax }, () => aSession({ userId: session.userId }));
  expect(sessionsInTheWay(all, 0, startMs)).toEqual([all.at(-1)]);
});
