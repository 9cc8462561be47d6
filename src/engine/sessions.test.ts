import { expect, test } from 'vitest';
import { aTenant, tenantId, times } from '../../testing/builders.ts';
import { openEngine, type TestEngine } from '../../testing/engine.ts';
import { defaultSessionPolicy } from '../domain/session.ts';

const by = { name: 'test' };
const asked = { tenantId, by };
const metal = { tenantId, face: 'metal' };
const login = 'ada@example.com';
const password = 'chosen by her';
const minute = 60_000;
const day = 24 * 60 * minute;
const policy = defaultSessionPolicy;
const otherId = '0192f000-0000-7000-8000-0000000000f2';

async function aUser({ people }: TestEngine, request: object = { email: login, password }): Promise<string> {
  const { outcome } = await people.users.create(asked, request);
  if (outcome.kind !== 'user') throw new Error(`no user was made: ${outcome.kind}`);
  return outcome.user.id;
}

async function loggedIn({ people }: TestEngine, typed = password): Promise<string> {
  const answer = await people.sessions.login(metal, { login, password: typed });
  if (answer.kind !== 'opened') throw new Error('the login was refused');
  return answer.token;
}

async function aUserToken({ people }: TestEngine, userId: string, request = {}): Promise<string> {
  const answer = await people.sessions.createUserToken(asked, userId, { description: 'laptop', ...request });
  if (!('token' in answer)) throw new Error(answer.kind);
  return answer.token;
}

test('a login opens a session of twelve hours, and each a new one', async () => {
  await using engine = await openEngine();
  const userId = await aUser(engine);
  const answer = await engine.people.sessions.login(metal, { login: 'ADA@example.com', password });
  const { nowMs } = engine.store.clock();

  expect(answer).toMatchObject({
    kind: 'opened',
    user: { id: userId, lastLoginAtMs: nowMs },
    session: { state: 'complete', face: 'metal', createdAtMs: nowMs, expiresAtMs: nowMs + 12 * 60 * minute },
  });
  expect(await loggedIn(engine)).not.toBe(answer.kind === 'opened' && answer.token);
});

const refused: [what: string, typed: { login: string; password: string }][] = [
  ['a wrong password', { login, password: `${password}.` }],
  ['an address that nobody has', { login: 'eve@example.com', password }],
  ['a text that is no address', { login: 'ada', password }],
  ['a phone number', { login: '+33612345678', password }],
  ['nothing at all', { login: '', password: '' }],
];

test.each(refused)('%s is refused, and nothing says why', async (_, typed) => {
  await using engine = await openEngine();
  await aUser(engine, { email: login, password, phoneNumber: '+33612345678' });
  expect(await engine.people.sessions.login(metal, typed)).toEqual({ kind: 'refused' });
});

test('a login that nobody has is as much work as a wrong password', async () => {
  await using engine = await openEngine();
  await aUser(engine);
  const workOf = async (typed: { login: string; password: string }) => {
    const { commands, commits } = engine.store.counters();
    await engine.people.sessions.login(metal, typed);
    const after = engine.store.counters();
    return [after.commands - commands, after.commits - commits];
  };
  const wrong = await workOf({ login, password: 'not this one' });
  expect(wrong).toEqual([1, 1]);
  expect(await workOf({ login: 'eve@example.com', password })).toEqual(wrong);
  expect(await workOf({ login: 'no address', password })).toEqual(wrong);
});

test('a login of one tenant is none of another', async () => {
  await using engine = await openEngine({ tenants: [aTenant(), aTenant({ tenantId: otherId })] });
  await aUser(engine);
  const elsewhere = { tenantId: otherId, face: 'metal' };
  expect(await engine.people.sessions.login(elsewhere, { login, password })).toEqual({ kind: 'refused' });
});

test('after five wrong passwords even the right one waits, and a success forgets them', async () => {
  await using engine = await openEngine();
  const userId = await aUser(engine);
  const { sessions, users } = engine.people;
  for (let wrong = 0; wrong < 5; wrong++) {
    expect(await sessions.login(metal, { login, password: 'not this one' })).toEqual({ kind: 'refused' });
  }
  expect(await sessions.login(metal, { login, password })).toEqual({ kind: 'refused' });
  expect((await users.find(tenantId, userId))?.loginFailures.count).toBe(5);

  engine.clock.advance(30_000);
  await loggedIn(engine);
  expect((await users.find(tenantId, userId))?.loginFailures).toEqual({ count: 0, waitUntilMs: 0 });
});

test('a password that is changed while it is looked at opens nothing', async () => {
  await using engine = await openEngine();
  const userId = await aUser(engine);
  const user = await engine.people.users.find(tenantId, userId);
  await engine.people.users.change(asked, userId, { password: 'another one' });
  const command = anOpening({ userId, passwordVersion: user?.passwordVersion ?? 0 });

  expect((await engine.committer.commit(command, 'check')).outcome).toEqual({ kind: 'moved' });
  expect(await engine.people.sessions.login(metal, { login, password })).toEqual({ kind: 'refused' });
  await loggedIn(engine, 'another one');
});

test('a session that is used lives on until its last hour; one that is not is over after a quarter of an hour', async () => {
  await using engine = await openEngine();
  await aUser(engine);
  const { sessions } = engine.people;
  const [used, idle] = [await loggedIn(engine), await loggedIn(engine)];

  for (let quarter = 0; quarter < 49; quarter++) {
    expect(await sessions.ofToken(used), `after ${quarter * 14} minutes`).toBeDefined();
    engine.clock.advance(14 * minute);
    await engine.committer.settled();
    if (quarter === 0) expect(await sessions.ofToken(idle)).toBeDefined();
  }
  expect(await sessions.ofToken(idle)).toBeUndefined();
  // 49 × 14 minutes have gone by: 34 are left of the twelve hours.
  for (const [minutes, open] of [
    [0, true],
    [14, true],
    [14, true],
    [5, true],
    [1, false],
  ] as const) {
    engine.clock.advance(minutes * minute);
    expect((await sessions.ofToken(used)) !== undefined).toBe(open);
    await engine.committer.settled();
  }
});

test('the use of a session is written down at most once a minute', async () => {
  await using engine = await openEngine();
  const userId = await aUser(engine);
  const token = await aUserToken(engine, userId);
  const uses = async () => {
    for (let use = 0; use < 5; use++) await engine.people.sessions.ofToken(token);
    await engine.committer.settled();
    return engine.store.counters().commands;
  };
  engine.clock.advance(minute);
  const before = await uses();
  expect(await uses()).toBe(before);
  engine.clock.advance(minute);
  expect(await uses()).toBe(before + 1);
});

test('a new password ends every login, in the very same millisecond too, and no user token', async () => {
  await using engine = await openEngine();
  const userId = await aUser(engine);
  const { sessions, users } = engine.people;
  const ending = { expiresAtMs: engine.store.clock().nowMs + day };
  const tokens = [await aUserToken(engine, userId), await aUserToken(engine, userId, ending)];
  const token = await loggedIn(engine);

  await users.change(asked, userId, { password: 'another one' });
  expect(await sessions.ofToken(token)).toBeUndefined();
  for (const one of tokens) expect(await sessions.ofToken(one)).toMatchObject({ user: { id: userId } });
  expect(await sessions.list(tenantId, userId, 'logins')).toMatchObject({ sessions: [] });
  expect(await sessions.ofToken(await loggedIn(engine, 'another one'))).toBeDefined();
});

test('a token that is revoked is refused from then on', async () => {
  await using engine = await openEngine();
  const userId = await aUser(engine);
  const { sessions } = engine.people;
  const [one, other] = [await aUserToken(engine, userId), await loggedIn(engine)];
  const { session } = (await sessions.ofToken(one)) ?? {};

  expect(await sessions.revoke(asked, { id: session?.id ?? '' })).toMatchObject({ kind: 'session' });
  expect(await sessions.ofToken(one)).toBeUndefined();
  expect(await sessions.revoke(asked, { token: other })).toMatchObject({ kind: 'session' });
  expect(await sessions.ofToken(other)).toBeUndefined();
  expect(await sessions.revoke(asked, { token: other })).toMatchObject({ kind: 'session' });
});

test('a token is taken for what it says and nothing else', async () => {
  await using engine = await openEngine();
  const token = await aUserToken(engine, await aUser(engine));
  const { sessions } = engine.people;
  const last = token.endsWith('0') ? '1' : '0';

  expect(await sessions.ofToken(`${token.slice(0, -1)}${last}`)).toBeUndefined();
  expect(await sessions.ofToken(token.toUpperCase())).toBeUndefined();
  expect(await sessions.ofToken('')).toBeUndefined();
  expect(await sessions.ofToken(token)).toBeDefined();
});

test('a user token lives until its end, or for ever', async () => {
  await using engine = await openEngine();
  const userId = await aUser(engine);
  const { sessions } = engine.people;
  const ending = await aUserToken(engine, userId, { expiresAtMs: engine.store.clock().nowMs + day });
  const endless = await aUserToken(engine, userId);

  engine.clock.advance(day - 1);
  expect(await sessions.ofToken(ending)).toBeDefined();
  engine.clock.advance(1);
  expect(await sessions.ofToken(ending)).toBeUndefined();
  engine.clock.advance(1000 * day);
  expect(await sessions.ofToken(endless)).toBeDefined();
});

test('a hundred and fifty logins at once leave a hundred sessions, the newest, and every user token', async () => {
  await using engine = await openEngine();
  const userId = await aUser(engine);
  const { sessions } = engine.people;
  const token = await aUserToken(engine, userId);
  const commands = times(150, (number) => anOpening({ userId, passwordVersion: 1, number }));
  await Promise.all(commands.map((command) => engine.committer.commit(command, 'check')));

  const kept = await sessions.list(tenantId, userId, 'logins');
  expect(kept.kind === 'sessions' && kept.sessions.map(({ id }) => id)).toEqual(
    commands
      .slice(50)
      .map(({ session }) => session.id)
      .reverse(),
  );
  expect(await sessions.ofToken(token)).toBeDefined();
});

test('a session that is over makes room before one that is open', async () => {
  await using engine = await openEngine();
  const userId = await aUser(engine);
  const token = await loggedIn(engine);
  const open = (count: number, from: number) =>
    Promise.all(
      times(count, (number) =>
        engine.committer.commit(anOpening({ userId, passwordVersion: 1, number: from + number }), 'check'),
      ),
    );
  await open(99, 0);
  engine.clock.advance(14 * minute);
  expect(await engine.people.sessions.ofToken(token)).toBeDefined();
  engine.clock.advance(2 * minute);
  await open(99, 200);
  expect(await engine.people.sessions.ofToken(token)).toBeDefined();
});

test('the hundred and first user token is refused, until one is revoked', async () => {
  await using engine = await openEngine();
  const userId = await aUser(engine);
  const { sessions } = engine.people;
  const [first = ''] = await Promise.all(times(100, () => aUserToken(engine, userId)));

  expect(await sessions.createUserToken(asked, userId, { description: '' })).toEqual({ kind: 'too-many-tokens' });
  await sessions.revoke(asked, { token: first });
  await aUserToken(engine, userId);
});

test('introspection says what a token is good for, and nothing of one that is good for nothing', async () => {
  await using engine = await openEngine({ tenants: [aTenant(), aTenant({ tenantId: otherId })] });
  const userId = await aUser(engine);
  const token = await aUserToken(engine, userId);
  const { sessions } = engine.people;
  const shown = await sessions.introspect(tenantId, { token });

  expect(shown).toMatchObject({ active: true, session: { userId, face: 'native', state: 'complete' } });
  expect(await sessions.introspect(otherId, { token })).toEqual({ active: false });
  expect(await sessions.introspect(tenantId, { token: `${token}0` })).toEqual({ active: false });
  expect(await sessions.revoke({ tenantId: otherId, by }, { token })).toEqual({ kind: 'not-found' });
  await sessions.revoke(asked, { token });
  expect(await sessions.introspect(tenantId, { token })).toEqual({ active: false });
});

test('a request for a user token that comes twice shows the token once', async () => {
  await using engine = await openEngine();
  const userId = await aUser(engine);
  const repeated = { ...asked, idempotencyKey: 'k-1' };
  const once = () => engine.people.sessions.createUserToken(repeated, userId, { description: 'laptop' });
  const [first, second] = [await once(), await once()];

  expect(first).toMatchObject({ kind: 'session' });
  expect(second).toEqual({ kind: 'already-done', id: 'session' in first ? first.session.id : '' });
});

function anOpening({
  userId,
  passwordVersion,
  number = 0,
}: {
  userId: string;
  passwordVersion: number;
  number?: number;
}) {
  // Later than those that are drawn.
  const id = `01ffffff-0000-7000-8000-${String(number).padStart(12, '0')}`;
  const session = { id, hash: 'ab'.repeat(32), face: 'metal' };
  return { kind: 'open-session', tenantId, userId, isRight: true, passwordVersion, session, policy } as const;
}
