import { fields, table } from '../layout.ts';
import type { Reply, Session } from '../session.ts';

export interface UserBody {
  readonly id: string;
  readonly reference: string | null;
  readonly phoneNumber: string | null;
  readonly email: string | null;
  readonly hasPassword: boolean;
  readonly recoveryCodesLeft: number;
  readonly lastLoginAt: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface UsersBody {
  readonly users: readonly UserBody[];
  readonly nextCursor: string | null;
}

export interface TokenBody {
  readonly id: string;
  readonly userId: string;
  readonly description: string | null;
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly lastUsedAt: string;
  /** Only in the answer to what made it. */
  readonly token?: string;
}

export function shownUsers({ paint }: Session, body: UsersBody): Reply {
  const text = table(
    body.users,
    [
      ['id', ({ id }) => id],
      ['reference', ({ reference }) => reference],
      ['phone number', ({ phoneNumber }) => phoneNumber],
      ['email', ({ email }) => email],
      ['password', ({ hasPassword }) => hasPassword],
      ['created', ({ createdAt }) => createdAt],
    ],
    paint,
    'there is no such user; make one with: countersign user create',
  );
  const more = body.nextCursor === null ? '' : `\n\nThere are more: --cursor ${body.nextCursor}`;
  return { json: body, text: `${text}${more}` };
}

export function shownUser({ paint }: Session, user: UserBody): Reply {
  const pairs = [
    ['id', user.id],
    ['reference', user.reference],
    ['phone number', user.phoneNumber],
    ['email', user.email],
    ['password', user.hasPassword],
    ['recovery codes left', user.recoveryCodesLeft],
    ['last login', user.lastLoginAt],
    ['created', user.createdAt],
    ['changed', user.updatedAt],
  ] as const;
  return { json: user, text: fields(pairs, paint) };
}

export function shownToken({ paint }: Session, body: TokenBody): Reply {
  const { token, id, userId, description, createdAt, expiresAt } = body;
  const pairs = [
    ...(token === undefined ? [] : [['token', token] as const]),
    ['id', id],
    ['user', userId],
    ['description', description],
    ['created', createdAt],
    ['expires', expiresAt],
  ] as const;
  const note = token === undefined ? '' : '\n\nThe token is shown this once: keep it now.';
  return { json: body, text: fields(pairs, paint) + note };
}

export function shownTokens({ paint }: Session, body: { readonly sessions: readonly TokenBody[] }): Reply {
  const text = table(
    body.sessions,
    [
      ['id', ({ id }) => id],
      ['description', ({ description }) => description],
      ['created', ({ createdAt }) => createdAt],
      ['expires', ({ expiresAt }) => expiresAt],
      ['last used', ({ lastUsedAt }) => lastUsedAt],
    ],
    paint,
    'the user has no token; make one with: countersign user token create ID DESCRIPTION',
  );
  return { json: body, text };
}
