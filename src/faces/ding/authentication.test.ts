import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Ding, openDing } from '../../../testing/ding.ts';
import { aNumber } from '../../../testing/numbers.ts';

let ding: Ding;
beforeAll(async () => {
  ding = await openDing();
});
afterAll(() => ding[Symbol.asyncDispose]());

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const date = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const hash = 'FA+9qCX9VSu';

test('a number alone makes an authentication of five minutes, with exactly the four fields', async () => {
  const { status, type, body } = await ding.send();
  expect([status, type]).toEqual([200, 'application/json; charset=utf-8']);
  expect(body).toEqual({
    authentication_uuid: expect.stringMatching(uuid),
    status: 'pending',
    created_at: expect.stringMatching(date),
    expires_at: expect.stringMatching(date),
  });
  expect(Date.parse(String(body.expires_at)) - Date.parse(String(body.created_at))).toBe(300_000);
  expect(await ding.code(body.authentication_uuid)).toMatch(/^[0-9]{6}$/);
});

test('every documented field is taken, and unknown ones are passed over', async () => {
  const phone_number = aNumber();
  const { status, body } = await ding.send({
    phone_number,
    ip: '2001:db8::7',
    device_id: 'd-1',
    device_type: 'ANDROID',
    app_version: '1.2.3',
    app_realm: hash,
    os_version: '15',
    device_model: 'Pixel 9',
    is_returning_user: false,
    callback_url: 'https://acme.example/ding?a=1',
    template_id: await ding.service({}, { brand: 'Shop' }),
    correlation_id: 'order-17',
    locale: 'tlh-Latn-not-a-locale-at-all',
    sender_id: 'ACME',
    nonsense: [1],
  });
  expect(status).toBe(200);
  const { text, sender, recipient } = await ding.server.outbox.message(String(body.authentication_uuid));
  expect([sender, recipient]).toEqual(['ACME', phone_number]);
  expect(text).toMatch(/^\d{6} is your Shop verification code\./);
});

test('an app finds its hash alone on the last line', async () => {
  const { id } = await ding.pending({ app_realm: hash, device_type: 'ANDROID' });
  const { text } = await ding.server.outbox.message(id);
  expect(text.split('\n').slice(1)).toEqual([hash]);
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(140);
});

test('a number that nobody has passes when it is possible', async () => {
  expect((await ding.send({ phone_number: '+33000000000' })).status).toBe(200);
});

const faults: [what: string, fields: object, code: string][] = [
  ['no number', { phone_number: undefined }, 'bad_request'],
  ['a number that is a number', { phone_number: 33612345678 }, 'bad_request'],
  ['null', { ip: null }, 'bad_request'],
  ['a yes that is a word', { is_returning_user: 'true' }, 'bad_request'],
  ['no customer', { customer_uuid: undefined }, 'bad_request'],
  ['another customer', { customer_uuid: '5e2d1a7c-0d0e-4b57-9c1b-7f2f2f6a9d10' }, 'account_invalid'],
  ['a customer that is none', { customer_uuid: 'x' }, 'account_invalid'],
  ['a national number', { phone_number: '0612345678' }, 'invalid_phone_number'],
  ['spaces in the number', { phone_number: '+33 6 12 34 56 78' }, 'invalid_phone_number'],
  ['a number too short', { phone_number: '+3361' }, 'invalid_phone_number'],
  ['an e-mail address', { phone_number: 'ada@example.com' }, 'invalid_phone_number'],
  ['a landline', { phone_number: '+33142345678' }, 'invalid_line'],
  ['a premium rate', { phone_number: '+33899700000' }, 'invalid_line'],
  ['an ip that is none', { ip: '192.0.2.300' }, 'bad_request'],
  ['a device type in small letters', { device_type: 'ios' }, 'bad_request'],
  ['a device type of answers alone', { device_type: 'TVOS' }, 'bad_request'],
  ['a callback_url of another kind', { callback_url: 'ftp://acme.example' }, 'bad_request'],
  ['a callback_url that is none', { callback_url: 'acme' }, 'bad_request'],
  ['a correlation_id too long', { correlation_id: 'x'.repeat(81) }, 'bad_request'],
  ['an app_realm too short', { app_realm: 'FA+9qCX9VS', device_type: 'ANDROID' }, 'invalid_app_realm'],
  ['an app_realm of other letters', { app_realm: 'FA-9qCX9VSu', device_type: 'ANDROID' }, 'invalid_app_realm'],
  ['an app_realm without a device', { app_realm: hash }, 'app_realm_require_device_type'],
  ['an app_realm of another device', { app_realm: hash, device_type: 'IOS' }, 'unsupported_app_realm_device_type'],
  ['an app_version too long', { app_version: 'x'.repeat(129) }, 'invalid_app_version'],
  ['control characters in os_version', { os_version: '1\n2' }, 'invalid_os_version'],
  ['control characters in device_model', { device_model: '\u0000' }, 'invalid_device_model'],
  ['a device_id too long', { device_id: 'x'.repeat(129) }, 'invalid_device_id'],
  ['a template that there is not', { template_id: 'nobody' }, 'invalid_template_id'],
  ['a template that cannot be', { template_id: '../x' }, 'invalid_template_id'],
  ['a sender too short', { sender_id: 'AB' }, 'invalid_sender_id'],
  ['a sender with a hyphen', { sender_id: 'AC-ME' }, 'invalid_sender_id'],
];

test.each(faults)('%s is a 400 with code, message and link, and leaves nothing behind', async (_, fields, code) => {
  const before = (await ding.server.parts.store.queries.counts()).verifications;
  const { status, type, body } = await ding.send(fields as never);
  expect(status).toBe(400);
  expect(type).toMatch(/^application\/json/);
  expect(body).toEqual({ code, message: expect.any(String), doc_url: `/ding/v1/errors#${code}` });
  expect((await ding.server.parts.store.queries.counts()).verifications).toBe(before);
});

const inOrder: [first: string, fields: object][] = [
  ['bad_request', { is_returning_user: 'no', customer_uuid: 'x', phone_number: '0' }],
  ['account_invalid', { customer_uuid: 'x', phone_number: '0', app_realm: 'x' }],
  ['invalid_phone_number', { phone_number: '0', app_realm: 'x', template_id: 'nobody' }],
  ['invalid_app_realm', { phone_number: '+33142345678', app_realm: 'x', sender_id: 'x' }],
  ['invalid_sender_id', { phone_number: '+33142345678', sender_id: 'x', template_id: 'nobody' }],
  ['invalid_template_id', { phone_number: '+33142345678', template_id: 'nobody' }],
];

test.each(inOrder)('of several faults %s is told first', async (code, fields) => {
  expect((await ding.send(fields as never)).body.code).toBe(code);
});

test('a country that the service does not list, and a customer who may not send, have words of their own', async () => {
  const template_id = await ding.service({}, { countries: ['DE'] });
  expect((await ding.send({ template_id })).body.code).toBe('unsupported_region');
});

test('a sender that is a number passes', async () => {
  const { id } = await ding.pending({ sender_id: '+33700000001' });
  expect((await ding.server.outbox.message(id)).sender).toBe('+33700000001');
});
