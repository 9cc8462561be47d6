import { afterAll, beforeAll, expect, test } from 'vitest';
import { anSmscxNumber, type Json, openSmscx, type Smscx } from '../../../testing/smscx.ts';

let smscx: Smscx;
beforeAll(async () => {
  smscx = await openSmscx();
});
afterAll(() => smscx[Symbol.asyncDispose]());

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

test('a number alone makes an OTP of the defaults, with all thirteen fields', async () => {
  const phoneNumber = anSmscxNumber();
  const { said, body } = await smscx.create({ phoneNumber });
  expect(said).toBe('201');
  expect(body).toEqual({
    otpId: expect.stringMatching(uuid),
    trackId: null,
    phoneNumber,
    countryIso: 'FR',
    status: 'PENDING',
    cost: 0,
    parts: 1,
    maxAttempts: 3,
    attempts: 0,
    ttl: 300,
    otpCallbackUrl: null,
    dateCreated: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
    dateExpires: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
  });
  const { text, sender, code } = await smscx.server.outbox.message(String(body.otpId));
  expect([text, sender]).toEqual([`Your code is ${code}`, 'Countersign']);
  expect(code).toMatch(/^[0-9]{6}$/);
});

test('whatever a request names is what the OTP has', async () => {
  const given = {
    trackId: '5F0C8A52-7f57-0d5e-0a3c-6d2f3a1b0c99',
    ttl: 180,
    maxAttempts: 4,
    otpCallbackUrl: 'http://acme.example/otp?a=1',
  };
  const { body } = await smscx.create({
    ...given,
    from: 'Acme',
    template: '{{pin}}: {{code}} {{brand}} {{pin}}',
    pinType: 'letters',
    pinLength: 10,
  });
  expect(body).toMatchObject({ ...given, trackId: given.trackId.toLowerCase() });
  const { text, sender, code } = await smscx.server.outbox.message(String(body.otpId));
  expect(code).toMatch(/^[A-HJ-NP-Z]{10}$/);
  expect([text, sender]).toEqual([`${code}: {{code}} {{brand}} ${code}`, 'Acme']);
});

test('both dates are cut to the second at the same place, so that they are the ttl apart', async () => {
  for (const ttl of [60, 61, 1800]) {
    const { body } = await smscx.create({ ttl });
    const [created, expires] = [body.dateCreated, body.dateExpires].map((date) =>
      Date.parse(`${String(date).replace(' ', 'T')}Z`),
    );
    expect((expires ?? 0) - (created ?? 0)).toBe(ttl * 1000);
  }
});

test.each([
  [154, 1],
  [155, 2],
])('a template that is %i letters around a pin of six makes %i parts', async (letters, parts) => {
  expect((await smscx.create({ template: `${'a'.repeat(letters)}{{pin}}` })).body).toMatchObject({ parts, cost: 0 });
});

test.each([
  ['letters', /^[A-HJ-NP-Z]{4}$/],
  ['numbers', /^[0-9]{4}$/],
  ['alphanumeric', /^[2-9A-HJ-NP-Z]{4}$/],
])('pins of %s hold nothing that is mistaken for something else', async (pinType, form) => {
  expect((await smscx.pending({ pinType, pinLength: 4 })).pin).toMatch(form);
});

const callback = 'https://acme.example/otp';
const accepted: [sentence: string, fields: Json, answer: Json][] = [
  ['whole numbers as text', { ttl: '180', maxAttempts: '4', pinLength: '8' }, { ttl: 180, maxAttempts: 4 }],
  ['the least of every range', { ttl: 60, maxAttempts: 1, pinLength: 4, from: 'abc' }, { ttl: 60, maxAttempts: 1 }],
  ['the most of every range', { ttl: 1800, maxAttempts: 10, pinLength: 10, from: 'a'.repeat(15) }, { ttl: 1800 }],
  [
    'null for absent',
    {
      ttl: null,
      from: null,
      template: null,
      trackId: null,
      otpCallbackUrl: null,
      pinType: null,
      pinLength: null,
      maxAttempts: null,
      countryIso: null,
    },
    { ttl: 300, trackId: null },
  ],
  ['fields that it does not know', { template_fr: 'Code {{pin}}', colour: { is: ['red'] } }, { status: 'PENDING' }],
  ['a sender of digits, as a number', { from: 447700900000 }, { status: 'PENDING' }],
  [
    'an address for calls over http',
    { otpCallbackUrl: callback.replace('s', '') },
    { otpCallbackUrl: 'http://acme.example/otp' },
  ],
  ['a country that it does not need, whatever it is', { countryIso: 'ZZZ' }, { countryIso: 'FR' }],
  [
    'a national number with its country',
    { phoneNumber: '06 12 34 56 78', countryIso: 'FR' },
    { phoneNumber: '+33612345678', countryIso: 'FR' },
  ],
  [
    'a country in small letters',
    { phoneNumber: '07400 123456', countryIso: 'gb' },
    { phoneNumber: '+447400123456', countryIso: 'GB' },
  ],
  ['a number that shares its calling code', { phoneNumber: '+77012345678' }, { countryIso: 'KZ' }],
  ['another one', { phoneNumber: '+16135550123' }, { countryIso: 'CA' }],
  ['and an island with a code of the mainland', { phoneNumber: '+447797712345' }, { countryIso: 'JE' }],
];

test.each(accepted)('accepts %s', async (_, fields, answer) => {
  const { said, body } = await smscx.create(fields);
  expect([said, body]).toEqual(['201', expect.objectContaining(answer)]);
});

const refused: [code: number, fields: Json][] = [
  [2001, { phoneNumber: undefined }],
  [2001, { phoneNumber: null }],
  [2001, { phoneNumber: '' }],
  [2001, { phoneNumber: ['+33612345678'] }],
  [2002, { phoneNumber: '0612345678' }],
  [2002, { phoneNumber: '33612345678' }],
  [2002, { phoneNumber: 33612345678 }],
  [2002, { phoneNumber: '0612345678', countryIso: '' }],
  [2002, { phoneNumber: '0612345678', countryIso: null }],
  [2003, { phoneNumber: '0612345678', countryIso: 'UK' }],
  [2003, { phoneNumber: '0612345678', countryIso: 'FRA' }],
  [2003, { phoneNumber: '0612345678', countryIso: '*' }],
  [2003, { phoneNumber: '0612345678', countryIso: 33 }],
  [2020, { phoneNumber: '+3361234567' }],
  [2020, { phoneNumber: '+12005550123' }],
  [2020, { phoneNumber: 'nobody', countryIso: 'FR' }],
  [2020, { phoneNumber: 'ada@example.com', countryIso: 'FR' }],
  [2020, { phoneNumber: '+ada@example.com' }],
  [2020, { phoneNumber: '+881612345678' }],
  [2020, { phoneNumber: '00881612345678', countryIso: 'FR' }],
  [2004, { from: '' }],
  [2004, { from: '   ' }],
  [2005, { from: 'ab' }],
  [2005, { from: 'a'.repeat(16) }],
  [2005, { from: 'Acme\r\nCorp' }],
  [2005, { from: true }],
  [2006, { template: '' }],
  [2006, { template: 'Your code is {{code}}' }],
  [2006, { template: ['{{pin}}'] }],
  [2007, { ttl: 'soon' }],
  [2007, { ttl: '' }],
  [2007, { ttl: 90.5 }],
  [2007, { ttl: '90.0' }],
  [2007, { ttl: true }],
  [2008, { ttl: 59 }],
  [2008, { ttl: '-60' }],
  [2009, { ttl: 1801 }],
  [2009, { ttl: '9'.repeat(400) }],
  [2010, { maxAttempts: '3 ' }],
  [2010, { maxAttempts: [3] }],
  [2011, { maxAttempts: 0 }],
  [2012, { maxAttempts: 11 }],
  [2013, { pinType: '' }],
  [2014, { pinType: 'digits' }],
  [2014, { pinType: 'toString' }],
  [2014, { pinType: 6 }],
  [2015, { pinLength: 'six' }],
  [2015, { pinLength: {} }],
  [2016, { pinLength: 3 }],
  [2017, { pinLength: 11 }],
  [2018, { trackId: '' }],
  [2018, { trackId: '5f0c8a527f574d5e9a3c6d2f3a1b0c99' }],
  [2018, { trackId: 7 }],
  [2019, { otpCallbackUrl: '' }],
  [2019, { otpCallbackUrl: '/otp' }],
  [2019, { otpCallbackUrl: 'ftp://acme.example/otp' }],
  [2019, { otpCallbackUrl: 'https://' }],
  [2019, { otpCallbackUrl: 'https://[acme' }],
  [2019, { otpCallbackUrl: 'https:acme.example' }],
  [2019, { otpCallbackUrl: 'https://acme.example/o t p' }],
  [2019, { otpCallbackUrl: 7 }],
];

test.each(refused)('answers %i to %j, and sends nothing', async (code, fields) => {
  const sent = smscx.server.outbox.messages.length;
  expect((await smscx.create(fields)).said).toBe(`${code} invalid_param 400`);
  expect(smscx.server.outbox.messages).toHaveLength(sent);
});

/** Faults in the order in which they are named. */
const inOrder: readonly (readonly [code: number, fault: Json])[] = [
  [2004, { from: '' }],
  [2006, { template: 'no pin' }],
  [2007, { ttl: 'soon' }],
  [2010, { maxAttempts: 'three' }],
  [2013, { pinType: '' }],
  [2015, { pinLength: 'six' }],
  [2018, { trackId: 'x' }],
  [2019, { otpCallbackUrl: 'x' }],
];
const ofNumber: readonly (readonly [code: number, fault: Json])[] = [
  [2001, { phoneNumber: '' }],
  [2002, { phoneNumber: '0612345678' }],
  [2003, { phoneNumber: '0612345678', countryIso: 'UK' }],
  [2020, { phoneNumber: '+3361234567' }],
  [2020, { phoneNumber: '061234567', countryIso: 'FR' }],
  [2020, { phoneNumber: '+881612345678' }],
];
const everyOther = Object.assign({}, ...inOrder.map(([, fault]) => fault)) as Json;

test.each(ofNumber)('names %i of %j before any fault of the other fields', async (code, fault) => {
  expect((await smscx.create({ ...everyOther, ...fault })).body).toMatchObject({ error: { code } });
});

test.each(
  inOrder.map(
    ([code], at) => [code, Object.assign({}, ...inOrder.slice(at).map(([, fault]) => fault)) as Json] as const,
  ),
)('names %i before the faults that follow it', async (code, fields) => {
  expect((await smscx.create(fields)).body).toMatchObject({ error: { code } });
});

test('each request makes an OTP of its own, and the pins of all of them are good', async () => {
  const fields = { phoneNumber: anSmscxNumber(), trackId: '5f0c8a52-7f57-4d5e-9a3c-6d2f3a1b0c99' };
  const [first, second] = [await smscx.pending(fields), await smscx.pending(fields)];
  expect(first.otpId).not.toBe(second.otpId);
  expect((await smscx.verify(first.otpId, first.pin)).said).toBe('200');
  expect((await smscx.verify(second.otpId, second.pin)).said).toBe('200');
});
