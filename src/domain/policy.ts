import { type CodeAlphabet, codeSpace } from './code.ts';
import type { CodePolicy } from './verification.ts';

export const defaultCodePolicy: CodePolicy = { length: 6, alphabet: 'digits', ttlSeconds: 300, attemptsMax: 5 };

/** What no setting can go past. */
export const hardRanges = {
  length: { least: 4, most: 10 },
  ttlSeconds: { least: 60, most: 1800 },
  attemptsMax: { least: 1, most: 10 },
} as const;

/** A field of a request that cannot be honoured, and what to do about it. */
export interface FieldProblem {
  readonly field: string;
  readonly remedy: string;
}

const leastSpace = 1_000_000;
const longestSeconds = 600;
/** A guesser's chance over all attempts is at most one in this many. */
const leastOdds = 1000;

/**
 * What is wrong with a code policy, in the words of the request's fields.
 * @param weakCodes - the service's compatibility flag, without which a code space under a million or a lifetime over
 *   ten minutes is refused
 */
export function codePolicyProblem(policy: CodePolicy, weakCodes: boolean): FieldProblem | undefined {
  const names = { length: 'codeLength', ttlSeconds: 'ttlSeconds', attemptsMax: 'maxAttempts' } as const;
  for (const key of ['length', 'ttlSeconds', 'attemptsMax'] as const) {
    const { least, most } = hardRanges[key];
    const value = policy[key];
    if (!Number.isInteger(value) || value < least || value > most) {
      return { field: names[key], remedy: `must be a whole number from ${least} to ${most}` };
    }
  }
  const space = codeSpace(policy.alphabet, policy.length);
  if (policy.attemptsMax * leastOdds > space) {
    return { field: 'maxAttempts', remedy: `must be at most ${Math.floor(space / leastOdds)} for codes this short` };
  }
  if (weakCodes) return undefined;
  if (space < leastSpace) return { field: 'codeLength', remedy: tooFew(policy.alphabet) };
  if (policy.ttlSeconds > longestSeconds) {
    return {
      field: 'ttlSeconds',
      remedy: `must be at most ${longestSeconds}; up to ${hardRanges.ttlSeconds.most} needs the service's weakCodes flag`,
    };
  }
  return undefined;
}

/**
 * A policy that was held against the ranges of a vendor.
 * @throws RangeError beyond what any vendor allows: a mistake in our code
 */
export function assertPossible(policy: CodePolicy): CodePolicy {
  const { length, ttlSeconds, attemptsMax } = policy;
  const possible = length >= 4 && length <= 20 && ttlSeconds > 0 && ttlSeconds <= 86_400 && attemptsMax >= 1;
  if (!possible) throw new RangeError('a face let a code policy through that no vendor allows');
  return policy;
}

function tooFew(alphabet: CodeAlphabet): string {
  const { least, most } = hardRanges.length;
  let length: number = least;
  while (length < most && codeSpace(alphabet, length) < leastSpace) length++;
  return `must be at least ${length} for ${alphabet}; shorter codes need the service's weakCodes flag`;
}
