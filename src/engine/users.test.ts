import { expect, test } from 'vitest';
import { aTenant, tenantId } from '../../testing/builders.ts';
import { openEngine, type TestEngine } from '../../testing/engine.ts';

const by = { name: 'test' };
const asked = { tenantId, by };
const otherId = '0192f000-0000-7000-8000-0000000000f2';

async function aUser({ people }: TestEngine, request = {}): Promise<string> {
  const { outcome } = await people.users.create(asked, request);
  if (outcome.kind !== 'user') throw new Error(`no user was made: ${outcome.kind}`);
  return outcome.user.id;
}

test('a user is kept in canonical form and shows no password', async () => {
  await using engine = await openEngine();
  const request = {
    reference: 'c-1',
    phoneNumber: '+33 6 12 34 56 78',
    email: 'Ada@Example.com',
    password: 'chosen by her',
  };
  const { outcome } = await engine.people.users.create(asked, request);

  const user = { reference: 'c-1', phoneNumber: '+33612345678', email: 'ada@example.com', hasPassword: true };
  expect(outcome).toMatchObject({ kind: 'user', user });
  expect(JSON.stringify(outcome)).not.toMatch(/chosen|scrypt/);
});

const unusable: [what: string, request: object, field: string][] = [
  ['an e-mail address as phone number', { phoneNumber: 'ada@example.com' }, 'phoneNumber'],
  ['a number that is none', { phoneNumber: '+33' }, 'phoneNumber'],
  ['a phone number as e-mail address', { email: '+33612345678' }, 'email'],
  ['a password without an address to log in with', { password: 'chosen by her' }, 'password'],
  ['a short password', { email: 'ada@example.com', password: 'short' }, 'password'],
  ['the address as password', { email: 'ada@example.com', password: 'ADA@example.com' }, 'password'],
];

test.each(unusable)('%s makes no user', async (_, request, field) => {
  await using engine = await openEngine();
  expect((await engine.people.users.create(asked, request)).outcome).toMatchObject({ kind: 'invalid', field });
});

test('a reference is one user within a tenant, and another in each', async () => {
  await using engine = await openEngine({ tenants: [aTenant(), aTenant({ tenantId: otherId })] });
  const { users } = engine.people;
  await aUser(engine, { reference: 'c-1' });
  const id = await aUser(engine, { reference: 'c-2' });

  expect((await users.create(asked, { reference: 'c-1' })).outcome).toEqual({ kind: 'reference-taken' });
  expect(await users.change(asked, id, { reference: 'c-1' })).toEqual({ kind: 'reference-taken' });
  expect(await users.change(asked, id, { reference: 'c-2' })).toMatchObject({ kind: 'user' });
  const elsewhere = await users.create({ tenantId: otherId, by }, { reference: 'c-1' });
  expect(elsewhere.outcome).toMatchObject({ kind: 'user' });
});

test('an address is a login of one user, and may be of others who have no password', async () => {
  await using engine = await openEngine();
  const { users } = engine.people;
  const email = 'ada@example.com';
  await aUser(engine, { email, password: 'chosen by her' });
  const id = await aUser(engine, { email });

  expect((await users.create(asked, { email, password: 'another one' })).outcome).toEqual({ kind: 'login-taken' });
  expect(await users.change(asked, id, { password: 'another one' })).toEqual({ kind: 'login-taken' });
  expect(await users.change(asked, id, { email: 'eve@example.com', password: 'another one' })).toMatchObject({
    user: { email: 'eve@example.com', hasPassword: true },
  });
});

test('the address of a login stays while there is a password', async () => {
  await using engine = await openEngine();
  const { users } = engine.people;
  const id = await aUser(engine, { email: 'ada@example.com', password: 'chosen by her' });

  expect(await users.change(asked, id, { email: null })).toMatchObject({ kind: 'invalid', field: 'email' });
  const without = await users.change(asked, id, { email: null, password: null });
  expect(without).toMatchObject({ kind: 'user', user: { hasPassword: false } });
  expect(without).not.toHaveProperty('user.email', expect.anything());
});

test('what is not named stays, and null takes away', async () => {
  await using engine = await openEngine();
  const id = await aUser(engine, { reference: 'c-1', phoneNumber: '+33612345678' });
  const answer = await engine.people.users.change(asked, id, { reference: null });
  expect(answer).toMatchObject({ user: { reference: undefined, phoneNumber: '+33612345678' } });
});

test('users are listed newest first, by pages, or by what is known of them', async () => {
  await using engine = await openEngine();
  const { users } = engine.people;
  const first = await aUser(engine, { reference: 'c-1', phoneNumber: '+33612345678' });
  engine.clock.advance(1);
  const second = await aUser(engine, { email: 'ada@example.com' });
  const ids = async (filter: object) => {
    const page = await users.list(tenantId, { limit: 1, ...filter });
    return page.kind === 'page' ? [page.users.map(({ id }) => id), page.nextBefore] : page;
  };

  expect(await ids({})).toEqual([[second], second]);
  expect(await ids({ before: second })).toEqual([[first], undefined]);
  expect(await ids({ reference: 'c-1' })).toEqual([[first], undefined]);
  expect(await ids({ phoneNumber: '+33 6 12345678' })).toEqual([[first], undefined]);
  expect(await ids({ email: 'ADA@example.com' })).toEqual([[second], undefined]);
  expect(await ids({ reference: 'c-1', email: 'ada@example.com' })).toMatchObject({ kind: 'invalid' });
});

test('a user of another tenant is as unknown as any', async () => {
  await using engine = await openEngine({ tenants: [aTenant(), aTenant({ tenantId: otherId })] });
  const { users } = engine.people;
  const id = await aUser(engine, { reference: 'c-1' });
  const stranger = { tenantId: otherId, by };

  expect(await users.get(otherId, id)).toEqual({ kind: 'not-found' });
  expect(await users.change(stranger, id, { reference: null })).toEqual({ kind: 'not-found' });
  expect(await users.remove(stranger, id)).toEqual({ kind: 'not-found' });
  expect(await users.list(otherId, { reference: 'c-1', limit: 10 })).toEqual({ kind: 'page', users: [] });
});

test('a user that is deleted is gone with sessions and login', async () => {
  await using engine = await openEngine();
  const { users, sessions } = engine.people;
  const id = await aUser(engine, { email: 'ada@example.com', password: 'chosen by her' });
  const made = await sessions.createUserToken(asked, id, { description: 'laptop' });
  if (!('token' in made)) throw new Error(made.kind);

  expect(await users.remove(asked, id)).toEqual({ kind: 'deleted' });
  expect(await sessions.ofToken(made.token)).toBeUndefined();
  expect(await users.get(tenantId, id)).toEqual({ kind: 'not-found' });
  expect(await users.remove(asked, id)).toEqual({ kind: 'not-found' });
  await aUser(engine, { email: 'ada@example.com', password: 'chosen by her' });
});

test('each change is in the audit trail, without secrets and with recipients masked', async () => {
  await using engine = await openEngine();
  const { users } = engine.people;
  const id = await aUser(engine, { phoneNumber: '+33612345678', email: 'ada@example.com', password: 'chosen by her' });
  await users.change(asked, id, { password: 'another one', profile: '{"name":"Ada"}' });
  await users.remove(asked, id);

  const entries = await engine.store.queries.audit(tenantId, 0, 10);
  expect(entries.map(({ action, target }) => [action, target])).toEqual(
    ['create-user', 'change-user', 'delete-user'].map((action) => [action, `user ${id}`]),
  );
  expect(JSON.parse(entries[1]?.after ?? '')).toMatchObject({ password: 'number 2' });
  expect(JSON.stringify(entries)).toMatch(/\+33…78.*a…@example\.com/);
  expect(JSON.stringify(entries)).not.toMatch(/612345678|ada@|scrypt|chosen|Ada/);
});

test('the user of development mode is the same after each start', async () => {
  await using engine = await openEngine();
  const { users } = engine.people;
  const token = {
    id: '0192f000-0000-7000-8000-0000000000a2',
    hash: 'ab'.repeat(32),
    face: 'metal',
    description: 'dev',
  };
  const user = {
    id: '0192f000-0000-7000-8000-0000000000a1',
    email: 'dev@example.com',
    phoneNumber: '+33612000077',
    password: 'for development',
    token,
  };

  expect(await users.provision(tenantId, user)).toEqual({ kind: 'provisioned' });
  await users.change(asked, user.id, { phoneNumber: '+33612345678' });
  expect(await users.provision(tenantId, user)).toEqual({ kind: 'exists' });
  expect(await users.get(tenantId, user.id)).toMatchObject({ user: { phoneNumber: '+33612345678' } });
});
