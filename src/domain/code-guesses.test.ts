import { expect, test } from 'vitest';
import { type CodeGuesses, guessRefusal, withGuess } from './code-guesses.ts';

const startMs = Date.UTC(2026, 2, 2, 9, 15);
const minuteMs = 60_000;

/** Guesses on and on, and counts what is let through. */
function flood(given: CodeGuesses, atMs: number, tries: number) {
  let guesses = given;
  let through = 0;
  for (let tried = 0; tried < tries; tried++) {
    if (guessRefusal(guesses, atMs) !== undefined) continue;
    through++;
    guesses = withGuess(guesses, 'wrong', atMs);
  }
  return { guesses, through };
}

test('a hundred wrong codes are let through at once, and ten in each minute that follows', () => {
  let { guesses, through } = flood([], startMs, 1000);
  expect(through).toBe(100);
  for (let minute = 1; minute <= 10; minute++) {
    ({ guesses, through } = flood(guesses, startMs + minute * minuteMs, 1000));
    expect(through).toBe(10);
  }
  ({ through } = flood(guesses, startMs + 11 * minuteMs, 1000));
  // The first hundred count no longer; what came since does.
  expect(through).toBe(10);
});

test('three wrong codes for each one sent are let through, where that is more', () => {
  let guesses: CodeGuesses = [];
  for (let sent = 0; sent < 50; sent++) guesses = withGuess(guesses, 'sent', startMs);
  expect(flood(guesses, startMs, 1000).through).toBe(150);
});

test('ten minutes of silence let a hundred through again, and not a minute less', () => {
  const { guesses } = flood([], startMs, 1000);
  expect(flood(guesses, startMs + 10 * minuteMs, 1000).through).toBe(10);
  expect(flood(guesses, startMs + 11 * minuteMs, 1000).through).toBe(100);
});

test('says in how many seconds some are let through again', () => {
  const { guesses } = flood([], startMs + 1000, 1000);
  expect(guessRefusal(guesses, startMs + 1000)).toEqual({ kind: 'limited', retryAfterSeconds: 59 });
  expect(guessRefusal(guesses, startMs + 59_999)).toEqual({ kind: 'limited', retryAfterSeconds: 1 });
  expect(guessRefusal(guesses, startMs + 60_000)).toBeUndefined();
});

test('never remembers more than eleven minutes', () => {
  let guesses: CodeGuesses = [];
  for (let minute = 0; minute < 100; minute++) guesses = withGuess(guesses, 'wrong', startMs + minute * minuteMs);
  expect(guesses).toHaveLength(11);
});
