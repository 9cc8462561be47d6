import type { Static } from 'typebox';
import { isUserToken, type Session } from '../../domain/session.ts';
import { isUuid } from '../../domain/uuid.ts';
import type { ShownUser } from '../../engine/commands/change-user.ts';
import type { Introspection } from '../../engine/sessions.ts';
import type { UserPage } from '../../engine/users.ts';
import { EdgeRefusal } from '../../http/edge-error.ts';
import { iso, isoOrNull } from '../../http/times.ts';
import type { introspectionReply, sessionReply, userReply, usersReply } from './wire.ts';

/* Our words for users and sessions to those of the wire, and back. */

export function userBodyOf(user: ShownUser): Static<typeof userReply> {
  const { id, reference = null, phoneNumber = null, email = null, hasPassword, recoveryCodesLeft } = user;
  return {
    ...{ id, reference, phoneNumber, email, hasPassword, recoveryCodesLeft },
    lastLoginAt: isoOrNull(user.lastLoginAtMs),
    createdAt: iso(user.createdAtMs),
    updatedAt: iso(user.updatedAtMs),
  };
}

export function usersBodyOf({ users, nextBefore }: UserPage): Static<typeof usersReply> {
  return { users: users.map(userBodyOf), nextCursor: nextBefore ?? null };
}

const states = { 'half-open': 'half_open', complete: 'complete' } as const;
const proofs = { sms: 'sms', email: 'email', totp: 'totp', 'recovery-code': 'recovery_code' } as const;

export function sessionBodyOf(session: Session): Static<typeof sessionReply> {
  const { id, userId, state, face, proof, description = null } = session;
  return {
    ...{ id, userId, face, description },
    type: isUserToken(session) ? 'user_token' : 'login',
    state: states[state],
    proof: proof === undefined ? null : proofs[proof],
    createdAt: iso(session.createdAtMs),
    expiresAt: isoOrNull(session.expiresAtMs),
    lastUsedAt: iso(session.lastUsedAtMs),
  };
}

export function introspectionBodyOf(introspection: Introspection): Static<typeof introspectionReply> {
  const session = introspection.active ? introspection.session : introspection.halfOpen;
  return { active: introspection.active, session: session === undefined ? null : sessionBodyOf(session) };
}

/** What cannot be an id of ours is as unknown as any other. @throws EdgeRefusal */
export function knownId(id: string): string {
  if (!isUuid(id)) throw new EdgeRefusal({ kind: 'not-found' });
  return id;
}

/** @throws EdgeRefusal when it is none of ours */
export function cursorOf(cursor: string | undefined): string | undefined {
  if (cursor === undefined || isUuid(cursor)) return cursor;
  throw new EdgeRefusal({ kind: 'invalid', field: 'cursor', remedy: 'must be the nextCursor of the page before' });
}
