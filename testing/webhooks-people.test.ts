import { expect, test } from 'vitest';
import { openMetal } from './metal.ts';
import { openReceiver, type Received } from './receiver.ts';
import { verified } from './standard-webhooks.ts';
import { anEndpoint } from './webhooks.ts';

/* What a receiver on this machine hears of users, from requests of their tenant and from their own. */

const dataOf = (calls: readonly Received[]) => calls.map(({ text }) => JSON.parse(text));
/** Events of one user come in order; those of its sessions beside them. */
const kinds = (calls: readonly Received[], of: RegExp) =>
  dataOf(calls)
    .map(({ type }) => type as string)
    .filter((type) => of.test(type));

test('an endpoint hears how a user enables an app, logs in with a recovery code, and leaves it', async () => {
  await using receiver = await openReceiver();
  await using metal = await openMetal({ callbacks: 'anywhere' });
  const { secret } = await anEndpoint(metal.server, receiver.url, { events: userEvents });
  const user = await metal.user({ password: 'chosen by her' });
  const app = await user.enableApp();
  const codes = await user.recoveryCodes();
  const half = await user.login();
  expect(half.status).toBe(201);
  const halfOpen = String(half.body.token);
  const [code = ''] = codes;
  expect((await user.verify(code, halfOpen)).status).toBe(204);
  metal.clock.advance(30_000);
  expect((await user.ask('DELETE', '/user/otp/app', { otp: app.code() })).status).toBe(204);

  const calls = await receiver.calls(11);
  for (const call of calls) verified(call, secret, metal.clock.wallMs());
  expect(kinds(calls, /^(?!session)/)).toEqual([
    'user.created',
    'factor.enrolled',
    'factor.activated',
    'recovery-codes.generated',
    'recovery-codes.read',
    'recovery-code.used',
    'factor.removed',
  ]);
  expect(kinds(calls, /^session/).sort()).toEqual([
    'session.ended',
    ...['session.opened', 'session.opened', 'session.opened'],
  ]);
  const told = dataOf(calls);
  expect(new Set(told.map(({ data }) => data.user.id))).toEqual(new Set([user.id]));
  expect(told.find(({ type }) => type === 'recovery-code.used').data.recoveryCodesLeft).toBe(9);
  expect(told.find(({ type }) => type === 'factor.activated').data.factor).toMatchObject({
    kind: 'totp',
    status: 'active',
  });
  const states = told.filter(({ type }) => type === 'session.opened').map(({ data }) => data.session.state);
  // Its token for good, the password alone, and then the recovery code.
  expect(states.sort()).toEqual(['complete', 'complete', 'half_open']);
  const seed = new URL(app.uri).searchParams.get('secret') ?? '';
  const secrets = [seed, halfOpen, user.token, ...codes, 'chosen by her', user.email];
  const text = calls.map((call) => call.text).join();
  expect(secrets.filter((one) => text.includes(one))).toEqual([]);
});

test('a recovery code is told as used also where it takes the second factor away', async () => {
  await using receiver = await openReceiver();
  await using metal = await openMetal({ callbacks: 'anywhere' });
  const user = await metal.user();
  await user.enableApp();
  const [code = ''] = await user.recoveryCodes();
  await anEndpoint(metal.server, receiver.url, { events: userEvents });
  expect((await user.ask('DELETE', '/user/otp/app', { otp: code })).status).toBe(204);
  const [removed, used] = dataOf(await receiver.calls(2));
  expect([removed.type, used.type]).toEqual(['factor.removed', 'recovery-code.used']);
  expect(used.data).toEqual({ user: { id: user.id, reference: null }, recoveryCodesLeft: 0 });
});

const userEvents = [
  'user.created',
  'user.changed',
  'user.deleted',
  'factor.enrolled',
  'factor.activated',
  'factor.removed',
  'recovery-codes.generated',
  'recovery-codes.read',
  'recovery-code.used',
  'session.opened',
  'session.ended',
];

test('an endpoint hears of users that are changed and deleted, and in clear where it asks for it', async () => {
  await using receiver = await openReceiver();
  await using metal = await openMetal({ callbacks: 'anywhere' });
  const { alice } = metal.server;
  await anEndpoint(metal.server, receiver.url, { events: userEvents, fullRecipient: true });
  const user = await metal.user();
  await user.enableSms();
  const path = `/v1/users/${user.id}`;
  expect((await alice.request('PATCH', path, { body: { reference: 'c-1' } })).status).toBe(200);
  expect((await alice.request('DELETE', path)).status).toBe(200);
  const told = dataOf(await receiver.calls(7)).filter(({ type }) => !type.startsWith('session'));
  expect(told.map(({ type }) => type)).toEqual([
    'user.created',
    'factor.enrolled',
    'factor.activated',
    'recovery-codes.generated',
    'user.changed',
    'user.deleted',
  ]);
  expect(told[2].data.factor.recipient).toBe(user.phoneNumber);
  expect(told[4].data).toEqual({ user: { id: user.id, reference: 'c-1' }, changed: ['reference'] });
  expect(told[5].data.user).toEqual({ id: user.id, reference: 'c-1' });
});
