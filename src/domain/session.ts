import type { ProofKind } from './challenge.ts';

/**
 * A fresh login of a user, or a token that a user has for good. The token is 256 random bits, of which the digest is
 * kept. Times are milliseconds UTC.
 */
export interface Session {
  readonly tenantId: string;
  readonly userId: string;
  readonly id: string;
  /** SHA-256 of the whole token, in hexadecimal. */
  readonly hash: string;
  /** `half-open`: the password was right, the second factor is still to be shown. */
  readonly state: 'half-open' | 'complete';
  /** The face it was opened through. */
  readonly face: string;
  /** What the second factor was; absent where there was none. */
  readonly proof?: ProofKind | undefined;
  /** What a user token is for. */
  readonly description?: string | undefined;
  readonly createdAtMs: number;
  /** The latest end; a user token may have none. */
  readonly expiresAtMs?: number | undefined;
  /** Over when it was not used for so long; absent for a user token. */
  readonly idleSeconds?: number | undefined;
  /** To the minute. */
  readonly lastUsedAtMs: number;
  readonly revokedAtMs?: number | undefined;
}

/** How long sessions last. */
export interface SessionPolicy {
  readonly absoluteSeconds: number;
  readonly idleSeconds: number;
  readonly halfOpenSeconds: number;
}

export const defaultSessionPolicy: SessionPolicy = {
  absoluteSeconds: 12 * 3600,
  idleSeconds: 900,
  halfOpenSeconds: 600,
};

/** A token that a user has for good, rather than a login: it is never idle, and a new password leaves it alone. */
export function isUserToken({ idleSeconds }: Session): boolean {
  return idleSeconds === undefined;
}

/** Whether the token still works. @param sessionsFromMs - of its user */
export function isOpen(session: Session, sessionsFromMs: number, nowMs: number): boolean {
  const { revokedAtMs, expiresAtMs, idleSeconds, lastUsedAtMs, createdAtMs } = session;
  if (revokedAtMs !== undefined) return false;
  if (expiresAtMs !== undefined && nowMs >= expiresAtMs) return false;
  if (idleSeconds === undefined) return true;
  return createdAtMs >= sessionsFromMs && nowMs < lastUsedAtMs + idleSeconds * 1000;
}

/** A session as it begins. @param hash - of its token */
export function newSession(
  begun: Pick<Session, 'tenantId' | 'userId' | 'id' | 'hash' | 'state' | 'face' | 'proof'>,
  { absoluteSeconds, idleSeconds, halfOpenSeconds }: SessionPolicy,
  nowMs: number,
): Session {
  const seconds = begun.state === 'half-open' ? halfOpenSeconds : absoluteSeconds;
  return { ...begun, createdAtMs: nowMs, expiresAtMs: nowMs + seconds * 1000, idleSeconds, lastUsedAtMs: nowMs };
}

/** A user token as it begins: complete from the start. @param begun - `hash` is of its token */
export function newUserToken(
  begun: Pick<Session, 'tenantId' | 'userId' | 'id' | 'hash' | 'face' | 'description' | 'expiresAtMs'>,
  nowMs: number,
): Session {
  return { ...begun, state: 'complete', createdAtMs: nowMs, lastUsedAtMs: nowMs };
}

/** Sessions of one user at most, and as many user tokens beside them. */
export const sessionsMax = 100;

/**
 * Those of a user that end so that another one can begin: one that is over already, else the oldest half-open one, so
 * that a stolen password throws nobody out, else the oldest. User tokens are left alone.
 * @param kept - those that were not revoked, newest first
 */
export function sessionsInTheWay(kept: readonly Session[], sessionsFromMs: number, nowMs: number): readonly Session[] {
  const logins = kept.filter((session) => !isUserToken(session));
  const over = logins.filter((session) => !isOpen(session, sessionsFromMs, nowMs));
  const open = logins.filter((session) => isOpen(session, sessionsFromMs, nowMs));
  const excess = Math.max(0, logins.length - sessionsMax + 1);
  const ofState = (state: Session['state']) => open.filter((session) => session.state === state);
  return [...ofState('complete'), ...ofState('half-open'), ...over].slice(logins.length - excess);
}
