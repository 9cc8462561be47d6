import type { Factor } from '../domain/factor.ts';
import type { User } from '../domain/user.ts';
import type { Actor } from './audit.ts';
import type { Attributed, Change } from './audited.ts';
import type { Decided, Loaded, Reads } from './command.ts';
import { disablingOf } from './commands/enrol-factor.ts';
import { pendingCode, sentCodeReads } from './factor-code.ts';
import type { Acceptable, ProofOutcome } from './proof.ts';

/* What users see and change of themselves, with a token of their own. There is one second factor at a time. */

/** A user who asks for itself. */
export interface OwnCaller {
  readonly tenantId: string;
  readonly userId: string;
  /** The session, or user token, that it asks with. */
  readonly sessionId: string;
  readonly face: string;
  readonly by: Actor;
}

/** What such a user can have as a second factor. */
export type OwnKind = 'sms' | 'totp';

/** A command that a user gives about itself. */
export interface OwnCommand extends Attributed {
  readonly userId: string;
}

/**
 * Whether it is asked for at a login. One that guesses have disabled is, too: otherwise guessing would take the second
 * factor away.
 */
export function isEnrolled({ status }: Pick<Factor, 'status'>): boolean {
  return status !== 'pending';
}

/** The factor that codes are sent by: the enrolled one, or else one for the number that the user has now. */
export function messageFactorOf({ phoneNumber }: User, factors: readonly Factor[]): Factor | undefined {
  const messages = factors.filter(({ kind }) => kind === 'sms');
  const meant = messages.filter(({ recipient }) => recipient !== undefined && recipient === phoneNumber);
  return meant.find(isEnrolled) ?? messages.find(isEnrolled) ?? meant.at(-1);
}

/** Where codes go to; never elsewhere than to an enrolled number. */
export function numberOf(user: User, factors: readonly Factor[]): string | undefined {
  return messageFactorOf(user, factors)?.recipient ?? user.phoneNumber;
}

/** Rows for a user, its factors, and the code that was sent last. `found` knows the user. */
export function ownReads(userId: string, found: Loaded): Reads {
  const user = found.user(userId);
  return {
    ...sentCodeReads(user && messageFactorOf(user, found.factors(userId))),
    people: { users: [userId] },
  };
}

/** The code that was sent last, while it can be used; `stale` when there is another since it was looked up. */
export function sentTo(
  user: User,
  factors: readonly Factor[],
  loaded: Loaded,
  nowMs: number,
): Acceptable['sent'] | 'stale' {
  const factor = messageFactorOf(user, factors);
  const verification = factor && pendingCode(factor, loaded, nowMs);
  if (factor === undefined || verification === undefined) return undefined;
  return verification === 'stale' ? verification : { factor, verification };
}

export type NotProved =
  | { readonly kind: 'wrong-code' }
  | { readonly kind: 'paused'; readonly retryAfterSeconds: number };

/** What a code comes to that proved nothing: a failure is counted, and what it disabled is written down. */
export function notProved(
  proved: Exclude<ProofOutcome, { kind: 'proved' }>,
): Decided<NotProved> & { readonly change?: Change | undefined } {
  if (proved.kind === 'paused') return { writes: {}, outcome: proved };
  const { user, disabled, writes } = proved;
  return {
    writes: { ...writes, people: { users: [user], factors: disabled } },
    outcome: { kind: 'wrong-code' },
    change: disablingOf(user.id, disabled),
  };
}

export function ownTarget(userId: string): string {
  return `user ${userId}`;
}
