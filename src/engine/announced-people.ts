import type { Factor } from '../domain/factor.ts';
import { recoveryCodesLeft } from '../domain/recovery-codes.ts';
import type { Session } from '../domain/session.ts';
import type { User } from '../domain/user.ts';
import { derivedUuid } from '../domain/uuid.ts';
import type { Loaded, PeopleWrites } from './command.ts';
import type { EventFactor, EventSession, EventUser, UserEvent, UserEventKind, UserField } from './events.ts';

/* What happened to users, and to what is theirs, read off the rows that a decider writes; see announced.ts. */

type Said = Pick<UserEvent, 'changed' | 'factor' | 'recoveryCodesLeft' | 'session'>;

/** Something that happened to a user, or to what is theirs, as it is from now on. */
export interface HeardOfUser {
  readonly kind: UserEventKind;
  /**
   * Whose events are told in order: the user's, but a session has an order of its own. Users who log in all day would
   * otherwise have each login wait for all the earlier ones, and be looked up among them.
   */
  readonly about: { readonly tenantId: string; readonly id: string };
  readonly user: EventUser;
  readonly said: Said;
}

export function userChangesOf(people: PeopleWrites, loaded: Loaded): readonly HeardOfUser[] {
  const { users = [], removedUsers = [], factors = [], removedFactors = [], sessions = [] } = people;
  const before = (id: string) => (loaded.askedPerson('users', id) ? loaded.user(id) : undefined);
  const after = (id: string): EventUser => users.find((user) => user.id === id) ?? before(id) ?? { id };
  const factorBefore = ({ userId, id }: Pick<Factor, 'userId' | 'id'>) =>
    loaded.askedPerson('users', userId) ? loaded.factors(userId).find((factor) => factor.id === id) : undefined;
  const ofFactor = (kind: UserEventKind, factor: Factor): HeardOfUser => ({
    kind,
    about: { tenantId: factor.tenantId, id: factor.userId },
    user: shownUser(after(factor.userId)),
    said: { factor: shownFactor(factor) },
  });
  return [
    ...users.flatMap((user) => ofUser(user, before(user.id))),
    ...removedFactors.flatMap((key) => {
      const factor = factorBefore(key);
      return factor === undefined ? [] : [ofFactor('factor.removed', factor)];
    }),
    ...factors.flatMap((factor) => {
      const earlier = factorBefore(factor);
      const became = earlier?.status === factor.status ? undefined : becomes[factor.status];
      const kinds = [...(earlier === undefined ? (['factor.enrolled'] as const) : []), ...(became ?? [])];
      return kinds.map((kind) => ofFactor(kind, factor));
    }),
    ...users.flatMap((user) => ofRecoveryCodes(user, before(user.id))),
    ...(people.recoveryCodesRead ?? []).flatMap((id) => {
      const user = users.find((one) => one.id === id) ?? before(id);
      return user === undefined ? [] : [heardOf('recovery-codes.read', user, codesLeft(user))];
    }),
    ...(people.recoveryCodesEnded ?? []).flatMap((id) => {
      const user = users.find((one) => one.id === id);
      return user === undefined ? [] : [heardOf('recovery-code.used', user, codesLeft(user))];
    }),
    ...sessions.flatMap((session) => {
      const { tenantId, id, userId } = session;
      const kind = sessionEvent(session, sessionBefore(session, loaded));
      if (kind === undefined) return [];
      const said = { session: shownSession(session) };
      return [{ kind, about: { tenantId, id }, user: shownUser(after(userId)), said }];
    }),
    ...removedUsers.flatMap((id) => {
      const user = before(id);
      return user === undefined ? [] : [heardOf('user.deleted', user)];
    }),
  ];
}

/** What a factor is told as that has come to be so. */
const becomes: Readonly<Record<Factor['status'], readonly UserEventKind[]>> = {
  pending: [],
  active: ['factor.activated'],
  disabled: ['factor.disabled'],
};

/** @param number - of the event, within what it is about */
export function userEventOf({ kind, about, user, said }: HeardOfUser, number: number, nowMs: number): UserEvent {
  const { tenantId, id } = about;
  // By its time too: numbers begin again once all that was told was forgotten.
  return { id: derivedUuid('event', tenantId, id, kind, nowMs, number), kind, tenantId, atMs: nowMs, user, ...said };
}

function heardOf(kind: UserEventKind, user: User, said: Said = {}): HeardOfUser {
  const { tenantId, id } = user;
  return { kind, about: { tenantId, id }, user: shownUser(user), said };
}

function ofUser(user: User, before: User | undefined): readonly HeardOfUser[] {
  if (before === undefined) return [heardOf('user.created', user)];
  const fields = Object.entries(changes) as [UserField, (one: User) => unknown][];
  const changed = fields.filter(([, of]) => of(user) !== of(before)).map(([field]) => field);
  return changed.length === 0 ? [] : [heardOf('user.changed', user, { changed })];
}

/** What is compared of each field. The version of the password also changes where a new one takes its place. */
const changes: Readonly<Record<UserField, (user: User) => unknown>> = {
  reference: ({ reference }) => reference,
  phoneNumber: ({ phoneNumber }) => phoneNumber,
  email: ({ email }) => email,
  password: ({ password, passwordVersion }) => `${password !== undefined} ${passwordVersion}`,
  profile: ({ profile }) => profile,
};

function ofRecoveryCodes(user: User, before: User | undefined): readonly HeardOfUser[] {
  const [older, newer] = [before?.recovery, user.recovery];
  if (newer === undefined) return [];
  if (newer.version !== older?.version) return [heardOf('recovery-codes.generated', user, codesLeft(user))];
  return newer.spent === older.spent ? [] : [heardOf('recovery-code.used', user, codesLeft(user))];
}

function codesLeft({ recovery }: User): Said {
  return { recoveryCodesLeft: recovery === undefined ? 0 : recoveryCodesLeft(recovery) };
}

function sessionBefore({ id, userId }: Session, loaded: Loaded): Session | undefined {
  if (loaded.askedPerson('sessions', id)) return loaded.session(id);
  if (!loaded.askedPerson('sessionsOf', userId)) return undefined;
  return loaded.sessionsOf(userId).find((session) => session.id === id);
}

/** That a session runs out, or was idle for too long, is a fact of time: nothing is written then, and nothing told. */
function sessionEvent(session: Session, before: Session | undefined): UserEventKind | undefined {
  const isRevoked = session.revokedAtMs !== undefined;
  if (isRevoked) return before !== undefined && before.revokedAtMs === undefined ? 'session.ended' : undefined;
  return before?.state === session.state ? undefined : 'session.opened';
}

function shownUser({ id, reference }: EventUser): EventUser {
  return reference === undefined ? { id } : { id, reference };
}

function shownFactor({ id, kind, status, name, recipient }: Factor): EventFactor {
  return { id, kind, status, name, recipient };
}

function shownSession({ id, state, face, proof, expiresAtMs }: Session): EventSession {
  return { id, state, face, proof, expiresAtMs };
}
