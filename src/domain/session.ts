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
  /** What a user token is for; such a token has no end and is never idle. */
  readonly description?: string | undefined;
  readonly createdAtMs: number;
  /** The latest end; absent for a user token. */
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

/** Whether the token still works. @param sessionsFromMs - of its user */
export function isOpen(session: Session, sessionsFromMs: number, nowMs: number): boolean {
  const { revokedAtMs, expiresAtMs, idleSeconds, lastUsedAtMs, createdAtMs } = session;
  if (revokedAtMs !== undefined) return false;
  if (expiresAtMs === undefined) return true;
  if (nowMs >= expiresAtMs || createdAtMs < sessionsFromMs) return false;
  return idleSeconds === undefined || nowMs < lastUsedAtMs + idleSeconds * 1000;
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
