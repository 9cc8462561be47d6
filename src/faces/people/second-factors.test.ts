import jsqr from 'jsqr';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { virtualClock } from '../../../testing/clock.ts';
import { aNumber } from '../../../testing/numbers.ts';
import { aPerson, aPersonWithApp, person, shownByApp } from '../../../testing/person.ts';
import { openServer, type TestServer } from '../../../testing/server.ts';

const read = jsqr as unknown as typeof jsqr.default;
const clock = virtualClock();
const minuteMs = 60_000;
const unknown = '0192f000-0000-7000-8000-0000000000ff';

let server: TestServer;
beforeAll(async () => {
  server = await openServer({ clock });
});
afterAll(() => server[Symbol.asyncDispose]());
// Nobody waits for what a test before did, and each finds a code that was not used.
beforeEach(() => clock.advance(2 * minuteMs));

const shown = (uri: string | undefined) => shownByApp(uri, clock.wallMs());
const withApp = (fields = {}) => aPersonWithApp(server.alice, clock.wallMs(), fields);

test('an app is enrolled from the secret, the URI or either picture, which are shown this once', async () => {
  const who = await aPerson(server.alice, { email: 'ada@example.com', reference: 'ada' });
  const { status, body } = await who.enrol({ kind: 'totp', name: 'Telephone', algorithm: 'SHA256', digits: 8 });
  const { secret, otpauthUri = '', qrSvg, qrPng = '', ...factor } = body;
  expect(status).toBe(201);
  const issued = 'issuer=Countersign&algorithm=SHA256&digits=8&period=30';
  expect(otpauthUri).toBe(`otpauth://totp/Countersign:ada%40example.com?secret=${secret}&${issued}`);
  const { width, height, data } = PNG.sync.read(Buffer.from(qrPng.split(',')[1] ?? '', 'base64'));
  expect(read(new Uint8ClampedArray(data), width, height)?.data).toBe(otpauthUri);
  expect(qrSvg).toMatch(/^<svg /);
  expect(factor).toMatchObject({
    kind: 'totp',
    status: 'pending',
    name: 'Telephone',
    recipient: null,
    algorithm: 'SHA256',
    digits: 8,
    drift: 1,
    activatedAt: null,
    lastUsedAt: null,
  });

  const activated = await who.activate(factor.id, shown(otpauthUri));
  expect(activated.body).toMatchObject({ result: 'activated', factor: { id: factor.id, status: 'active' } });
  const [one, all] = [await who.ask('GET', `factors/${factor.id}`), await who.ask('GET', 'factors')];
  expect(all.body).toEqual({ factors: [one.body] });
  expect(one.body).toEqual(activated.body.factor);
  const later = server.transcript.filter((answer) => answer.includes(secret ?? 'none'));
  expect(later).toHaveLength(1);
});

test('a challenge asks for the code of the app; the session that comes of it says what was shown', async () => {
  const { who, app } = await withApp();
  clock.advance(minuteMs);
  const { status, body } = await who.challenge();
  expect([status, body]).toMatchObject([201, { status: 'pending', userId: who.id, factorId: null, attemptsLeft: 5 }]);
  const wrong = await who.check(body.id, '000000');
  expect(wrong.body).toMatchObject({ result: 'wrong_code', attemptsLeft: 4, proof: null, recoveryCodesLeft: 0 });
  const right = await who.check(body.id, shown(app.otpauthUri));
  const proof = { kind: 'totp', factorId: app.id };
  expect(right.body).toMatchObject({ result: 'verified', proof, challenge: { status: 'verified', proof } });
  expect((await who.check(body.id, shown(app.otpauthUri))).body).toMatchObject({ result: 'already_verified', proof });
  expect((await who.ask('GET', `challenges/${body.id}`)).body).toEqual(right.body.challenge);
  const session = await server.alice.request('POST', '/v1/sessions', { body: { challengeId: body.id } });
  expect([session.status, session.body]).toMatchObject([201, { userId: who.id, state: 'complete' }]);
});

test('a code goes to the number that is enrolled, and a newer one takes its place at once', async () => {
  const phoneNumber = aNumber();
  const who = await aPerson(server.alice, { phoneNumber });
  const enrolled = (await who.enrol({ kind: 'sms' })).body;
  expect(enrolled).toMatchObject({ status: 'pending', recipient: phoneNumber, algorithm: null });
  const first = await server.outbox.code(enrolled.verificationId ?? '');
  const again = await who.ask<{ verificationId: string }>('POST', `factors/${enrolled.id}/sends`, {});
  expect(again.status).toBe(201);
  expect((await who.activate(enrolled.id, first)).body.result).toBe('wrong_code');
  const second = await server.outbox.code(again.body.verificationId);
  expect((await who.activate(enrolled.id, second)).body.result).toBe('activated');

  const challenge = (await who.challenge()).body;
  expect(challenge).toMatchObject({ factorId: enrolled.id, verificationId: expect.any(String) });
  const newer = (await who.challenge({ channel: 'sms', locale: 'fr' })).body;
  const verification = await server.alice.get(challenge.verificationId ?? '');
  expect(verification.body).toMatchObject({ status: 'cancelled', recipient: phoneNumber });
  const code = await server.outbox.code(newer.verificationId ?? '');
  expect((await who.check(newer.id, code)).body).toMatchObject({ result: 'verified', proof: { kind: 'sms' } });
});

test('an e-mail address is a factor; without a channel the app is asked, with one the newest it reaches', async () => {
  const address = 'grace@example.com';
  const { who } = await withApp({ email: address, phoneNumber: aNumber() });
  for (const kind of ['email', 'sms']) {
    const { body } = await who.enrol({ kind });
    await who.activate(body.id, await server.outbox.code(body.verificationId ?? ''));
  }
  expect((await who.challenge()).body.verificationId).toBeNull();
  const byEmail = (await who.challenge({ channel: 'email' })).body;
  expect((await server.alice.get(byEmail.verificationId ?? '')).body).toMatchObject({
    channel: 'email',
    recipient: address,
  });
  const byVoice = (await who.challenge({ channel: 'voice' })).body;
  expect((await server.alice.get(byVoice.verificationId ?? '')).body).toMatchObject({ channel: 'voice' });
});

test('ten recovery codes are shown once, each is good once, and new ones end them', async () => {
  const { who } = await withApp();
  const codes = await who.recoveryCodes();
  expect(codes).toHaveLength(10);
  for (const code of codes) expect(code).toMatch(/^[0-9a-z]{4}(-[0-9a-z]{4}){5}$/);
  const [first = '', second = ''] = codes;
  const challenge = (await who.challenge()).body;
  const used = await who.check(challenge.id, first.toUpperCase());
  const proof = { kind: 'recovery_code', factorId: null };
  expect(used.body).toMatchObject({ result: 'verified', proof, recoveryCodesLeft: 9 });
  expect((await who.ask('GET', 'recovery-codes')).body).toEqual({
    left: 9,
    createdAt: expect.any(String),
    form: 'hashed',
  });
  await who.recoveryCodes();
  const other = (await who.challenge()).body;
  expect((await who.check(other.id, second)).body).toMatchObject({ result: 'wrong_code', recoveryCodesLeft: 10 });
  expect(server.transcript.filter((answer) => answer.includes(second))).toHaveLength(1);
});

test('a factor that is removed proves nothing any more, and is not there', async () => {
  const { who, app } = await withApp();
  await who.recoveryCodes();
  const challenge = (await who.challenge()).body;
  expect((await who.ask('DELETE', `factors/${app.id}`)).body).toEqual({});
  clock.advance(minuteMs);
  expect((await who.check(challenge.id, shown(app.otpauthUri))).body.result).toBe('wrong_code');
  expect((await who.ask('GET', 'factors')).body).toEqual({ factors: [] });
  expect((await who.ask('GET', 'recovery-codes')).body).toEqual({ left: 0, createdAt: null, form: null });
});

test('after five wrong codes nothing is looked at for 30 s, wherever it is handed in', async () => {
  const { who, app } = await withApp();
  const [challenge, pending] = [(await who.challenge()).body, (await who.enrol({ kind: 'totp' })).body];
  for (let failure = 1; failure <= 4; failure++) await who.check(challenge.id, '000000');
  await who.activate(pending.id, '000000');
  clock.advance(1000);
  const refusals = [
    await who.check(challenge.id, shown(app.otpauthUri)),
    await who.activate(pending.id, shown(pending.otpauthUri)),
  ];
  for (const { status, headers, body } of refusals) {
    expect([status, headers.get('retry-after'), body]).toMatchObject([429, '29', { code: 'user_paused' }]);
  }
  clock.advance(29_000);
  expect((await who.check(challenge.id, shown(app.otpauthUri))).body.result).toBe('verified');
});

type Repeats = [what: string, path: string, body: object];
const secrets: Repeats[] = [
  ['an enrolment', 'factors', { kind: 'totp' }],
  ['making recovery codes', 'recovery-codes', {}],
];
test.each(secrets)('%s that is repeated shows no secret again', async (_, path, body) => {
  const { who } = await withApp();
  const headers = { 'idempotency-key': `key of ${path}`.replaceAll(' ', '-') };
  const first = await who.ask('POST', path, body, headers);
  const second = await who.ask('POST', path, body, headers);
  expect([first.status, second.status, second.body]).toMatchObject([201, 409, { code: 'already_done' }]);
  const other = await who.ask('POST', 'factors', { kind: 'totp', name: 'x' }, headers);
  expect(other.status).toBe(path === 'factors' ? 422 : 201);
});

test('a check that is repeated is answered as before, and charges nothing', async () => {
  const { who, app } = await withApp();
  clock.advance(minuteMs);
  const { id } = (await who.challenge()).body;
  const path = `challenges/${id}/checks`;
  const headers = { 'idempotency-key': 'the-same' };
  const body = { code: shown(app.otpauthUri) };
  const [first, second] = [await who.ask('POST', path, body, headers), await who.ask('POST', path, body, headers)];
  expect(second.body).toEqual(first.body);
  expect(second.body).toMatchObject({ result: 'verified' });
  expect(second.headers.get('idempotency-replayed')).toBe('true');
  const messages = server.outbox.messages.length;
  const number = { kind: 'sms', recipient: aNumber() };
  const enrolled = [
    await who.ask('POST', 'factors', number, { 'idempotency-key': 'one-number' }),
    await who.ask('POST', 'factors', number, { 'idempotency-key': 'one-number' }),
  ];
  expect(enrolled[1]?.body).toEqual(enrolled[0]?.body);
  await server.outbox.message(String(enrolled[0]?.body.verificationId));
  expect(server.outbox.messages).toHaveLength(messages + 1);
});

const refusals: [what: string, fields: object, status: number, code: string, field?: string][] = [
  ['a number that the user does not have', { kind: 'sms' }, 400, 'invalid_request', 'recipient'],
  ['an address that the user does not have', { kind: 'email' }, 400, 'invalid_request', 'recipient'],
  [
    'an address for messages to phones',
    { kind: 'sms', recipient: 'a@example.com' },
    400,
    'invalid_request',
    'recipient',
  ],
  ['a number for e-mail', { kind: 'email', recipient: '+33612345678' }, 400, 'invalid_request', 'recipient'],
  ['a number that nobody has', { kind: 'sms', recipient: '+33' }, 400, 'invalid_request', 'recipient'],
  [
    'a channel that does not reach it',
    { kind: 'sms', recipient: '+33612345678', channel: 'email' },
    400,
    'invalid_request',
    'channel',
  ],
  ['a recipient for an app', { kind: 'totp', recipient: '+33612345678' }, 400, 'invalid_request', 'recipient'],
  ['digits for a number', { kind: 'sms', recipient: '+33612345678', digits: 8 }, 400, 'invalid_request', 'digits'],
  ['a service that there is not', { kind: 'totp', service: 'other' }, 400, 'invalid_request', 'service'],
  ['an end user at no address', { kind: 'totp', signals: { ip: 'here' } }, 400, 'invalid_request', 'signals/ip'],
  ['an app with nine digits', { kind: 'totp', digits: 9 }, 400, 'invalid_request', 'digits'],
  ['a kind that there is not', { kind: 'fingerprint' }, 400, 'invalid_request', 'kind'],
];
test.each(refusals)('%s is refused with the field that is wrong', async (_, fields, status, code, field) => {
  const who = await aPerson(server.alice);
  const reply = await who.enrol(fields as never);
  expect([reply.status, reply.body]).toMatchObject([status, { code, field }]);
  expect((await who.ask('GET', 'factors')).body).toEqual({ factors: [] });
});

test('what a user has no factor for is a conflict', async () => {
  const who = await aPerson(server.alice, { phoneNumber: aNumber() });
  const refused = [await who.challenge(), await who.ask('POST', 'recovery-codes', {})];
  for (const { status, body } of refused) expect([status, body]).toMatchObject([409, { code: 'no_factor' }]);
  const { body: number } = await who.enrol({ kind: 'sms' });
  await who.activate(number.id, await server.outbox.code(number.verificationId ?? ''));
  const conflicts = [
    await who.enrol({ kind: 'sms' }),
    await who.activate(number.id, '123456'),
    await who.ask('POST', `factors/${number.id}/sends`, {}),
    await who.challenge({ factorId: unknown }),
    await who.challenge({ channel: 'email' }),
  ];
  expect(conflicts.map(({ status, body }) => [status, (body as { code?: string }).code])).toEqual([
    [409, 'factor_exists'],
    [409, 'factor_active'],
    [409, 'factor_active'],
    [409, 'no_factor'],
    [409, 'no_factor'],
  ]);
});

test('unknown, foreign and removed ids are answered alike', async () => {
  const { who, app } = await withApp();
  const { id: challengeId } = (await who.challenge()).body;
  const [stranger, nobody] = [person(server.bob, who.id), person(server.alice, unknown)];
  const other = await aPerson(server.alice);
  const removed = (await who.enrol({ kind: 'totp' })).body;
  await who.ask('DELETE', `factors/${removed.id}`);
  const answers = await Promise.all([
    ...[stranger, nobody].flatMap((one) => [
      one.enrol({ kind: 'totp' }),
      one.challenge(),
      one.ask('POST', 'recovery-codes', {}),
      one.ask('GET', 'recovery-codes'),
      one.ask('GET', 'factors'),
    ]),
    ...[stranger, nobody, other].flatMap((one) => [
      one.ask('GET', `factors/${app.id}`),
      one.activate(app.id, '123456'),
      one.ask('POST', `factors/${app.id}/sends`, {}),
      one.ask('DELETE', `factors/${app.id}`),
      one.ask('GET', `challenges/${challengeId}`),
      one.check(challengeId, '123456'),
    ]),
    who.ask('GET', `factors/${removed.id}`),
    who.activate(removed.id, '123456'),
    who.ask('DELETE', `factors/${removed.id}`),
    who.ask('GET', 'factors/nonsense'),
    who.check('nonsense', '123456'),
  ]);
  const bodies = answers.map(({ text }) => text.replace(/"requestId":"[^"]+"/, ''));
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 404));
  expect(new Set(bodies).size).toBe(1);
});

test('what becomes of a code is told to who listens, as of any other', async () => {
  const events = ['verification.created', 'verification.verified', 'verification.cancelled'];
  const endpoint = { url: 'https://example.com/events', events };
  const { body } = await server.bob.request<{ id: string }>('POST', '/v1/webhook-endpoints', { body: endpoint });
  const who = await aPerson(server.bob, { phoneNumber: aNumber() });
  const first = (await who.enrol({ kind: 'sms' })).body;
  const second = (await who.enrol({ kind: 'sms' })).body;
  await who.activate(second.id, await server.outbox.code(second.verificationId ?? ''));
  const path = `/v1/webhook-endpoints/${body.id}/deliveries`;
  const { deliveries } = (
    await server.bob.request<{ deliveries: { event: string; verificationId: string }[] }>('GET', path)
  ).body;
  const told = deliveries.map(({ event, verificationId }) => `${event} ${verificationId}`);
  expect(told.sort()).toEqual([
    `verification.cancelled ${first.verificationId}`,
    ...[`${first.verificationId}`, `${second.verificationId}`].sort().map((id) => `verification.created ${id}`),
    `verification.verified ${second.verificationId}`,
  ]);
});

test('an operator does the same for any tenant', async () => {
  const { who } = await withApp();
  const path = `/admin/v1/tenants/${server.alice.tenantId}/users/${who.id}/factors`;
  const reply = await server.parts.control.inject({ method: 'GET', url: path });
  expect(reply.json().factors).toHaveLength(1);
});

test('neither the log nor any row holds a secret or a recovery code', async () => {
  const { who, app } = await withApp();
  const codes = await who.recoveryCodes();
  await who.check((await who.challenge()).body.id, codes[0] ?? '');
  const rows = JSON.stringify(await server.rows());
  const log = JSON.stringify(server.log);
  for (const secret of [app.secret ?? '', ...codes, ...codes.map((code) => code.replaceAll('-', ''))]) {
    expect([rows.includes(secret), log.includes(secret)]).toEqual([false, false]);
  }
  const audited = await server.alice.request<{ entries: { action: string }[] }>('GET', '/v1/audit?limit=100');
  const actions = audited.body.entries.map(({ action }) => action);
  expect(actions).toEqual(expect.arrayContaining(['enrol-factor', 'activate-factor', 'generate-recovery-codes']));
});
