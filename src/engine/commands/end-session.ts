import type { Session } from '../../domain/session.ts';
import type { Attributed, ChangeDecider } from '../audited.ts';
import type { CommandBase, Decider } from '../command.ts';
import { targetOf } from './change-user.ts';
import type { NotFound } from './check-verification.ts';
import type { SessionOutcome } from './open-session.ts';

export interface RevokeSession extends Attributed {
  readonly kind: 'revoke-session';
  readonly id: string;
}

/** Says when a session was used last. Nothing that anybody has to answer for: it is not audited. */
export interface NoteSessionUse extends CommandBase {
  readonly kind: 'note-session-use';
  readonly id: string;
  readonly usedAtMs: number;
}

export const revokeSession: ChangeDecider<RevokeSession, SessionOutcome | NotFound> = {
  find: ({ id }) => ({ people: { sessions: [id] } }),
  // The user too: whoever hears of it wants to know whose it was.
  reads({ id }, found) {
    const session = found.session(id);
    return { people: { sessions: [id], users: session === undefined ? [] : [session.userId] } };
  },
  decide({ id }, loaded, { nowMs }) {
    const current = loaded.session(id);
    if (current === undefined) return { writes: {}, outcome: { kind: 'not-found' } };
    if (current.revokedAtMs !== undefined) return { writes: {}, outcome: { kind: 'session', session: current } };
    const session: Session = { ...current, revokedAtMs: nowMs };
    const target = targetOf({ id: session.userId });
    return {
      writes: { people: { sessions: [session] } },
      outcome: { kind: 'session', session },
      change: { action: 'revoke-session', target, after: { id, revokedAtMs: nowMs } },
    };
  },
};

export const noteSessionUse: Decider<NoteSessionUse, { readonly kind: 'noted' }> = {
  reads: ({ id }) => ({ people: { sessions: [id] } }),
  decide({ id, usedAtMs }, loaded) {
    const current = loaded.session(id);
    const later = current !== undefined && current.revokedAtMs === undefined && usedAtMs > current.lastUsedAtMs;
    const writes = later ? { people: { sessions: [{ ...current, lastUsedAtMs: usedAtMs }] } } : {};
    return { writes, outcome: { kind: 'noted' } };
  },
};
