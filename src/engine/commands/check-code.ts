import { guessRefusal, withGuess } from '../../domain/code-guesses.ts';
import { statusOf, type Verification } from '../../domain/verification.ts';
import type { CommandBase, Decided, Decider, Loaded } from '../command.ts';
import type { Snapshot } from '../snapshot.ts';
import { decideCheck, type Locked, type NotFound } from './check-verification.ts';

/** One code handed in without a word about whose it is: of all that are live, the newest verification with this code. */
export interface CheckCode extends CommandBase {
  readonly kind: 'check-code';
  readonly code: string;
  /** What the code would be found by, under each key of the pepper ring. */
  readonly tags: readonly string[];
  /** These narrow the search. */
  readonly verificationId?: string | undefined;
  readonly recipient?: string | undefined;
  /** Only verifications of this face exist for the caller; absent for the native face, which sees all. */
  readonly face?: string | undefined;
}

export type CodeCheckAnswer =
  | { readonly kind: 'verified'; readonly verification: Snapshot }
  | { readonly kind: 'expired'; readonly noticed: boolean; readonly verification: Snapshot }
  | NotFound
  | Locked
  /** The tenant has handed in too many wrong codes. */
  | { readonly kind: 'limited'; readonly retryAfterSeconds: number };

/** Of verifications with one code, as a caller may choose them to have, the newest are looked at. */
const candidatesMax = 100;

export const checkCode: Decider<CheckCode, CodeCheckAnswer> = {
  find: ({ tags }) => ({ codeTags: tags }),
  findNext: (command, found) => ({ codeTags: command.tags, verifications: taggedIds(command, found) }),
  reads(command, found) {
    const verifications = taggedIds(command, found);
    const recipients = verifications.flatMap((id) => found.verification(id)?.recipient ?? []);
    return { codeTags: command.tags, verifications, recipients, codeGuesses: true };
  },
  decide(command, loaded, context) {
    const { nowMs } = context;
    const guesses = loaded.codeGuesses();
    const refusal = guessRefusal(guesses, nowMs);
    if (refusal !== undefined) return { writes: {}, outcome: refusal };

    const meant = meantBy(command, loaded, nowMs);
    const { writes, outcome } = decideCheck(command, meant, loaded, context);
    switch (outcome.kind) {
      case 'locked':
        return { writes, outcome };
      case 'verified':
      case 'expired':
        return { writes, outcome };
      default:
        return { writes: { ...writes, codeGuesses: withGuess(guesses, 'wrong', nowMs) }, outcome: notFound };
    }
  },
};

const notFound: Decided<CodeCheckAnswer>['outcome'] = { kind: 'not-found' };

/** Newest first: ids begin with their time. */
function taggedIds({ tags, verificationId }: CheckCode, found: Loaded): readonly string[] {
  const ids = tags.flatMap((tag) => found.tagged(tag).map((tagged) => tagged.verificationId));
  const meant = verificationId === undefined ? ids : ids.filter((id) => id === verificationId);
  if (meant.length < 2) return meant;
  return [...new Set(meant)].sort().reverse().slice(0, candidatesMax);
}

/** The newest live one with this code, or else the newest that ran out. One that has ended otherwise is nobody's. */
function meantBy(command: CheckCode, loaded: Loaded, nowMs: number): Verification | undefined {
  const candidates = taggedIds(command, loaded)
    .filter((id) => loaded.asked(id))
    .flatMap((id) => loaded.verification(id) ?? [])
    .filter(({ face }) => command.face === undefined || face === command.face)
    .filter(({ recipient }) => command.recipient === undefined || recipient === command.recipient);
  const newest = (status: 'pending' | 'expired') => candidates.find((one) => statusOf(one, nowMs) === status);
  return newest('pending') ?? newest('expired');
}
