import { afterEach, beforeEach, expect, test } from 'vitest';
import { freshId, keys, otherTenantId, tenantId } from '../../../testing/builders.ts';
import { startMs } from '../../../testing/clock.ts';
import { aChallenge, aFactor, aRecoverySet, aSession, aUser } from '../../../testing/people.ts';
import type { Queries } from '../../engine/store.ts';
import { openWriter } from './connection.ts';
import { maintain } from './maintenance.ts';
import { forgetFutureOfPeople } from './people-clock.ts';
import { peopleQueries } from './people-queries.ts';
import { PeopleTables } from './people-tables.ts';

/* Rows of users, and of what is theirs: as they are written, whatever command wrote them. */

let db: ReturnType<typeof openWriter>;
let tables: PeopleTables;
let queries: ReturnType<typeof peopleQueries>;
beforeEach(() => {
  db = openWriter(':memory:');
  [tables, queries] = [new PeopleTables(db), peopleQueries(db)];
});
afterEach(() => db.close());

const bare = aUser();
const full = {
  ...aUser({
    reference: 'customer 1',
    phoneNumber: '+33612345678',
    email: 'ada@example.org',
    password: 'a hash',
    passwordVersion: 3,
    profile: '{"first_name":"Ada"}',
    failures: { count: 5, waitUntilMs: startMs + 30_000 },
    loginFailures: { count: 6, waitUntilMs: startMs + 60_000 },
    sessionsFromMs: startMs - 5,
    lastLoginAtMs: startMs - 4,
    updatedAtMs: startMs + 7,
  }),
};
const withCodes = { ...full, recovery: { ...aRecoverySet(full, 'shown'), version: 4, spent: 513 } };

test.each([
  ['nothing but what all have', bare],
  ['every field', withCodes],
])('a user with %s is read as it was written', async (_, user) => {
  tables.write(tenantId, { users: [user] });
  const { reference, email } = user;
  const found = [tables.user(tenantId, user.id), await queries.user(tenantId, user.id)];
  if (reference !== undefined) found.push(await queries.userByReference(tenantId, reference));
  if (email !== undefined) found.push(await queries.userByLogin(tenantId, email));
  for (const one of found) expect(one).toEqual(user);
  // Written over by one that lacks it all, nothing is left.
  tables.write(tenantId, { users: [{ ...bare, id: user.id }] });
  expect(tables.user(tenantId, user.id)).toEqual({ ...bare, id: user.id });
});

const { id: userId } = bare;
const factors = [
  aFactor({ userId, kind: 'sms', status: 'pending' }),
  aFactor({
    ...{ userId, kind: 'email', name: 'at work', recipient: 'ada@example.org', verificationId: freshId() },
    ...{ activatedAtMs: startMs + 1, lastUsedAtMs: startMs + 2 },
  }),
  aFactor({ userId, kind: 'totp', status: 'disabled' }),
];
const [, , app] = factors;
const used = {
  ...app,
  totp: { ...app?.totp, algorithm: 'SHA512', digits: 8, drift: 2, lastStep: 12_345 },
} as typeof app;

test('factors are read as they were written, those of a user oldest first', async () => {
  tables.write(tenantId, { factors: [...factors].reverse() });
  expect(tables.factors(tenantId, userId)).toEqual(factors);
  expect(await queries.factors(tenantId, userId)).toEqual(factors);
  if (used === undefined) throw new Error('unreachable');
  tables.write(tenantId, { factors: [used], removedFactors: [{ userId, id: factors[0]?.id ?? '' }] });
  expect(tables.factors(tenantId, userId)).toEqual([factors[1], used]);
});

const challenges = [
  aChallenge({ userId }),
  aChallenge({ userId, factorId: freshId(), verificationId: freshId(), attemptsUsed: 2 }),
  aChallenge({ userId, status: 'failed', attemptsUsed: 5, endedAtMs: startMs + 1 }),
  aChallenge({ userId, status: 'verified', proof: { kind: 'recovery-code' }, sessionId: freshId() }),
  aChallenge({ userId, status: 'verified', proof: { kind: 'totp', factorId: freshId() }, endedAtMs: startMs + 1 }),
];

test('challenges are read as they were written', async () => {
  tables.write(tenantId, { challenges });
  for (const challenge of challenges) {
    expect(tables.challenge(tenantId, challenge.id)).toEqual(challenge);
    expect(await queries.challenge(tenantId, challenge.id)).toEqual(challenge);
  }
});

const sessions = [
  aSession({ userId, state: 'half-open' }),
  aSession({ userId, proof: 'totp', revokedAtMs: startMs + 1 }),
  aSession({ userId, idleSeconds: undefined, expiresAtMs: undefined, description: 'deploy', face: 'metal' }),
  aSession({ userId, idleSeconds: undefined, description: 'until then' }),
];

test('sessions are read as they were written, and those that were not revoked listed newest first', async () => {
  tables.write(tenantId, { sessions });
  for (const session of sessions) {
    expect(tables.session(tenantId, session.id)).toEqual(session);
    expect(await queries.session(session.id)).toEqual(session);
  }
  const [first, , third, fourth] = sessions;
  expect(await queries.sessions(tenantId, userId, 10)).toEqual([fourth, third, first]);
  expect(await queries.sessions(tenantId, userId, 1)).toEqual([fourth]);
  expect(tables.sessionsOf(tenantId, userId)).toEqual([fourth, third, first]);
});

const login = { email: 'ada@example.org', password: 'a hash' };
test.each([
  ['reference', { reference: 'the same' }],
  ['login', login],
])('two users of a tenant cannot have the same %s, and neither takes the place of the other', (_, same) => {
  const [one, other] = [aUser(same), aUser(same)];
  tables.write(tenantId, { users: [one] });
  expect(() => tables.write(tenantId, { users: [other] })).toThrow(/UNIQUE/);
  tables.write(tenantId, { users: [{ ...other, reference: undefined, email: undefined }] });
  expect(() => tables.write(tenantId, { users: [other] })).toThrow(/UNIQUE/);
  expect(tables.user(tenantId, one.id)).toEqual(one);
  tables.write(otherTenantId, { users: [{ ...other, tenantId: otherTenantId }] });
});

test('two users can have the same address or number, where they do not log in with it', () => {
  const same = { email: login.email, phoneNumber: '+33612345678' };
  tables.write(tenantId, { users: [aUser(same), aUser(same), aUser({ ...same, password: 'a hash' })] });
});

test('a session of another tenant with the same id is no session', () => {
  const [session] = sessions;
  if (session === undefined) throw new Error('unreachable');
  tables.write(tenantId, { sessions: [session] });
  expect(tables.session(otherTenantId, session.id)).toBeUndefined();
  expect(() => tables.write(otherTenantId, { sessions: [{ ...session, tenantId: otherTenantId }] })).toThrow(/UNIQUE/);
});

test('a user that is removed takes all along that is theirs, and nothing of anybody else', () => {
  const theirs = { users: [bare], factors, challenges, sessions };
  const another = aUser();
  const others = {
    users: [another],
    factors: [aFactor({ userId: another.id, kind: 'totp' })],
    challenges: [aChallenge({ userId: another.id })],
    sessions: [aSession({ userId: another.id })],
  };
  tables.write(tenantId, theirs);
  tables.write(tenantId, others);
  tables.write(otherTenantId, { users: [{ ...bare, tenantId: otherTenantId }] });
  tables.write(tenantId, { removedUsers: [userId] });
  const left = ['users', 'factors', 'challenges', 'sessions'].map((table) =>
    db.prepare(`select count(*) from ${table}`).pluck().get(),
  );
  expect(left).toEqual([2, 1, 1, 1]);
  expect(tables.user(tenantId, userId)).toBeUndefined();
  expect(tables.user(otherTenantId, userId)).toEqual({ ...bare, tenantId: otherTenantId });
  expect(tables.factors(tenantId, another.id)).toEqual(others.factors);
});

const listing: [sentence: string, filter: Partial<Parameters<Queries['users']>[0]>, places: number[]][] = [
  ['all of them, newest first', {}, [4, 3, 2, 1, 0]],
  ['the newest', { limit: 2 }, [4, 3]],
  ['those with a number', { phoneNumber: '+33600000001' }, [3, 1]],
  ['those with an address', { email: 'a@example.org' }, [2, 1]],
  ['the newest with a number', { phoneNumber: '+33600000001', limit: 1 }, [3]],
  ['none, of a number that nobody has', { phoneNumber: '+33600000009' }, []],
];

test.each(listing)('lists %s', async (_, filter, places) => {
  const users = [
    aUser(),
    aUser({ phoneNumber: '+33600000001', email: 'a@example.org' }),
    aUser({ email: 'a@example.org' }),
    aUser({ phoneNumber: '+33600000001' }),
    aUser({ phoneNumber: '+33600000002' }),
  ];
  tables.write(tenantId, { users });
  tables.write(otherTenantId, { users: [aUser({ tenantId: otherTenantId, phoneNumber: '+33600000001' })] });
  const listed = await queries.users({ tenantId, limit: 10, ...filter });
  expect(listed).toEqual(places.map((at) => users[at]));
  const [, ...rest] = listed;
  const before = listed[0]?.id ?? freshId();
  expect(await queries.users({ tenantId, limit: 10, ...filter, before })).toEqual(
    filter.limit === undefined ? rest : expect.arrayContaining(rest),
  );
});

const day = 86_400_000;
const purge = (nowMs: number, limit = 500) =>
  maintain(db, { kind: 'purge-people' }, { nowMs, limit, keys, forgetVerification: () => undefined });

test('what was never activated, or is over, goes after a day, to the millisecond', () => {
  const { id } = bare;
  const pending = aFactor({ userId: id, kind: 'totp', status: 'pending', createdAtMs: startMs });
  const active = aFactor({ userId: id, kind: 'totp', createdAtMs: startMs });
  const disabled = aFactor({ userId: id, kind: 'totp', status: 'disabled', createdAtMs: startMs });
  const challenge = aChallenge({ userId: id, expiresAtMs: startMs });
  const expired = aSession({ userId: id, expiresAtMs: startMs });
  const revoked = aSession({ userId: id, revokedAtMs: startMs });
  const open = aSession({ userId: id, expiresAtMs: startMs + 1 });
  const token = aSession({ userId: id, expiresAtMs: undefined, idleSeconds: undefined });
  const spentToken = { ...token, id: freshId(), revokedAtMs: startMs };
  tables.write(tenantId, {
    users: [bare],
    factors: [pending, active, disabled],
    challenges: [challenge],
    sessions: [expired, revoked, open, token, spentToken],
  });
  expect(purge(startMs + day - 1)).toBe(0);
  expect(purge(startMs + day)).toBe(5);
  expect(purge(startMs + day)).toBe(0);
  expect(tables.factors(tenantId, id)).toEqual([active, disabled]);
  expect(tables.challenge(tenantId, challenge.id)).toBeUndefined();
  const left = [expired, revoked, open, token, spentToken].map((one) => tables.session(tenantId, one.id) !== undefined);
  expect(left).toEqual([false, false, true, true, false]);
  expect(purge(startMs + day + 1)).toBe(1);
  expect(purge(startMs + 1000 * day)).toBe(0);
  expect(tables.user(tenantId, id)).toEqual(bare);
});

test('a batch of the purge is no longer than it may be, whatever is to go', () => {
  const many = <T>(make: () => T) => Array.from({ length: 20 }, make);
  tables.write(tenantId, {
    factors: many(() => aFactor({ userId, kind: 'totp', status: 'pending' })),
    challenges: many(() => aChallenge({ userId })),
    sessions: [...many(() => aSession({ userId })), ...many(() => aSession({ userId, revokedAtMs: startMs }))],
  });
  const rounds = Array.from({ length: 5 }, () => purge(startMs + 2 * day, 30));
  expect(rounds).toEqual([30, 30, 20, 0, 0]);
});

test('what users did under a time that was too late neither lives on nor locks them out', () => {
  const later = startMs + 400 * day;
  const user = aUser({
    failures: { count: 9, waitUntilMs: later + 3_600_000 },
    loginFailures: { count: 9, waitUntilMs: startMs + 1000 },
    sessionsFromMs: later,
    updatedAtMs: later,
  });
  const { id } = user;
  const totp = (lastStep: number | undefined) => {
    const factor = aFactor({ userId: id, kind: 'totp' });
    return { ...factor, totp: { ...factor.totp, lastStep } } as typeof factor;
  };
  const step = startMs / 30_000;
  const kept = [totp(undefined), totp(step - 5), totp(step + 1)];
  const ahead = totp(later / 30_000);
  const pending = aFactor({ userId: id, kind: 'totp', status: 'pending', createdAtMs: later });
  const [before, after, touched] = [
    aSession({ userId: id }),
    aSession({ userId: id, createdAtMs: later, lastUsedAtMs: later, expiresAtMs: later + day }),
    aSession({ userId: id, lastUsedAtMs: later }),
  ];
  const token = aSession({
    userId: id,
    createdAtMs: later,
    lastUsedAtMs: later,
    expiresAtMs: undefined,
    idleSeconds: undefined,
  });
  const revoked = { ...token, id: freshId(), revokedAtMs: later };
  const challenge = aChallenge({ userId: id, createdAtMs: later, expiresAtMs: later + 600_000 });
  tables.write(tenantId, {
    users: [user],
    factors: [...kept, ahead, pending],
    challenges: [challenge],
    sessions: [before, after, touched, token, revoked],
  });
  forgetFutureOfPeople(db, startMs);
  expect(tables.user(tenantId, id)).toEqual({
    ...user,
    failures: { count: 9, waitUntilMs: startMs + 3_600_000 },
    sessionsFromMs: startMs,
    updatedAtMs: startMs,
  });
  const set = { ...ahead, totp: { ...ahead.totp, lastStep: step + 1 } };
  expect(tables.factors(tenantId, id)).toEqual([...kept, set]);
  expect(tables.challenge(tenantId, challenge.id)).toBeUndefined();
  const left = [before, after, touched, token, revoked].map((one) => tables.session(tenantId, one.id));
  expect(left).toEqual([before, undefined, undefined, token, { ...revoked, revokedAtMs: startMs }]);
});
