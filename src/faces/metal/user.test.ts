import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Metal, openMetal } from '../../../testing/metal.ts';
import { aNumber } from '../../../testing/numbers.ts';
import { person, shownByApp } from '../../../testing/person.ts';

/* What a user sees and changes of itself. */

let metal: Metal;
beforeAll(async () => {
  metal = await openMetal();
});
afterAll(() => metal[Symbol.asyncDispose]());

const put = (body: object) => ({ text: JSON.stringify(body) });

test('a user is shown with what there is, and nothing that is null', async () => {
  const user = await metal.user();
  const { status, body } = await user.ask('GET', '/user?include=emails,projects&include=x&exclude=y');
  expect(status).toBe(200);
  expect(body).toEqual({
    id: user.id,
    short_id: user.id.slice(0, 8),
    email: user.email,
    phone_number: user.phoneNumber,
    created_at: expect.stringMatching(/^2026-01-01T00:\d\d:\d\d\.\d{3}Z$/),
    updated_at: expect.stringMatching(/^2026-01-01T00:\d\d:\d\d\.\d{3}Z$/),
    href: `/metal/v1/users/${user.id}`,
  });
});

test('changes are kept, what is null or not said stays, and unknown fields are passed over', async () => {
  const user = await metal.user();
  const named = { first_name: 'Ada', last_name: 'Lovelace', timezone: 'Europe/London', customdata: { team: ['a'] } };
  const phoneNumber = aNumber();
  const changed = await user.ask('PUT', '/user', put({ ...named, phone_number: phoneNumber, fraud_score: 'x' }));
  expect(changed.status).toBe(200);
  expect(changed.body).toMatchObject({ ...named, full_name: 'Ada Lovelace', phone_number: phoneNumber });
  const again = await user.ask('PUT', '/user', put({ first_name: null, last_name: 'King', phone_number: null }));
  expect(again.body).toMatchObject({ ...named, last_name: 'King', full_name: 'Ada King', phone_number: phoneNumber });
  expect((await user.ask('GET', '/user')).body).toEqual(again.body);
  expect((await user.ask('PUT', '/user', put({ phone_number: '' }))).body).not.toHaveProperty('phone_number');
  expect((await user.ask('PUT', '/user', put({}))).status).toBe(200);
});

test.each([
  [{ phone_number: 'tomorrow' }, /^phone_number /],
  [{ phone_number: 'ada@example.org' }, /^phone_number /],
  [{ phone_number: 33612345678 }, /^phone_number /],
  [{ first_name: ['Ada'] }, /^first_name /],
  [{ first_name: 'x'.repeat(256) }, /^first_name /],
  [{ customdata: 'text' }, /^customdata /],
  [{ password: 'short' }, /^password /],
])('%j is 422, and says which field is wrong', async (body, words) => {
  const user = await metal.user();
  const told = await user.ask('PUT', '/user', put(body));
  expect([told.status, told.body]).toEqual([422, { errors: [expect.stringMatching(words)] }]);
  expect((await user.ask('GET', '/user')).body.phone_number).toBe(user.phoneNumber);
});

test('the number stays as it is while messages to it are the second factor', async () => {
  const user = await metal.user();
  await user.enableSms();
  const told = await user.ask('PUT', '/user', put({ phone_number: aNumber() }));
  expect([told.status, Object.keys(told.body)]).toEqual([422, ['errors']]);
  expect((await user.ask('PUT', '/user', put({ phone_number: user.phoneNumber, first_name: 'Ada' }))).status).toBe(200);
  expect((await user.ask('DELETE', '/user/otp/sms', { otp: await user.sms() })).status).toBe(204);
  expect((await user.ask('PUT', '/user', put({ phone_number: aNumber() }))).status).toBe(200);
});

test('a new password ends the logins of the older one; tokens go on', async () => {
  const user = await metal.user({ password: 'the first of all' });
  const session = await user.session();
  expect((await user.ask('PUT', '/user', put({ password: 'quite another one' }))).status).toBe(200);
  expect((await user.ask('GET', '/user', { token: session })).status).toBe(401);
  expect((await user.login()).status).toBe(401);
  expect((await metal.login(user.email, 'quite another one')).status).toBe(201);
  const { body } = await user.ask('GET', '/user');
  expect(body.last_login_at).toBe('2026-01-01T00:00:00.000Z');
});

test('the app is shown as what is on, also beside an e-mail address that was enrolled before it', async () => {
  const user = await metal.user();
  const { alice, outbox } = metal.server;
  const who = person(alice, user.id);
  const { id, verificationId = '' } = (await who.enrol({ kind: 'email' })).body;
  await who.activate(id, await outbox.code(verificationId));
  expect((await user.ask('GET', '/user')).body).not.toHaveProperty('two_factor_auth');
  metal.clock.advance(1000);
  const app = (await who.enrol({ kind: 'totp' })).body;
  await who.activate(app.id, shownByApp(app.otpauthUri, metal.clock.wallMs()));
  expect((await user.ask('GET', '/user')).body.two_factor_auth).toBe('app');
});
