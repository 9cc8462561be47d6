import { secondsUntil } from './limits.ts';

/*
 * Who checks codes without saying whose guesses against all of a tenant's live codes at once: no verification, and no
 * recipient, has attempts that would run out. So wrong ones are counted for the tenant, and only time takes them back.
 */

/** What happened in one minute. */
export interface GuessMinute {
  /** Minutes since 1970, UTC. */
  readonly minute: number;
  readonly wrong: number;
  /** Codes sent that can be checked so. */
  readonly sent: number;
}

/** The minutes that still count, oldest first. Those in which nothing happened are left out. */
export type CodeGuesses = readonly GuessMinute[];

/** The window; with the minute that is not over yet, eleven minutes are looked at, so that no ten hold more. */
const windowMinutes = 10;
const wrongAtLeast = 100;
const wrongPerSent = 3;
/** Let through in every minute, so that a flood of wrong codes does not lock everybody out. */
const wrongEveryMinute = 10;
const minuteMs = 60_000;

/** Why no code is looked at now; undefined when one may be. */
export function guessRefusal(
  guesses: CodeGuesses,
  nowMs: number,
): { readonly kind: 'limited'; readonly retryAfterSeconds: number } | undefined {
  const minute = Math.floor(nowMs / minuteMs);
  const recent = current(guesses, minute);
  const total = (of: 'wrong' | 'sent') => recent.reduce((sum, one) => sum + one[of], 0);
  const thisMinute = recent.find((one) => one.minute === minute)?.wrong ?? 0;
  const most = Math.max(wrongAtLeast, wrongPerSent * total('sent'));
  if (thisMinute < wrongEveryMinute || total('wrong') < most) return undefined;
  return { kind: 'limited', retryAfterSeconds: secondsUntil((minute + 1) * minuteMs, nowMs) };
}

/** One more of either. */
export function withGuess(guesses: CodeGuesses, what: 'wrong' | 'sent', nowMs: number): CodeGuesses {
  const minute = Math.floor(nowMs / minuteMs);
  const recent = current(guesses, minute);
  const now = recent.find((one) => one.minute === minute) ?? { minute, wrong: 0, sent: 0 };
  return [...recent.filter((one) => one.minute !== minute), { ...now, [what]: now[what] + 1 }];
}

function current(guesses: CodeGuesses, minute: number): CodeGuesses {
  return guesses.filter((one) => one.minute >= minute - windowMinutes && one.minute <= minute);
}
