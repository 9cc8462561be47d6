import { expect, test } from 'vitest';
import { keys, noLimits, tenantId } from '../../testing/builders.ts';
import { startMs } from '../../testing/clock.ts';
import { aFactor, aRecoverySet, aSession, aUser } from '../../testing/people.ts';
import type { Factor } from '../domain/factor.ts';
import type { Session } from '../domain/session.ts';
import type { User } from '../domain/user.ts';
import type { WebhookEndpoint } from '../domain/webhook.ts';
import { announced } from './announced.ts';
import { type Attributed, audited, type ChangeDecider } from './audited.ts';
import type { CommandBase, Decider, Loaded, PeopleReads, PeopleWrites } from './command.ts';
import type { UserEvent } from './events.ts';

interface Rows {
  readonly users?: readonly User[];
  readonly factors?: readonly Factor[];
  readonly sessions?: readonly Session[];
  /** Asked for as those of their user. */
  readonly sessionsOf?: readonly Session[];
}

const endpoint = { tenantId, id: 'hook', events: [] } as unknown as WebhookEndpoint;

/** Rows of which all are asked for; looking at others throws, as a store does. */
function loadedWith(rowsOf: Rows, endpoints = [endpoint]): Loaded {
  const { users = [], factors = [], sessions = [], sessionsOf = [] } = rowsOf;
  const asked: PeopleReads = {
    users: users.map(({ id }) => id),
    sessions: sessions.map(({ id }) => id),
    sessionsOf: sessionsOf.map((session) => session.userId),
  };
  const assertAsked = (rows: keyof PeopleReads, id: string) => {
    if (!asked[rows]?.includes(id)) throw new Error('not asked for');
  };
  return {
    endpoints: () => endpoints,
    deliveries: () => [],
    askedPerson: (rows: keyof PeopleReads, id: string) => asked[rows]?.includes(id) ?? false,
    user(id: string) {
      assertAsked('users', id);
      return users.find((user) => user.id === id);
    },
    factors(userId: string) {
      assertAsked('users', userId);
      return factors.filter((factor) => factor.userId === userId);
    },
    session(id: string) {
      assertAsked('sessions', id);
      return sessions.find((session) => session.id === id);
    },
    sessionsOf(userId: string) {
      assertAsked('sessionsOf', userId);
      return sessionsOf.filter((session) => session.userId === userId);
    },
  } as unknown as Loaded;
}

function decided(people: PeopleWrites, loaded: Loaded) {
  const decider: Decider<CommandBase, string> = {
    reads: () => ({}),
    decide: () => ({ writes: { people }, outcome: 'done' }),
  };
  const command = { kind: 'any', tenantId };
  const answer = announced(decider).decide(command, loaded, {
    nowMs: startMs,
    wallMs: startMs,
    keys,
    limits: noLimits,
  });
  if (answer === 'stale') throw new Error('it is stale');
  return answer;
}

function eventsOf(people: PeopleWrites, before: Rows): UserEvent[] {
  const { newEvents = [] } = decided(people, loadedWith(before)).writes.webhooks ?? {};
  return newEvents.map(({ body }) => JSON.parse(body));
}

const user = aUser({ reference: 'r1', phoneNumber: '+33612345678', email: 'a@example.com' });
const { id: userId } = user;
const recovery = aRecoverySet(user);
const withCodes = { ...user, recovery };
const sms = aFactor({ userId, kind: 'sms', status: 'active', name: 'mine', recipient: '+33612345678' });
const pending = { ...sms, status: 'pending' as const };
const session = aSession({ userId, state: 'half-open' });
const { name, recipient } = sms;
const factor = { id: sms.id, kind: 'sms', name, recipient };

const cases: [sentence: string, written: PeopleWrites, before: Rows, told: readonly object[]][] = [
  ['a new user', { users: [user] }, {}, [{ kind: 'user.created' }]],
  [
    'a new user with a factor, recovery codes and a session',
    { users: [withCodes], factors: [sms], sessions: [session] },
    {},
    [
      { kind: 'user.created' },
      { kind: 'factor.enrolled' },
      { kind: 'factor.activated' },
      { kind: 'recovery-codes.generated', recoveryCodesLeft: 10 },
      { kind: 'session.opened' },
    ],
  ],
  [
    'every field of a user that is another now, without what it holds',
    { users: [{ ...user, reference: 'r2', phoneNumber: undefined, email: 'b@example.com', profile: '{}' }] },
    { users: [user] },
    [
      {
        kind: 'user.changed',
        user: { id: userId, reference: 'r2' },
        changed: ['reference', 'phoneNumber', 'email', 'profile'],
      },
    ],
  ],
  [
    'a new password, also in the place of an older one',
    { users: [{ ...user, password: 'hash 2', passwordVersion: 2 }] },
    { users: [{ ...user, password: 'hash 1', passwordVersion: 1 }] },
    [{ kind: 'user.changed', changed: ['password'] }],
  ],
  [
    'a user that is deleted, whatever is theirs',
    { removedUsers: [userId] },
    { users: [withCodes], factors: [sms] },
    [{ kind: 'user.deleted', user: { id: userId, reference: 'r1' } }],
  ],
  [
    'a factor that is enrolled',
    { factors: [pending] },
    { users: [user] },
    [{ kind: 'factor.enrolled', factor: { ...factor, status: 'pending' } }],
  ],
  [
    'a factor that becomes active',
    { factors: [sms] },
    { users: [user], factors: [pending] },
    [{ kind: 'factor.activated', factor: { ...factor, status: 'active' } }],
  ],
  [
    'a factor that is disabled',
    { factors: [{ ...sms, status: 'disabled' }] },
    { users: [user], factors: [sms] },
    [{ kind: 'factor.disabled', factor: { ...factor, status: 'disabled' } }],
  ],
  [
    'a factor that is removed, as it was before',
    { removedFactors: [{ userId, id: sms.id }] },
    { users: [user], factors: [sms] },
    [{ kind: 'factor.removed', factor: { ...factor, status: 'active' } }],
  ],
  [
    'a new set of recovery codes in the place of an older one',
    { users: [{ ...user, recovery: { ...recovery, version: 2 } }] },
    { users: [{ ...user, recovery: { ...recovery, spent: 7 } }] },
    [{ kind: 'recovery-codes.generated', recoveryCodesLeft: 10 }],
  ],
  [
    'a recovery code that was used',
    { users: [{ ...user, recovery: { ...recovery, spent: 5 } }] },
    { users: [{ ...user, recovery: { ...recovery, spent: 1 } }] },
    [{ kind: 'recovery-code.used', recoveryCodesLeft: 8 }],
  ],
  [
    'recovery codes that were shown again',
    { recoveryCodesRead: [userId] },
    { users: [{ ...user, recovery: { ...recovery, spent: 1 } }] },
    [{ kind: 'recovery-codes.read', recoveryCodesLeft: 9 }],
  ],
  [
    'a recovery code that was used and goes away with the others',
    { users: [user], recoveryCodesEnded: [userId] },
    { users: [{ ...user, recovery }] },
    [{ kind: 'recovery-code.used', recoveryCodesLeft: 0 }],
  ],
  [
    'a session that opens',
    { sessions: [session] },
    { users: [user] },
    [
      {
        kind: 'session.opened',
        user: { id: userId, reference: 'r1' },
        session: { id: session.id, state: 'half-open', face: 'native', expiresAtMs: session.expiresAtMs },
      },
    ],
  ],
  [
    'a session of a user whom the command did not look at',
    { sessions: [session] },
    {},
    [{ kind: 'session.opened', user: { id: userId } }],
  ],
  [
    'a session that becomes complete',
    { sessions: [{ ...session, state: 'complete', proof: 'totp' }] },
    { users: [user], sessions: [session] },
    [{ kind: 'session.opened', session: expect.objectContaining({ state: 'complete', proof: 'totp' }) }],
  ],
  [
    'a session that is revoked',
    { sessions: [{ ...session, revokedAtMs: startMs }] },
    { users: [user], sessions: [session] },
    [{ kind: 'session.ended' }],
  ],
  [
    'a session that ends as another one opens',
    { sessions: [{ ...session, revokedAtMs: startMs }, aSession({ userId })] },
    { users: [user], sessionsOf: [session] },
    [
      { kind: 'session.ended', session: expect.objectContaining({ id: session.id }) },
      { kind: 'session.opened', session: expect.objectContaining({ state: 'complete' }) },
    ],
  ],
];

test.each(cases)('tells of %s', (_, written, before, told) => {
  const events = eventsOf(written, before);
  expect(events.map(({ kind }) => kind)).toEqual(told.map((one) => (one as UserEvent).kind));
  expect(events).toMatchObject(told);
  expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
});

const silent: [sentence: string, written: PeopleWrites, before: Rows][] = [
  [
    'wrong codes, waits and the last login',
    { users: [{ ...user, failures: { count: 3, waitUntilMs: 0 }, lastLoginAtMs: startMs, updatedAtMs: startMs + 1 }] },
    { users: [user] },
  ],
  ['recovery codes that go with the factor', { users: [user] }, { users: [withCodes] }],
  ['the use of a factor', { factors: [{ ...sms, lastUsedAtMs: startMs }] }, { users: [user], factors: [sms] }],
  ['the use of a session', { sessions: [{ ...session, lastUsedAtMs: startMs + 60_000 }] }, { sessions: [session] }],
  [
    'a session that was revoked before',
    { sessions: [{ ...session, revokedAtMs: startMs + 1 }] },
    { sessions: [{ ...session, revokedAtMs: startMs }] },
  ],
  ['the removal of what is not there', { removedUsers: [userId], removedFactors: [{ userId, id: sms.id }] }, {}],
];

test.each(silent)('tells nothing of %s', (_, written, before) => {
  expect(eventsOf(written, before)).toEqual([]);
});

test('no event holds a secret', () => {
  const totp = aFactor({ userId, kind: 'totp' });
  const full = { ...withCodes, password: 'canary-hash', profile: '{"canary":1}', phoneNumber: '+33699999999' };
  const text = JSON.stringify([
    ...eventsOf({ users: [full], factors: [totp], sessions: [session], recoveryCodesRead: [userId] }, {}),
    ...eventsOf({ users: [full] }, { users: [user] }),
  ]);
  const secrets = ['canary', '+33699999999', recovery.secret.sealed, totp.totp?.secret.sealed ?? '', session.hash];
  expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
});

test('events are told in the order of their user, and those of a session in an order of its own', () => {
  const { newEvents, newDeliveries } =
    decided({ users: [withCodes], factors: [sms], sessions: [session] }, loadedWith({})).writes.webhooks ?? {};
  const places = newEvents?.map(({ verificationId, number }) => [verificationId, number]);
  expect(places).toEqual([
    [userId, 1],
    [userId, 2],
    [userId, 3],
    [userId, 4],
    [session.id, 1],
  ]);
  expect(newDeliveries?.map(({ status }) => status)).toEqual(['queued', 'waiting', 'waiting', 'waiting', 'queued']);
});

test('where nobody listens a decision about users goes through as it is, and no row is looked at', () => {
  const people = { users: [user], sessions: [session], removedFactors: [{ userId, id: sms.id }] };
  const blind = { endpoints: () => [] } as unknown as Loaded;
  expect(decided(people, blind)).toEqual({ writes: { people }, outcome: 'done' });
});

test('where nobody wants to hear of users nothing is written', () => {
  const elsewhere = { ...endpoint, events: ['verification.created'] };
  const { writes } = decided({ users: [user] }, loadedWith({}, [elsewhere]));
  expect(writes).toEqual({ people: { users: [user] } });
});

interface Named extends Attributed {
  readonly name: string;
}
const naming: ChangeDecider<Named, { readonly kind: 'named' }> = {
  find: () => ({ people: { users: [userId] } }),
  findNext: () => ({ people: { users: [userId] } }),
  reads: () => ({ people: { users: [userId] } }),
  decide: ({ name }) => ({
    writes: { people: { users: [{ ...user, reference: name }] } },
    outcome: { kind: 'named' },
    change: { action: 'name-user', target: `user ${userId}`, after: { reference: name } },
  }),
};

test.each([
  ['audited, then announced', announced(audited(naming))],
  ['announced, then audited', audited(announced(naming))],
])('a change can be both, in either order: %s', (_, decider) => {
  const command = { kind: 'name', tenantId, by: { name: 'operator' }, name: 'r2' };
  const loaded = { ...loadedWith({ users: [user] }), auditHead: () => undefined };
  const answer = decider.decide(command, loaded, { nowMs: startMs, wallMs: startMs, keys, limits: noLimits });
  if (answer === 'stale') throw new Error('it is stale');
  const { outcome, writes, tells } = answer;
  expect([outcome, tells, writes.audit?.length, writes.webhooks?.newEvents?.length]).toEqual([
    { kind: 'named' },
    true,
    1,
    1,
  ]);
  expect('change' in answer).toBe(false);
  expect(decider.reads(command, loaded)).toEqual({ people: { users: [userId] }, auditHead: true });
  expect([decider.find?.(command), decider.findNext?.(command, loaded)]).toEqual([
    { people: { users: [userId] } },
    { people: { users: [userId] } },
  ]);
});
