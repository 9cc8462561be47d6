import { isOpen, newSession, type SessionPolicy } from '../../domain/session.ts';
import type { ChangeDecider } from '../audited.ts';
import { type NotProved, notProved, type OwnCommand, ownReads, sentTo } from '../own-user.ts';
import { prove } from '../proof.ts';
import type { NotFound } from './check-verification.ts';
import { type DrawnSession, withRoomFor } from './open-session.ts';

/** A second factor of a user, shown for a new session. */
export interface VerifyOwn extends OwnCommand {
  readonly kind: 'verify-own';
  /** The session that asks: a half-open one ends with it. */
  readonly sessionId: string;
  /** As it came in. */
  readonly code: string;
  readonly opened: DrawnSession;
  readonly policy: SessionPolicy;
}

export type VerifyOwnOutcome = { readonly kind: 'opened' } | NotProved | NotFound;

/** Takes a code of the app, the code that was sent last, and a recovery code, whatever is enabled. */
export const verifyOwn: ChangeDecider<VerifyOwn, VerifyOwnOutcome> = {
  find: ({ userId }) => ({ people: { users: [userId] } }),
  reads({ userId, sessionId }, found) {
    const { people, ...reads } = ownReads(userId, found);
    return { ...reads, people: { ...people, sessions: [sessionId], sessionsOf: [userId] } };
  },
  decide({ tenantId, userId, sessionId, code, opened, policy }, loaded, context) {
    const { nowMs } = context;
    const user = loaded.user(userId);
    const asking = loaded.session(sessionId);
    // Another request may have ended it since the token was looked up.
    if (user === undefined || asking === undefined || !isOpen(asking, user.sessionsFromMs, nowMs)) {
      return { writes: {}, outcome: { kind: 'not-found' } };
    }
    const factors = loaded.factors(userId);
    const sent = sentTo(user, factors, loaded, nowMs);
    if (sent === 'stale') return 'stale';

    const totp = factors.filter(({ kind, status }) => kind === 'totp' && status === 'active');
    const proved = prove(user, code, { totp, sent, recoveryCodes: true }, loaded, context);
    if (proved.kind !== 'proved') return notProved(proved);
    const isHalfOpen = asking.state === 'half-open';
    const begun = { ...opened, tenantId, userId, state: 'complete', proof: proved.proof.kind } as const;
    const { sessions } = withRoomFor(newSession(begun, policy, nowMs), user, loaded, nowMs);
    const people = {
      users: [isHalfOpen ? { ...proved.user, lastLoginAtMs: nowMs } : proved.user],
      factors: proved.factor === undefined ? [] : [proved.factor],
      sessions: isHalfOpen ? [...sessions, { ...asking, revokedAtMs: nowMs }] : sessions,
    };
    return { writes: { ...proved.writes, people }, outcome: { kind: 'opened' } };
  },
};
