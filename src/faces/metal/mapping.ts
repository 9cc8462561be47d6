import type { FactorKind } from '../../domain/factor.ts';
import type { User } from '../../domain/user.ts';
import type { OwnKind } from '../../engine/own-user.ts';
import type { Sessions } from '../../engine/sessions.ts';
import type { UserChanges } from '../../engine/users.ts';
import { iso } from '../../http/times.ts';
import { type ChangeBody, type Profile, profileFields } from './wire.ts';

/* Equinix Metal's words to ours, and what we know in its own. What there is nothing to say of is left out. */

/** The second factors that its API knows, by their segment of the path. */
export const methods = { sms: 'sms', app: 'totp' } as const satisfies Record<string, OwnKind>;

/** Of one that was enabled through another API there is no word. */
const methodOf: Readonly<Partial<Record<FactorKind, string>>> = { sms: 'sms', totp: 'app' };

export function toChanges({ profile }: Pick<User, 'profile'>, body: ChangeBody): UserChanges {
  const { phone_number: number, password } = body;
  const given = profileFields.flatMap((name) => (isGiven(body[name]) ? [[name, body[name]] as const] : []));
  return {
    ...(isGiven(number) ? { phoneNumber: number === '' ? null : number } : {}),
    ...(isGiven(password) ? { password } : {}),
    ...(given.length === 0
      ? {}
      : { profile: JSON.stringify({ ...profileOf({ profile }), ...Object.fromEntries(given) }) }),
  };
}

/** `enabled`: its second factor. */
export function userBody(
  user: Pick<User, 'id' | 'email' | 'phoneNumber' | 'profile' | 'lastLoginAtMs' | 'createdAtMs' | 'updatedAtMs'>,
  enabled: FactorKind | undefined,
): object {
  const profile = profileOf(user);
  const fullName = [profile.first_name, profile.last_name].filter(Boolean).join(' ');
  return {
    id: user.id,
    short_id: user.id.slice(0, 8),
    ...profile,
    ...present('full_name', fullName === '' ? undefined : fullName),
    ...present('email', user.email),
    ...present('phone_number', user.phoneNumber),
    ...present('two_factor_auth', enabled && methodOf[enabled]),
    ...present('last_login_at', user.lastLoginAtMs && iso(user.lastLoginAtMs)),
    created_at: iso(user.createdAtMs),
    updated_at: iso(user.updatedAtMs),
    href: hrefOf(user),
  };
}

type Opened = Extract<Awaited<ReturnType<Sessions['login']>>, { readonly kind: 'opened' }>;

export function sessionBody({ session, user, token }: Opened): object {
  const at = iso(session.createdAtMs);
  return { id: session.id, token, created_at: at, updated_at: at, user: { href: hrefOf(user) } };
}

function hrefOf({ id }: Pick<User, 'id'>): string {
  return `/metal/v1/users/${id}`;
}

function profileOf({ profile }: Pick<User, 'profile'>): Profile {
  return JSON.parse(profile ?? '{}') as Profile;
}

function isGiven<T>(value: T | null | undefined): value is T {
  return value !== undefined && value !== null;
}

function present(name: string, value: string | number | undefined): object {
  return value === undefined ? {} : { [name]: value };
}
