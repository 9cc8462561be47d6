import { afterAll, beforeAll, expect, test } from 'vitest';
import { invalidOtp, type Metal, openMetal } from '../../../testing/metal.ts';
import { aNumber, wrongFor } from '../../../testing/numbers.ts';
import { defaultLimits } from '../../domain/limits.ts';

/* What proves a user, how often, and what becomes of guessing. */

let metal: Metal;
beforeAll(async () => {
  metal = await openMetal();
});
afterAll(() => metal[Symbol.asyncDispose]());

test('a code of SMS is spent by enabling, by verifying and by disabling', async () => {
  const user = await metal.user();
  const enabling = await user.sms();
  expect((await user.ask('POST', '/user/otp/sms', { otp: enabling })).status).toBe(200);
  expect((await user.verify(enabling)).status).toBe(400);
  expect((await user.ask('DELETE', '/user/otp/sms', { otp: enabling })).status).toBe(424);
  const verifying = await user.sms();
  expect((await user.verify(verifying)).status).toBe(204);
  expect((await user.verify(verifying)).status).toBe(400);
  const disabling = await user.sms();
  expect((await user.ask('DELETE', '/user/otp/sms', { otp: disabling })).status).toBe(204);
  expect((await user.verify(disabling)).status).toBe(400);
});

test('a newer message replaces the code of an older one; a code lives for ten minutes', async () => {
  const user = await metal.user();
  const [older, newer] = [await user.sms(), await user.sms()];
  if (older !== newer) expect((await user.verify(older)).status).toBe(400);
  expect((await user.verify(newer)).status).toBe(204);
  const last = await user.sms();
  metal.clock.advance(600_000);
  expect((await user.verify(last)).body).toEqual(invalidOtp);
});

test('the last code of SMS is taken with the app enabled too, sent before or after that', async () => {
  const user = await metal.user();
  const before = await user.sms();
  await user.enableApp();
  expect((await user.verify(before)).status).toBe(204);
  expect((await user.verify(await user.sms())).status).toBe(204);
});

test('a code of the app is taken one step either side, once, and never after a later one', async () => {
  const user = await metal.user();
  const app = await user.app();
  expect((await user.ask('POST', '/user/otp/app', { otp: app.code(-2) })).status).toBe(424);
  expect((await user.ask('POST', '/user/otp/app', { otp: app.code(-1) })).status).toBe(200);
  expect((await user.verify(app.code(-1))).status).toBe(400);
  expect((await user.verify(app.code(1))).status).toBe(204);
  expect((await user.verify(app.code(0))).status).toBe(400);
  expect((await user.verify(app.code(2))).status).toBe(400);
  metal.clock.advance(60_000);
  expect((await user.ask('DELETE', '/user/otp/app', { otp: app.code() })).status).toBe(204);
});

test('a seed begins afresh: after another enrolment the steps before count for nothing', async () => {
  const user = await metal.user();
  const older = await user.app();
  const newer = await user.app();
  expect(newer.uri).not.toBe(older.uri);
  expect((await user.ask('POST', '/user/otp/app', { otp: older.code() })).status).toBe(424);
  expect((await user.ask('POST', '/user/otp/app', { otp: newer.code(1) })).status).toBe(200);
  metal.clock.advance(60_000);
  expect((await user.ask('DELETE', '/user/otp/app', { otp: newer.code() })).status).toBe(204);
  const another = await user.app();
  expect((await user.ask('POST', '/user/otp/app', { otp: another.code(-1) })).status).toBe(200);
});

test('a recovery code works once, in verifying and in disabling, in any case; new ones end all the older', async () => {
  const user = await metal.user();
  await user.enableApp();
  const codes = await user.recoveryCodes();
  expect(codes).toHaveLength(10);
  for (const code of codes) expect(code).toMatch(/^[0-9a-hjkmnp-tv-z]{10}$/);
  const [first = '', second = '', third = ''] = codes;
  expect((await user.verify(first)).status).toBe(204);
  expect((await user.verify(first)).status).toBe(400);
  expect(await user.recoveryCodes()).toEqual(codes.slice(1));
  expect((await user.verify(second.toUpperCase())).status).toBe(204);
  const renewed = (await user.ask('POST', '/user/otp/recovery-codes')).body.recovery_codes as string[];
  expect(renewed).toHaveLength(10);
  expect(await user.recoveryCodes()).toEqual(renewed);
  expect((await user.verify(third)).status).toBe(400);
  expect((await user.ask('DELETE', '/user/otp/sms', { otp: renewed[0] ?? '' })).status).toBe(404);
  expect((await user.ask('DELETE', '/user/otp/app', { otp: renewed[0] ?? '' })).status).toBe(204);
  expect((await user.ask('GET', '/user/otp/recovery-codes')).status).toBe(422);
  expect((await user.verify(renewed[1] ?? '')).status).toBe(400);
});

test('codes that another API showed once are not shown again, and work all the same; new ones take their place', async () => {
  const user = await metal.user();
  await user.enableApp();
  const { tenantId } = metal.server.alice;
  const asked = { tenantId, by: { name: 'test' }, face: 'native' };
  const generated = await metal.server.parts.people.recoveryCodes.generate(asked, user.id);
  const [once = ''] = generated.kind === 'generated' ? generated.codes : [];
  expect(await user.recoveryCodes()).toEqual([]);
  expect((await user.verify(once)).status).toBe(204);
  expect((await user.ask('POST', '/user/otp/recovery-codes')).body.recovery_codes).toHaveLength(10);
  expect(await user.recoveryCodes()).toHaveLength(10);
});

test('of a code that comes twice at once, one wins', async () => {
  const user = await metal.user();
  const app = await user.enableApp();
  const [recoveryCode = ''] = await user.recoveryCodes();
  const sms = await user.sms();
  for (const otp of [app.code(), recoveryCode, sms]) {
    const statuses = (await Promise.all([1, 2, 3].map(() => user.verify(otp)))).map(({ status }) => status);
    expect(statuses.sort()).toEqual([204, 400, 400]);
    // Whoever failed is not to wait in the next round.
    const left = (await user.recoveryCodes()).at(-1) ?? '';
    expect((await user.verify(left)).status).toBe(204);
  }
});

test('of enabling and disabling at once, one wins', async () => {
  const user = await metal.user();
  const [app, sms] = [await user.app(), await user.sms()];
  const enabled = await Promise.all([
    user.ask('POST', '/user/otp/app', { otp: app.code(-1) }),
    user.ask('POST', '/user/otp/sms', { otp: sms }),
    user.ask('POST', '/user/otp/app', { otp: app.code(0) }),
  ]);
  expect(enabled.map(({ status }) => status).sort()).toEqual([200, 422, 422]);
  const { two_factor_auth: method } = (await user.ask('GET', '/user')).body;
  const [one = '', other = ''] = await user.recoveryCodes();
  const disabled = await Promise.all([
    user.ask('DELETE', `/user/otp/${method}`, { otp: one }),
    user.ask('DELETE', `/user/otp/${method}`, { otp: other }),
  ]);
  expect(disabled.map(({ status }) => status).sort()).toEqual([204, 404]);
});

test('five failures in a row, wherever, begin a wait that doubles; a success ends the count', async () => {
  const user = await metal.user();
  const app = await user.enableApp();
  const wrong = wrongFor(app.code());
  const verify = (otp: string) => user.verify(otp);
  const disable = (otp?: string) => user.ask('DELETE', '/user/otp/app', { otp });
  expect((await verify('not-a-code')).status).toBe(400);
  expect((await disable(wrong)).status).toBe(424);
  // Neither of these is a guess.
  for (let i = 0; i < 5; i++) {
    expect((await disable()).status).toBe(424);
    expect((await user.ask('DELETE', '/user/otp/sms', { otp: wrong })).status).toBe(404);
    expect((await user.ask('POST', '/user/otp/sms', { otp: wrong })).status).toBe(422);
  }
  expect((await verify(app.code(-1))).status).toBe(400);
  expect((await verify(wrong)).status).toBe(400);
  expect((await disable(wrong)).status).toBe(424);

  const paused = await verify(app.code());
  expect([paused.status, paused.headers.get('retry-after')]).toEqual([429, '30']);
  expect(paused.body).toEqual({ errors: [expect.stringContaining('30 s')] });
  expect((await disable(app.code())).status).toBe(429);
  metal.clock.advance(30_000);
  expect((await verify(wrong)).status).toBe(400);
  expect((await verify(app.code())).headers.get('retry-after')).toBe('60');
  metal.clock.advance(60_000);
  expect((await verify(app.code())).status).toBe(204);
  for (let i = 0; i < 4; i++) expect((await verify(wrongFor(app.code()))).status).toBe(400);
  metal.clock.advance(30_000);
  expect((await verify(app.code())).status).toBe(204);
});

test('failures while enabling count as well, and the code of SMS dies after five', async () => {
  const user = await metal.user();
  const sms = await user.sms();
  for (let i = 0; i < 5; i++) {
    expect((await user.ask('POST', '/user/otp/sms', { otp: wrongFor(sms) })).status).toBe(424);
  }
  expect((await user.ask('POST', '/user/otp/sms', { otp: sms })).status).toBe(429);
  metal.clock.advance(30_000);
  expect((await user.ask('POST', '/user/otp/sms', { otp: sms })).status).toBe(424);
});

test('five messages go out one right after the other; then there is a wait', async () => {
  await using own = await openMetal({ limits: defaultLimits });
  const user = await own.user();
  for (let i = 0; i < 5; i++) await user.sms();
  const told = await user.ask('POST', '/user/otp/sms/receive');
  expect([told.status, told.headers.get('retry-after')]).toEqual([429, '600']);
});

test('ten messages go out for one user, whatever number it changes to; then there is a wait', async () => {
  await using own = await openMetal({ limits: defaultLimits });
  const user = await own.user();
  const statuses: number[] = [];
  for (let i = 0; i < 11; i++) {
    const text = JSON.stringify({ phone_number: aNumber() });
    expect((await user.ask('PUT', '/user', { text })).status).toBe(200);
    statuses.push((await user.ask('POST', '/user/otp/sms/receive')).status);
  }
  expect(statuses).toEqual([...Array.from({ length: 10 }, () => 204), 429]);
});

test('no message goes out without a number, nor where none may', async () => {
  const nobody = await metal.user({ phoneNumber: undefined });
  const told = await nobody.ask('POST', '/user/otp/sms/receive');
  expect([told.status, told.body]).toEqual([422, { errors: ['The user has no phone number'] }]);
  const { administration } = metal.server.parts;
  const { tenantId } = metal.server.alice;
  const user = await metal.user();
  const asked = { tenantId, by: { name: 'operator test' } };
  await administration.changeService(asked, 'default', { countries: ['GB'] });
  const abroad = await user.ask('POST', '/user/otp/sms/receive');
  expect([abroad.status, abroad.body]).toEqual([422, { errors: ['The country of the phone number is not served'] }]);
  await administration.changeService(asked, 'default', { countries: ['*'] });
  await administration.changeTenant(asked, { dailySendsMax: 0 });
  expect((await user.ask('POST', '/user/otp/sms/receive')).status).toBe(422);
  await administration.changeTenant(asked, { dailySendsMax: 1 });
  const used = await user.ask('POST', '/user/otp/sms/receive');
  expect([used.status, Number(used.headers.get('retry-after')) > 0]).toEqual([429, true]);
  await administration.changeTenant(asked, { dailySendsMax: 1_000_000 });
});
