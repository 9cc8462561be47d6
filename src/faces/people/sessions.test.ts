import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { times } from '../../../testing/builders.ts';
import { virtualClock } from '../../../testing/clock.ts';
import { appHolder } from '../../../testing/met-challenge.ts';
import { openServer, type TestServer } from '../../../testing/server.ts';

const clock = virtualClock();
let server: TestServer;
beforeAll(async () => {
  server = await openServer({ clock });
});
afterAll(() => server[Symbol.asyncDispose]());

type Fields = Readonly<Record<string, unknown>>;
interface SessionFields extends Fields {
  readonly id: string;
  readonly token: string;
}
const minute = 60_000;
const login = 'ada@example.com';
const password = 'chosen by her';

const post = (path: string, body: Fields, headers: Record<string, string> = {}) =>
  server.alice.request<SessionFields>('POST', path, { body, headers });
const open = (challengeId: string, headers = {}) => post('/v1/sessions', { challengeId }, headers);
const introspected = async (token: string) => (await post('/v1/sessions/introspect', { token })).body;

async function aUser(fields: Fields = {}): Promise<string> {
  return (await post('/v1/users', fields)).body.id;
}

const metal = () => ({ tenantId: server.alice.tenantId, face: 'metal' });
async function loggedIn(typed = password): Promise<string> {
  const answer = await server.parts.people.sessions.login(metal(), { login, password: typed });
  if (answer.kind !== 'opened') throw new Error('the login was refused');
  return answer.token;
}

test('a challenge that was met opens one session, which says how', async () => {
  const userId = await aUser();
  const holder = await appHolder(server, server.alice.tenantId, userId, clock);
  const id = await holder.met();
  const { status, body } = await open(id);
  const { token, ...session } = body;

  expect([status, session]).toMatchObject([
    201,
    { userId, type: 'login', state: 'complete', proof: 'totp', face: 'native', description: null },
  ]);
  expect(session.expiresAt).toBe(new Date(clock.wallMs() + 12 * 60 * minute).toISOString());
  expect(await introspected(token)).toEqual({ active: true, session });
  expect((await server.alice.request('GET', `/v1/sessions?userId=${userId}`)).body).toEqual({ sessions: [session] });
  expect((await open(id)).body).toMatchObject({ status: 409, code: 'challenge_used' });
});

test('of twenty requests for one challenge at once one gets a session', async () => {
  const holder = await appHolder(server, server.alice.tenantId, await aUser(), clock);
  const id = await holder.met();
  const answers = await Promise.all(times(20, () => open(id)));
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  expect(answers.filter(({ body }) => body.code === 'challenge_used')).toHaveLength(19);
});

test('a challenge opens nothing before it is met, too late, or for another tenant', async () => {
  const holder = await appHolder(server, server.alice.tenantId, await aUser(), clock);
  const pending = await open(await holder.challenge());
  expect(pending.body).toMatchObject({ status: 409, code: 'challenge_not_verified', challengeStatus: 'pending' });

  const id = await holder.met();
  for (const challengeId of [id, '0192f000-0000-7000-8000-0000000000ff', 'none']) {
    const { status } = await server.bob.request('POST', '/v1/sessions', { body: { challengeId } });
    expect([challengeId, status]).toEqual([challengeId, 404]);
  }
  clock.advance(10 * minute + 1);
  expect((await open(id)).body).toMatchObject({ status: 409, code: 'challenge_too_old' });
});

test('a request that comes twice shows the token once', async () => {
  const holder = await appHolder(server, server.alice.tenantId, await aUser(), clock);
  const id = await holder.met();
  const headers = { 'idempotency-key': 'once' };
  const [first, second] = [await open(id, headers), await open(id, headers)];
  expect([first.status, second.status, second.body.code, second.body.id]).toEqual([
    201,
    409,
    'already_done',
    first.body.id,
  ]);
});

test('to ask about a session keeps it open; one that nobody asks about is over', async () => {
  const holder = await appHolder(server, server.alice.tenantId, await aUser(), clock);
  const { token } = (await open(await holder.met())).body;
  for (let asked = 0; asked < 4; asked++) {
    clock.advance(14 * minute);
    expect(await introspected(token)).toMatchObject({ active: true });
    await server.parts.committer.settled();
  }
  clock.advance(15 * minute);
  expect(await introspected(token)).toEqual({ active: false, session: null });
});

test('a half-open session lets nobody in, and is over after ten minutes', async () => {
  const userId = await aUser({ email: login, password });
  await appHolder(server, server.alice.tenantId, userId, clock);
  const token = await loggedIn();

  expect(await introspected(token)).toMatchObject({ active: false, session: { state: 'half_open', face: 'metal' } });
  clock.advance(10 * minute - 1);
  expect(await server.parts.people.sessions.ofToken(token)).toMatchObject({ session: { state: 'half-open' } });
  clock.advance(1);
  expect(await server.parts.people.sessions.ofToken(token)).toBeUndefined();
  await server.alice.request('DELETE', `/v1/users/${userId}`);
});

test('each login is a new session, and none is known before it', async () => {
  const userId = await aUser({ email: login, password });
  const tokens = await Promise.all(times(3, () => loggedIn()));
  expect(new Set(tokens).size).toBe(3);

  const guess = `cst_${'0'.repeat(32)}_${'0'.repeat(64)}`;
  expect(await introspected(guess)).toEqual({ active: false, session: null });
  await loggedIn();
  expect(await introspected(guess)).toEqual({ active: false, session: null });
  await server.alice.request('DELETE', `/v1/users/${userId}`);
});

test('a session that is ended, by its id or by its token, is refused at once', async () => {
  const userId = await aUser();
  const made = times(2, () => post(`/v1/users/${userId}/tokens`, { description: 'laptop' }));
  const [one, other] = (await Promise.all(made)).map(({ body }) => body);
  if (one === undefined || other === undefined) throw new Error('no token was made');

  const strangers = [
    await server.bob.request('DELETE', `/v1/sessions/${one.id}`),
    await server.bob.request('POST', '/v1/sessions/revoke', { body: { token: other.token } }),
  ];
  expect(strangers.map(({ status }) => status)).toEqual([404, 404]);
  expect(await introspected(one.token)).toMatchObject({ active: true });

  expect((await server.alice.request('DELETE', `/v1/sessions/${one.id}`)).body).toEqual({});
  expect((await post('/v1/sessions/revoke', { token: other.token })).body).toEqual({});
  for (const { token } of [one, other]) expect(await introspected(token)).toEqual({ active: false, session: null });
  expect((await server.alice.request('DELETE', `/v1/sessions/${one.id}`)).status).toBe(200);
  expect((await post('/v1/sessions/revoke', { token: `${one.token}0` })).status).toBe(404);
});

test('no row, and no line of the log, holds a token or a password', async () => {
  const userId = await aUser({ email: login, password });
  const { token } = (await post(`/v1/users/${userId}/tokens`, { description: 'laptop' })).body;
  const opened = await loggedIn();
  await server.parts.people.sessions.login(metal(), { login, password: 'not this one' });
  const everything = JSON.stringify([await server.rows(), server.log]);
  for (const secret of [token, opened]) expect(everything).not.toContain(secret.split('_')[2]);
  expect(everything).toContain(userId.replaceAll('-', ''));
  expect(everything).not.toMatch(/chosen by her|not this one/);
  await server.alice.request('DELETE', `/v1/users/${userId}`);
});

test('sessions, and the wait after wrong passwords, are still there after a restart', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'countersign-sessions-'));
  try {
    let token = '';
    {
      await using first = await openServer({ clock, directory });
      const { users, sessions } = first.parts.people;
      const { tenantId } = first.alice;
      await users.create({ tenantId, by: { name: 'test' } }, { email: login, password });
      const opened = await sessions.login({ tenantId, face: 'metal' }, { login, password });
      token = opened.kind === 'opened' ? opened.token : '';
      for (let wrong = 0; wrong < 5; wrong++) {
        await sessions.login({ tenantId, face: 'metal' }, { login, password: 'not this one' });
      }
    }
    await using second = await openServer({ clock, directory });
    const { sessions } = second.parts.people;
    const caller = { tenantId: second.alice.tenantId, face: 'metal' };
    expect(await sessions.ofToken(token)).toMatchObject({ session: { state: 'complete' } });
    expect(await sessions.login(caller, { login, password })).toEqual({ kind: 'refused' });
    clock.advance(30_000);
    expect(await sessions.login(caller, { login, password })).toMatchObject({ kind: 'opened' });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
