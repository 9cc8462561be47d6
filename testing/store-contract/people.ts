import { expect, test } from 'vitest';
import { withActiveKey, withoutKey } from '../../src/domain/keys.ts';
import { defaultSessionPolicy } from '../../src/domain/session.ts';
import { hotp, timeStep } from '../../src/domain/totp.ts';
import type { User } from '../../src/domain/user.ts';
import { sealSecret } from '../../src/domain/webhook.ts';
import type { CreateEndpoint } from '../../src/engine/commands/change-endpoint.ts';
import type { CreateUser } from '../../src/engine/commands/change-user.ts';
import type { EnrolFactor } from '../../src/engine/commands/enrol-factor.ts';
import type { UserEvent } from '../../src/engine/events.ts';
import type { MaintenanceJob } from '../../src/engine/store.ts';
import { aCreate, codeSent, freshId, freshNumber, keys, otherTenantId, tenantId, times } from '../builders.ts';
import { startMs } from '../clock.ts';
import { recoveryCodes, totpSecret } from '../people.ts';
import { by } from './administrative.ts';
import { everythingIn, found } from './copied.ts';
import { atRest, type OpenStore, run, runAtOnce, runBatch, type StoreUnderTest, stored, tally } from './given.ts';

const day = 86_400_000;

function aCreateUser(given: Partial<CreateUser['user']> = {}): CreateUser {
  const tenant = given.tenantId ?? tenantId;
  return { kind: 'create-user', tenantId: tenant, by, user: { tenantId: tenant, id: freshId(), ...given } };
}

let drawn = 0;
const nonce = () => {
  drawn += 1;
  return drawn.toString(16).padStart(24, '5');
};

function anApp(userId: string): EnrolFactor {
  const terms = { algorithm: 'SHA1', digits: 6, drift: 1 } as const;
  const totp = { ...terms, secret: totpSecret.toString('hex'), nonce: nonce() };
  return { kind: 'enrol-factor', tenantId, by, userId, factor: { id: freshId(), kind: 'totp' }, totp };
}

function aNumberOf(userId: string, recipient: string): EnrolFactor & { readonly create: ReturnType<typeof aCreate> } {
  const factor = { id: freshId(), kind: 'sms', recipient } as const;
  return { kind: 'enrol-factor', tenantId, by, userId, factor, create: aCreate({ requested: { recipient } }) };
}

const activate = ({ userId, factor: { id: factorId } }: EnrolFactor, code: string) =>
  ({ kind: 'activate-factor', tenantId, by, userId, factorId, code }) as const;
const codeAt = (nowMs: number) => hotp(totpSecret, timeStep(nowMs), { algorithm: 'SHA1', digits: 6 });
const generate = (userId: string) =>
  ({ kind: 'generate-recovery-codes', tenantId, by, userId, codes: recoveryCodes(), nonce: nonce() }) as const;
const challenge = (userId: string) =>
  ({ kind: 'create-challenge', tenantId, userId, id: freshId(), wish: {} }) as const;
const login = ({ id: userId }: Pick<User, 'id'>) => {
  const session = { id: freshId(), hash: 'cc'.repeat(32), face: 'native' };
  const policy = defaultSessionPolicy;
  return { kind: 'open-session', tenantId, userId, isRight: true, passwordVersion: 1, session, policy } as const;
};

const check = (userId: string, challengeId: string, code: string) =>
  ({ kind: 'check-challenge', tenantId, by, userId, challengeId, code }) as const;

/** A user with an app and recovery codes. */
async function aProtected(given: StoreUnderTest, wanted: Partial<CreateUser['user']> = {}) {
  const create = aCreateUser(wanted);
  const app = anApp(create.user.id);
  await runBatch(given, [create, app]);
  await runBatch(given, [activate(app, codeAt(given.clock.wallMs())), generate(create.user.id)]);
  return { userId: create.user.id, app };
}

async function userOf({ store }: StoreUnderTest, id: string): Promise<User> {
  const user = await store.queries.user(tenantId, id);
  if (user === undefined) throw new Error('the user is not there');
  return user;
}

function anEndpoint(events: readonly string[] = []): CreateEndpoint {
  const place = { tenantId, id: freshId() };
  const secret = sealSecret(Buffer.alloc(32, 5), place, keys, Buffer.alloc(12, 3));
  const rest = { url: 'https://example.com/', events, description: '', fullRecipient: false, secret };
  return { kind: 'create-endpoint', tenantId, by, endpoint: { ...place, ...rest } };
}

/** Tells all that is due, one after another. */
async function tellAll(given: StoreUnderTest): Promise<UserEvent[]> {
  const events: UserEvent[] = [];
  for (let round = 0; round < 100; round++) {
    const [next] = (await given.store.queries.dueDeliveries('', 500)).due;
    if (next === undefined) return events;
    const { tenantId: owner, ...key } = next;
    const place = { tenantId: owner, key, epoch: 'e1' };
    const claimed = await run(given, { kind: 'claim-delivery', ...place });
    if (claimed.kind === 'claimed') events.push(JSON.parse(claimed.event));
    const result = { kind: 'delivered', httpStatus: 200 } as const;
    await run(given, { kind: 'settle-delivery', ...place, attempts: 0, result, jitter: 0 });
  }
  throw new Error('it never ends');
}

/** Runs a job to its end. @returns rows dealt with */
async function toTheEnd({ store }: StoreUnderTest, job: MaintenanceJob, limit = 500): Promise<number> {
  let rows = 0;
  for (let batch = 0; batch < 1000; batch++) {
    const dealt = await store.maintain(job, limit);
    if (dealt === 0) return rows;
    rows += dealt;
  }
  throw new Error('it never ends');
}

const nonces = (count: number) => times(count, nonce);

export function peopleContract(open: OpenStore): void {
  test('a user is found by its id, reference and login, by its own tenant alone', async () => {
    await using given = await open();
    const create = aCreateUser({ reference: 'r 1', email: 'ada@example.org', password: 'hash', phoneNumber: '+33600' });
    const { id } = create.user;
    expect(await run(given, create)).toMatchObject({ kind: 'user' });
    const { queries } = given.store;
    const user = await userOf(given, id);
    expect(user).toMatchObject({ ...create.user, passwordVersion: 1, createdAtMs: startMs, sessionsFromMs: startMs });
    expect(await queries.userByReference(tenantId, 'r 1')).toEqual(user);
    expect(await queries.userByLogin(tenantId, 'ada@example.org')).toEqual(user);
    expect(await queries.users({ tenantId, limit: 10 })).toEqual([user]);
    expect([
      await queries.user(otherTenantId, id),
      await queries.userByReference(otherTenantId, 'r 1'),
      await queries.userByLogin(otherTenantId, 'ada@example.org'),
      await queries.users({ tenantId: otherTenantId, limit: 10 }),
    ]).toEqual([undefined, undefined, undefined, []]);
  });

  test('of twenty who want one reference, and of twenty who want one login, one has it in each tenant', async () => {
    await using given = await open();
    for (const tenant of [tenantId, otherTenantId]) {
      const wanted = { tenantId: tenant, reference: 'r 1' };
      const created = await runAtOnce(
        given,
        times(20, () => aCreateUser(wanted)),
        3,
      );
      expect(tally(created)).toEqual({ user: 1, 'reference-taken': 19 });
      const logins = { tenantId: tenant, email: 'ada@example.org', password: 'hash' };
      const others = await runAtOnce(
        given,
        times(20, () => aCreateUser(logins)),
        3,
      );
      expect(tally(others)).toEqual({ user: 1, 'login-taken': 19 });
      expect(await given.store.queries.users({ tenantId: tenant, limit: 50 })).toHaveLength(2);
    }
  });

  test('factors, challenges and sessions of a user are found, and go with the user', async () => {
    await using given = await open();
    const { queries } = given.store;
    const wanted = { email: 'ada@example.org', password: 'hash' };
    const { userId, app } = await aProtected(given, wanted);
    const another = await aProtected(given);
    const phone = aNumberOf(userId, freshNumber());
    const [asked, session] = [challenge(userId), login({ id: userId })];
    await runBatch(given, [phone, asked, session]);
    expect(await queries.factors(tenantId, userId)).toMatchObject([
      { id: app.factor.id, status: 'active', activatedAtMs: startMs, totp: { lastStep: timeStep(startMs) } },
      { id: phone.factor.id, status: 'pending', verificationId: phone.create.requested.id },
    ]);
    expect(await queries.challenge(tenantId, asked.id)).toMatchObject({ userId, status: 'pending' });
    expect(await queries.challenge(otherTenantId, asked.id)).toBeUndefined();
    expect(await queries.session(session.session.id)).toMatchObject({ tenantId, userId, state: 'half-open' });
    expect(await queries.sessions(tenantId, userId, 10)).toHaveLength(1);
    const deletion = { kind: 'delete-user', by, id: userId } as const;
    expect(await run(given, { ...deletion, tenantId: otherTenantId })).toEqual({ kind: 'not-found' });
    expect(await run(given, { ...deletion, tenantId })).toEqual({ kind: 'deleted' });
    expect([
      await queries.user(tenantId, userId),
      await queries.factors(tenantId, userId),
      await queries.challenge(tenantId, asked.id),
      await queries.session(session.session.id),
      (await stored(given, phone.create.requested.id)).status,
    ]).toEqual([undefined, [], undefined, undefined, 'cancelled']);
    expect(await queries.factors(tenantId, another.userId)).toHaveLength(1);
    expect(await run(given, aCreateUser(wanted))).toMatchObject({ kind: 'user' });
  });

  test('what was never activated, and what is over, is forgotten a day later', async () => {
    await using given = await open();
    const { queries } = given.store;
    const { userId, app } = await aProtected(given, { email: 'ada@example.org', password: 'hash' });
    const [pending, asked, session] = [anApp(userId), challenge(userId), login({ id: userId })];
    await runBatch(given, [pending, asked, session]);
    given.clock.advance(day - 1);
    expect(await toTheEnd(given, { kind: 'purge-people' })).toBe(0);
    given.clock.advance(1);
    expect(await toTheEnd(given, { kind: 'purge-people' }, 1)).toBe(1);
    expect((await queries.factors(tenantId, userId)).map(({ id }) => id)).toEqual([app.factor.id]);
    given.clock.advance(day);
    expect(await toTheEnd(given, { kind: 'purge-people' }, 1)).toBe(2);
    expect([await queries.challenge(tenantId, asked.id), await queries.session(session.session.id)]).toEqual([
      undefined,
      undefined,
    ]);
    expect(await run(given, anApp(userId))).toMatchObject({ kind: 'enrolled' });
  });

  test('recovery codes and secrets of apps are counted with their data key, and sealed anew with it', async () => {
    await using given = await open();
    const users = [await aProtected(given), await aProtected(given)];
    expect((await given.store.queries.keyUsage()).data).toEqual({ d1: 4 });
    const rotated = withActiveKey(keys, 'data', 'd2', new Uint8Array(32).fill(9));
    await given.store.useKeys(rotated);
    const rounds: number[] = [];
    for (const count of [3, 3, 3])
      rounds.push(await given.store.maintain({ kind: 'rewrap', nonces: nonces(count) }, 500));
    expect(rounds).toEqual([3, 1, 0]);
    expect((await given.store.queries.keyUsage()).data).toEqual({ d2: 4 });
    const sealed = await Promise.all(
      users.map(async ({ userId }) => [
        (await userOf(given, userId)).recovery?.secret.sealed,
        (await given.store.queries.factors(tenantId, userId))[0]?.totp?.secret.sealed,
      ]),
    );
    const used = sealed.flat().map((text) => Buffer.from(text ?? '', 'base64').toString('hex', 0, 12));
    expect(new Set(used).size).toBe(4);

    // Without the older key all of it goes on working.
    await given.store.useKeys(withoutKey(rotated, 'data', 'd1'));
    given.clock.advance(30_000);
    const [code = ''] = recoveryCodes();
    for (const { userId } of users) {
      for (const typed of [codeAt(given.clock.wallMs()), code]) {
        const asked = challenge(userId);
        await run(given, asked);
        expect(await run(given, check(userId, asked.id, typed))).toMatchObject({ kind: 'verified' });
      }
    }
  });

  test('nothing of a user is written under a key that nobody knows', async () => {
    await using given = await open();
    const { userId } = await aProtected(given);
    const before = [await userOf(given, userId), await given.store.queries.factors(tenantId, userId)];
    // What stands there was sealed under a key that is gone: it cannot be written again either.
    await given.store.useKeys({ ...keys, data: { activeId: 'd7', keys: { d7: new Uint8Array(32) } } });
    const asked = challenge(userId);
    await run(given, asked);
    const naming = { kind: 'change-user', tenantId, by, id: userId, changes: { reference: 'r 1' } } as const;
    expect(await given.store.commitBatch([check(userId, asked.id, '000000'), naming])).toEqual([
      { kind: 'unavailable', reason: 'unknown_key' },
      { kind: 'unavailable', reason: 'unknown_key' },
    ]);
    await given.store.useKeys(keys);
    expect([await userOf(given, userId), await given.store.queries.factors(tenantId, userId)]).toEqual(before);
  });

  test('a person who is erased is in no user and no factor any more; nobody else is touched', async () => {
    await using given = await open();
    const [recipient, email] = [freshNumber(), 'erased.person@canary.example'];
    const telling = { phoneNumber: recipient, email, password: 'canary-hash', profile: '{"name":"Canary"}' };
    const whole = aCreateUser({ reference: 'stays', ...telling });
    const { id: userId } = whole.user;
    const app = anApp(userId);
    const phone = aNumberOf(userId, recipient);
    const sharing = aCreateUser({ phoneNumber: recipient, email: 'else@example.org', password: 'hash' });
    const elsewhere = aCreateUser({ tenantId: otherTenantId, phoneNumber: recipient });
    await runBatch(given, [anEndpoint(), whole, app, phone, sharing, elsewhere, login({ id: userId })]);
    await runBatch(given, [activate(app, codeAt(startMs)), activate(phone, codeSent(phone.create))]);
    const again = aNumberOf(sharing.user.id, recipient);
    await run(given, again);
    given.clock.advance(1000);

    const person = { tenantId, recipient };
    expect(await toTheEnd(given, { kind: 'erase-recipient', ...person }, 1)).toBeGreaterThan(4);
    await toTheEnd(given, { kind: 'erase-traces', ...person });
    const user = await userOf(given, userId);
    expect(user).toMatchObject({ reference: 'stays', email, password: 'canary-hash', updatedAtMs: startMs + 1000 });
    expect([user.phoneNumber, user.profile]).toEqual([undefined, undefined]);
    expect((await given.store.queries.factors(tenantId, userId)).map(({ id }) => id)).toEqual([app.factor.id]);
    expect(await userOf(given, sharing.user.id)).toMatchObject({ email: 'else@example.org', password: 'hash' });
    expect(await given.store.queries.factors(tenantId, sharing.user.id)).toEqual([]);
    expect((await stored(given, again.create.requested.id)).status).toBe('cancelled');
    expect(await given.store.queries.user(otherTenantId, elsewhere.user.id)).toMatchObject({ phoneNumber: recipient });

    expect(found([recipient], JSON.stringify(await tellAll(given)))).toEqual([]);

    const namesake = aCreateUser({ email });
    await run(given, namesake);
    expect(await toTheEnd(given, { kind: 'erase-recipient', tenantId, recipient: email }, 1)).toBeGreaterThan(1);
    expect((await userOf(given, namesake.user.id)).email).toBeUndefined();
    const nobody = await userOf(given, userId);
    expect([nobody.email, nobody.password, nobody.passwordVersion]).toEqual([undefined, undefined, 2]);
    expect(await given.store.queries.userByLogin(tenantId, email)).toBeUndefined();
    // The audit trail masks an address, and never held the rest.
    expect(found([email, 'canary-hash', 'Canary'], await everythingIn(given))).toEqual([]);
    expect(await run(given, aCreateUser({ email, password: 'hash' }))).toMatchObject({ kind: 'user' });
    // Whoever is forgotten is still the tenant's user, with what is left to log in with.
    expect(await run(given, aNumberOf(userId, freshNumber()))).toMatchObject({ kind: 'enrolled' });
  });

  test('what happens to users is told in its order, to those who want to hear of it', async () => {
    await using given = await open();
    const create = aCreateUser({ reference: 'r 1', email: 'ada@example.org', password: 'hash' });
    const { id: userId } = create.user;
    const app = anApp(userId);
    const session = login({ id: userId });
    await runBatch(given, [anEndpoint(['user.created', 'factor.activated', 'recovery-codes.generated'])]);
    await runBatch(given, [create, app, activate(app, codeAt(startMs)), generate(userId), session]);
    const events = await tellAll(given);
    expect(events.map(({ kind, user }) => [kind, user])).toEqual([
      ['user.created', { id: userId, reference: 'r 1' }],
      ['factor.activated', { id: userId, reference: 'r 1' }],
      ['recovery-codes.generated', { id: userId, reference: 'r 1' }],
    ]);
    expect(events[1]?.factor).toEqual({ id: app.factor.id, kind: 'totp', status: 'active' });
    expect(events[2]?.recoveryCodesLeft).toBe(10);
  });

  test('every way in is told: half-open, with a recovery code, by a session for it, and its end', async () => {
    await using given = await open();
    const { userId } = await aProtected(given, { reference: 'r 1', email: 'ada@example.org', password: 'hash' });
    const [code = ''] = recoveryCodes();
    const asked = challenge(userId);
    const half = login({ id: userId });
    await run(given, anEndpoint());
    await runBatch(given, [half, asked]);
    await run(given, check(userId, asked.id, code));
    const session = { id: freshId(), hash: 'dd'.repeat(32), face: 'native' };
    const opening = { challengeId: asked.id, policy: defaultSessionPolicy, session };
    await run(given, { kind: 'open-challenge-session', tenantId, ...opening });
    await run(given, { kind: 'revoke-session', tenantId, by, id: session.id });
    await run(given, { kind: 'delete-user', tenantId, by, id: userId });
    const events = await tellAll(given);
    const told = events.map(({ kind, session, recoveryCodesLeft: left }) => [
      kind,
      session?.state,
      session?.proof,
      left,
    ]);
    expect(told.sort()).toEqual([
      ['recovery-code.used', undefined, undefined, 9],
      ['session.ended', 'complete', 'recovery-code', undefined],
      ['session.opened', 'complete', 'recovery-code', undefined],
      ['session.opened', 'half-open', undefined, undefined],
      ['user.deleted', undefined, undefined, undefined],
    ]);
    expect(new Set(events.map(({ user }) => user.reference))).toEqual(new Set(['r 1']));
    const text = JSON.stringify(events);
    expect(found([code, 'cc'.repeat(32), 'dd'.repeat(32), 'hash"'], text)).toEqual([]);
  });

  test('where nobody listens, nothing is written of users and nobody is woken', async () => {
    await using given = await open();
    const create = aCreateUser({ email: 'ada@example.org', password: 'hash' });
    const committed = await given.store.commitBatch([create, login({ id: create.user.id })]);
    expect(committed.map((one) => 'tells' in one)).toEqual([false, false]);
    expect((await given.store.queries.dueDeliveries('', 10)).due).toEqual([]);
  });
}

/** What has to outlive the store. */
export function persistentPeopleContract(open: OpenStore): void {
  test('a TOTP that was accepted is refused after a restart, and when the clock steps back', async () => {
    await using given = await open();
    const { userId } = await aProtected(given);
    given.clock.advance(60_000);
    const typed = codeAt(given.clock.wallMs());
    const first = challenge(userId);
    await run(given, first);
    expect(await run(given, check(userId, first.id, typed))).toMatchObject({ kind: 'verified' });
    const user = await userOf(given, userId);
    for (const step of [0, -60_000]) {
      given.clock.stepWall(step);
      await atRest(given).reopen();
      expect(await userOf(given, userId)).toMatchObject({ recovery: user.recovery });
      const again = challenge(userId);
      await run(given, again);
      expect(await run(given, check(userId, again.id, typed))).toMatchObject({ kind: 'wrong-code' });
    }
  });

  test('no secret of a user is on the disk in clear, and an erased one not at all', async () => {
    await using given = await open();
    const recipient = freshNumber();
    const { userId } = await aProtected(given, { phoneNumber: recipient });
    const asked = challenge(userId);
    const [code = ''] = recoveryCodes();
    await runBatch(given, [asked, check(userId, asked.id, code)]);
    const hex = totpSecret.toString('hex');
    const secrets = [...recoveryCodes(), hex, totpSecret.toString(), totpSecret.toString('base64')];
    expect(found([...secrets, recipient], atRest(given).bytes())).toEqual([recipient]);
    await toTheEnd(given, { kind: 'erase-recipient', tenantId, recipient });
    await given.store.truncateLog();
    expect(found([recipient], atRest(given).bytes())).toEqual([]);
  });

  test('once an operator has set the time right, users can log in again who did when it was too late', async () => {
    await using given = await open();
    const step = 400 * day;
    const { userId } = await aProtected(given, { email: 'ada@example.org', password: 'hash' });
    await atRest(given).close();
    given.clock.stepWall(step);
    await atRest(given).reopen();
    const session = login({ id: userId });
    const asked = challenge(userId);
    await runBatch(given, [session, asked, check(userId, asked.id, codeAt(given.clock.wallMs()))]);
    expect((await given.store.queries.factors(tenantId, userId))[0]?.totp?.lastStep).toBe(timeStep(startMs + step));
    await atRest(given).close();
    given.clock.stepWall(-step);
    await atRest(given).reopen({ confirmClock: true });
    expect(await given.store.queries.session(session.session.id)).toBeUndefined();
    expect(await given.store.queries.challenge(tenantId, asked.id)).toBeUndefined();
    given.clock.advance(60_000);
    const again = challenge(userId);
    await runBatch(given, [again]);
    expect(await run(given, check(userId, again.id, codeAt(given.clock.wallMs())))).toMatchObject({ kind: 'verified' });
    expect(await run(given, login({ id: userId }))).toMatchObject({ kind: 'opened' });
  });
}
