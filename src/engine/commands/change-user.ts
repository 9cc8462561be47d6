import { noFailures } from '../../domain/limits.ts';
import { shownRecipient } from '../../domain/masking.ts';
import { recoveryCodesLeft } from '../../domain/recovery-codes.ts';
import { isUserToken } from '../../domain/session.ts';
import { loginOf, type User } from '../../domain/user.ts';
import { cancel } from '../../domain/verification.ts';
import type { Attributed, ChangeDecider } from '../audited.ts';
import type { Loaded, PeopleWrites } from '../command.ts';
import { changesNothing, touched } from './change-tenant.ts';
import type { NotFound } from './check-verification.ts';

export interface CreateUser extends Attributed {
  readonly kind: 'create-user';
  readonly user: NewUser;
}

/** What is said of a user from the start. `password` is what is kept of it. */
export type NewUser = Pick<User, 'tenantId' | 'id' | 'reference' | 'phoneNumber' | 'email' | 'password' | 'profile'>;

export interface ChangeUser extends Attributed {
  readonly kind: 'change-user';
  readonly id: string;
  readonly changes: StoredUserChanges;
  /** The address that the user had when the request was looked at: it decides whether a password fits. */
  readonly emailSeen?: string | undefined;
}

/** null takes away. `password` is what is kept of it. */
export interface StoredUserChanges {
  readonly reference?: string | null | undefined;
  readonly phoneNumber?: string | null | undefined;
  readonly email?: string | null | undefined;
  readonly password?: string | null | undefined;
  readonly profile?: string | null | undefined;
}

/** Takes a user away with all that is theirs; codes that were sent for its factors verify nothing any more. */
export interface DeleteUser extends Attributed {
  readonly kind: 'delete-user';
  readonly id: string;
}

/** What is shown of a user: nothing that is secret. */
export interface ShownUser
  extends Pick<
    User,
    | 'tenantId'
    | 'id'
    | 'reference'
    | 'phoneNumber'
    | 'email'
    | 'profile'
    | 'lastLoginAtMs'
    | 'createdAtMs'
    | 'updatedAtMs'
  > {
  readonly hasPassword: boolean;
  readonly recoveryCodesLeft: number;
}

export type UserOutcome = { readonly kind: 'user'; readonly user: ShownUser };
/** Another user of the tenant has this reference, or logs in with this address. */
export type UserTaken = { readonly kind: 'reference-taken' | 'login-taken' };
/** Codes go to this number: it cannot be changed before that factor is removed. */
export type NumberInUse = { readonly kind: 'number-in-use' };
/** What the request was looked at with is not so any more. */
export type Moved = { readonly kind: 'moved' };

export function shownUser(user: User): ShownUser {
  const { tenantId, id, reference, phoneNumber, email, profile, lastLoginAtMs, createdAtMs, updatedAtMs } = user;
  return {
    ...{ tenantId, id, reference, phoneNumber, email, profile, lastLoginAtMs, createdAtMs, updatedAtMs },
    hasPassword: user.password !== undefined,
    recoveryCodesLeft: user.recovery === undefined ? 0 : recoveryCodesLeft(user.recovery),
  };
}

/** A user as it begins. */
export function begunUser(wanted: NewUser, nowMs: number): User {
  return {
    ...wanted,
    failures: noFailures,
    loginFailures: noFailures,
    sessionsFromMs: nowMs,
    passwordVersion: wanted.password === undefined ? 0 : 1,
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
  };
}

const some = (value: string | undefined): readonly string[] => (value === undefined ? [] : [value]);

export const createUser: ChangeDecider<CreateUser, UserOutcome | UserTaken | NotFound> = {
  reads: ({ user }) => ({
    tenant: true,
    people: { users: [user.id], references: some(user.reference), logins: some(loginOf(user)) },
  }),
  decide({ user: wanted }, loaded, { nowMs }) {
    if (loaded.tenant() === undefined) return { writes: {}, outcome: { kind: 'not-found' } };
    const taken = takenBy(wanted, undefined, loaded);
    if (taken !== undefined) return { writes: {}, outcome: taken };
    const user = begunUser(wanted, nowMs);
    return {
      writes: { people: { users: [user] } },
      outcome: { kind: 'user', user: shownUser(user) },
      change: { action: 'create-user', target: targetOf(user), after: told(user) },
    };
  },
};

export const changeUser: ChangeDecider<ChangeUser, UserOutcome | UserTaken | NumberInUse | NotFound | Moved> = {
  reads({ id, changes, emailSeen }) {
    const email = changes.email === undefined ? emailSeen : (changes.email ?? undefined);
    const sessionsOf = changes.password === undefined ? [] : [id];
    return {
      people: { users: [id], references: some(changes.reference ?? undefined), logins: some(email), sessionsOf },
    };
  },
  decide({ id, changes, emailSeen }, loaded, { nowMs }) {
    const current = loaded.user(id);
    if (current === undefined) return { writes: {}, outcome: { kind: 'not-found' } };
    if (changesNothing(changes)) return { writes: {}, outcome: { kind: 'user', user: shownUser(current) } };
    if (current.email !== emailSeen) return { writes: {}, outcome: { kind: 'moved' } };
    const user = { ...changed(current, changes), updatedAtMs: nowMs };
    if (user.password !== undefined && user.email === undefined) return { writes: {}, outcome: { kind: 'moved' } };
    const taken = takenBy(user, current, loaded);
    if (taken !== undefined) return { writes: {}, outcome: taken };
    if (user.phoneNumber !== current.phoneNumber && isInUse(current, loaded)) {
      return { writes: {}, outcome: { kind: 'number-in-use' } };
    }
    const people = changes.password === undefined ? { users: [user] } : withPassword(user, loaded, nowMs);
    return {
      writes: { people },
      outcome: { kind: 'user', user: shownUser(user) },
      change: {
        action: 'change-user',
        target: targetOf(user),
        before: touched<object>(told(current), changes),
        after: touched<object>(told(user), changes),
      },
    };
  },
};

export const deleteUser: ChangeDecider<DeleteUser, { readonly kind: 'deleted' } | NotFound> = {
  find: ({ id }) => ({ people: { users: [id] } }),
  reads: ({ id }, found) => ({ people: { users: [id] }, verifications: codesSentTo(id, found) }),
  decide({ id }, loaded, { nowMs }) {
    const current = loaded.user(id);
    if (current === undefined) return { writes: {}, outcome: { kind: 'not-found' } };
    const sent = codesSentTo(id, loaded);
    if (!sent.every((verificationId) => loaded.asked(verificationId))) return 'stale';
    const verifications = sent.flatMap((verificationId) => {
      const pending = loaded.verification(verificationId);
      if (pending === undefined) return [];
      const { next } = cancel(pending, nowMs);
      return next === pending ? [] : [next];
    });
    return {
      writes: { people: { removedUsers: [id] }, ...(verifications.length === 0 ? {} : { verifications }) },
      outcome: { kind: 'deleted' },
      change: { action: 'delete-user', target: targetOf(current), before: told(current) },
    };
  },
};

function codesSentTo(userId: string, loaded: Loaded): readonly string[] {
  return loaded.factors(userId).flatMap(({ verificationId }) => some(verificationId));
}

function takenBy(wanted: NewUser, current: User | undefined, loaded: Loaded): UserTaken | undefined {
  const { id, reference } = wanted;
  const isOther = (owner: string | undefined) => owner !== undefined && owner !== id;
  if (reference !== undefined && reference !== current?.reference && isOther(loaded.userByReference(reference))) {
    return { kind: 'reference-taken' };
  }
  const login = loginOf(wanted);
  return login !== undefined && isOther(loaded.userByLogin(login)) ? { kind: 'login-taken' } : undefined;
}

function changed(current: User, { reference, phoneNumber, email, password, profile }: StoredUserChanges): User {
  const after = (change: string | null | undefined, before: string | undefined) =>
    change === undefined ? before : (change ?? undefined);
  return {
    ...current,
    reference: after(reference, current.reference),
    phoneNumber: after(phoneNumber, current.phoneNumber),
    email: after(email, current.email),
    password: after(password, current.password),
    profile: after(profile, current.profile),
    passwordVersion: current.passwordVersion + (password === undefined ? 0 : 1),
  };
}

/** Another password ends every login, and whoever guessed at the older one begins anew. User tokens go on. */
function withPassword(user: User, loaded: Loaded, nowMs: number): PeopleWrites {
  const logins = loaded.sessionsOf(user.id).filter((session) => !isUserToken(session));
  return {
    users: [{ ...user, sessionsFromMs: nowMs, loginFailures: noFailures }],
    // Not by their age alone: one may have begun within this very millisecond.
    sessions: logins.map((session) => ({ ...session, revokedAtMs: nowMs })),
  };
}

function isInUse({ id, phoneNumber }: User, loaded: Loaded): boolean {
  return loaded
    .factors(id)
    .some(({ kind, status, recipient }) => kind === 'sms' && status === 'active' && recipient === phoneNumber);
}

export function targetOf({ id }: Pick<User, 'id'>): string {
  return `user ${id}`;
}

/** What the audit trail says of a user. A profile holds names: that it changed is enough. */
function told({ reference, phoneNumber, email, password, passwordVersion, profile, updatedAtMs }: User) {
  return {
    reference: reference ?? null,
    phoneNumber: phoneNumber === undefined ? null : shownRecipient(phoneNumber),
    email: email === undefined ? null : shownRecipient(email),
    password: password === undefined ? null : `number ${passwordVersion}`,
    ...(profile === undefined ? {} : { profile: `of ${new Date(updatedAtMs).toISOString()}` }),
  };
}
