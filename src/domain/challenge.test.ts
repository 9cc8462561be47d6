import { expect, test } from 'vitest';
import { startMs } from '../../testing/clock.ts';
import { aChallenge, aUser } from '../../testing/people.ts';
import { type Challenge, type ChallengeStatus, challengeStatusOf } from './challenge.ts';

const challenge = aChallenge({ userId: aUser().id });

const cases: [stored: Challenge['status'], atMs: number, reads: ChallengeStatus][] = [
  ['pending', startMs, 'pending'],
  ['pending', startMs + 599_999, 'pending'],
  ['pending', startMs + 600_000, 'expired'],
  ['verified', startMs + 600_000, 'verified'],
  ['failed', startMs + 600_000, 'failed'],
];

test.each(cases)('a challenge that is %s reads, at %i, as %s', (status, atMs, reads) => {
  expect(challengeStatusOf({ ...challenge, status }, atMs)).toBe(reads);
});
