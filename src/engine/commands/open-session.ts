import type { ChallengeStatus } from '../../domain/challenge.ts';
import { challengeStatusOf } from '../../domain/challenge.ts';
import { noFailures, oneMoreFailure, userFailures } from '../../domain/limits.ts';
import {
  isOpen,
  isUserToken,
  newSession,
  newUserToken,
  type Session,
  type SessionPolicy,
  sessionsInTheWay,
  sessionsMax,
} from '../../domain/session.ts';
import type { User } from '../../domain/user.ts';
import type { Attributed, ChangeDecider } from '../audited.ts';
import type { CommandBase, Decider, Loaded, PeopleWrites } from '../command.ts';
import { type Moved, targetOf } from './change-user.ts';
import type { NotFound } from './check-verification.ts';

/** What a session is made of besides its user: drawn beforehand. */
export type DrawnSession = Pick<Session, 'id' | 'hash' | 'face'>;

/** A password that somebody typed, looked at already. Of a login that nobody has, so that both take the same way. */
export interface OpenSession extends CommandBase {
  readonly kind: 'open-session';
  readonly userId: string;
  readonly isRight: boolean;
  /** Of the user whose password it was compared with. */
  readonly passwordVersion: number;
  readonly session: DrawnSession;
  readonly policy: SessionPolicy;
}

/** A session for a challenge that was met. */
export interface OpenChallengeSession extends CommandBase {
  readonly kind: 'open-challenge-session';
  readonly challengeId: string;
  readonly session: DrawnSession;
  readonly policy: SessionPolicy;
}

export interface CreateUserToken extends Attributed {
  readonly kind: 'create-user-token';
  readonly userId: string;
  readonly session: DrawnSession & Pick<Session, 'description' | 'expiresAtMs'>;
}

export type LoginOutcome =
  | { readonly kind: 'opened'; readonly session: Session; readonly user: User }
  /** Wrong, nobody's, or a wait after too many wrong ones: nobody is told which. */
  | { readonly kind: 'refused' };

export type SessionOutcome = { readonly kind: 'session'; readonly session: Session };
export type ChallengeRefusal =
  | { readonly kind: 'challenge-not-verified'; readonly status: ChallengeStatus }
  /** It was met, and nobody asked for a session in time. */
  | { readonly kind: 'challenge-too-old' }
  /** There is a session for it already. */
  | { readonly kind: 'challenge-used' };
export type TooManyTokens = { readonly kind: 'too-many-tokens' };

/** How long after it was met a challenge is good for a session. */
const challengeKeptMs = 600_000;

export const openSession: Decider<OpenSession, LoginOutcome | Moved> = {
  reads: ({ userId }) => ({ people: { users: [userId], sessionsOf: [userId] } }),
  decide({ userId, isRight, passwordVersion, session: drawn, policy }, loaded, { nowMs }) {
    const user = loaded.user(userId);
    if (user === undefined) return { writes: {}, outcome: { kind: 'refused' } };
    if (user.passwordVersion !== passwordVersion) return { writes: {}, outcome: { kind: 'moved' } };
    if (user.loginFailures.waitUntilMs > nowMs) return { writes: {}, outcome: { kind: 'refused' } };
    if (!isRight) {
      const loginFailures = oneMoreFailure(user.loginFailures, nowMs, userFailures);
      return { writes: { people: { users: [{ ...user, loginFailures }] } }, outcome: { kind: 'refused' } };
    }
    const known = { ...user, loginFailures: noFailures, lastLoginAtMs: nowMs };
    // One that too many wrong codes disabled still counts: who guesses must not get in without any.
    const hasFactor = loaded.factors(userId).some(({ status }) => status !== 'pending');
    const state = hasFactor ? 'half-open' : 'complete';
    const session = newSession({ ...drawn, tenantId: user.tenantId, userId, state }, policy, nowMs);
    return {
      writes: { people: { users: [known], ...withRoomFor(session, user, loaded, nowMs) } },
      outcome: { kind: 'opened', session, user: known },
    };
  },
};

export const openChallengeSession: Decider<OpenChallengeSession, SessionOutcome | ChallengeRefusal | NotFound> = {
  find: ({ challengeId }) => ({ people: { challenges: [challengeId] } }),
  reads({ challengeId }, found) {
    const challenge = found.challenge(challengeId);
    const users = challenge === undefined ? [] : [challenge.userId];
    return { people: { challenges: [challengeId], users, sessionsOf: users } };
  },
  decide({ challengeId, session: drawn, policy }, loaded, { nowMs }) {
    const challenge = loaded.challenge(challengeId);
    const user = challenge && loaded.user(challenge.userId);
    if (challenge === undefined || user === undefined) return { writes: {}, outcome: { kind: 'not-found' } };
    const status = challengeStatusOf(challenge, nowMs);
    if (status !== 'verified') return { writes: {}, outcome: { kind: 'challenge-not-verified', status } };
    if (challenge.sessionId !== undefined) return { writes: {}, outcome: { kind: 'challenge-used' } };
    const { tenantId, userId, endedAtMs = 0, proof } = challenge;
    if (nowMs > endedAtMs + challengeKeptMs) return { writes: {}, outcome: { kind: 'challenge-too-old' } };
    const begun = { ...drawn, tenantId, userId, state: 'complete', proof: proof?.kind } as const;
    const session = newSession(begun, policy, nowMs);
    const challenges = [{ ...challenge, sessionId: session.id }];
    return {
      writes: { people: { challenges, ...withRoomFor(session, user, loaded, nowMs) } },
      outcome: { kind: 'session', session },
    };
  },
};

export const createUserToken: ChangeDecider<CreateUserToken, SessionOutcome | TooManyTokens | NotFound> = {
  reads: ({ userId }) => ({ people: { users: [userId], sessionsOf: [userId] } }),
  decide({ tenantId, userId, session: drawn }, loaded, { nowMs }) {
    const user = loaded.user(userId);
    if (user === undefined) return { writes: {}, outcome: { kind: 'not-found' } };
    const tokens = loaded.sessionsOf(userId).filter(isUserToken);
    const over = tokens.filter((token) => !isOpen(token, user.sessionsFromMs, nowMs));
    if (tokens.length - over.length >= sessionsMax) return { writes: {}, outcome: { kind: 'too-many-tokens' } };
    const session = newUserToken({ ...drawn, tenantId, userId }, nowMs);
    const ended = over.map((token) => ({ ...token, revokedAtMs: nowMs }));
    const { id, description = null, expiresAtMs = null } = session;
    return {
      writes: { people: { sessions: [...ended, session] } },
      outcome: { kind: 'session', session },
      change: { action: 'create-user-token', target: targetOf(user), after: { id, description, expiresAtMs } },
    };
  },
};

/** The new session, and the older ones that have to end for it. */
export function withRoomFor(
  session: Session,
  user: User,
  loaded: Loaded,
  nowMs: number,
): Required<Pick<PeopleWrites, 'sessions'>> {
  const ended = sessionsInTheWay(loaded.sessionsOf(user.id), user.sessionsFromMs, nowMs);
  return { sessions: [...ended.map((one) => ({ ...one, revokedAtMs: nowMs })), session] };
}
