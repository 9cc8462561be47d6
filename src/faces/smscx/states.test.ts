import { afterAll, beforeAll, expect, test } from 'vitest';
import { virtualClock } from '../../../testing/clock.ts';
import { anSmscxNumber, openSmscx, type Smscx, wrongPin } from '../../../testing/smscx.ts';

const clock = virtualClock();
let smscx: Smscx;
beforeAll(async () => {
  smscx = await openSmscx({ clock });
});
afterAll(() => smscx[Symbol.asyncDispose]());

const statusOf = async (otpId: string) => {
  const { said, body } = await smscx.ask('GET', `/otp/${otpId}`);
  return said === '200' ? { status: body.status, attempts: body.attempts } : said;
};
const cancel = (otpId: string) => smscx.ask('DELETE', `/otp/${otpId}`);

interface Ended {
  readonly otpId: string;
  readonly pin: string;
}

/** How an OTP comes to each of its ends. */
const endings = {
  async VERIFIED() {
    const otp = await smscx.pending();
    expect((await smscx.verify(otp.otpId, otp.pin)).said).toBe('200');
    return otp;
  },
  async CANCELLED() {
    const otp = await smscx.pending();
    expect((await cancel(otp.otpId)).said).toBe('200');
    return otp;
  },
  async EXPIRED() {
    const otp = await smscx.pending({ ttl: 60 });
    clock.advance(60_000);
    return otp;
  },
  async FAILED() {
    const otp = await smscx.pending({ maxAttempts: 1 });
    expect((await smscx.verify(otp.otpId, wrongPin(otp.pin))).said).toBe('2027 otp_failed 400');
    return otp;
  },
} satisfies Record<string, () => Promise<Ended>>;

test('a pending OTP is verified by the right pin, which counts as no attempt', async () => {
  const { otpId, pin } = await smscx.pending();
  expect(await statusOf(otpId)).toEqual({ status: 'PENDING', attempts: 0 });
  const { said, body } = await smscx.verify(otpId, pin);
  expect([said, body]).toEqual(['200', { status: 'VERIFIED' }]);
  expect(await statusOf(otpId)).toEqual({ status: 'VERIFIED', attempts: 0 });
});

test('wrong pins are counted, and the last one fails it in the same breath', async () => {
  const { otpId, pin } = await smscx.pending({ maxAttempts: 3 });
  for (const attempts of [1, 2]) {
    expect((await smscx.verify(otpId, wrongPin(pin))).said).toBe('2029 invalid_pin 400');
    expect(await statusOf(otpId)).toEqual({ status: 'PENDING', attempts });
  }
  expect((await smscx.verify(otpId, wrongPin(pin))).said).toBe('2027 otp_failed 400');
  expect(await statusOf(otpId)).toEqual({ status: 'FAILED', attempts: 3 });
});

test('a right pin after wrong ones leaves their count', async () => {
  const { otpId, pin } = await smscx.pending();
  await smscx.verify(otpId, wrongPin(pin));
  expect((await smscx.verify(otpId, pin)).said).toBe('200');
  expect(await statusOf(otpId)).toEqual({ status: 'VERIFIED', attempts: 1 });
});

test.each(['right', 'wrong'])(
  'a %s pin too late finds the expiry, uncounted, and the next one finds it expired',
  async (which) => {
    const { otpId, pin } = await endings.EXPIRED();
    const typed = which === 'right' ? pin : wrongPin(pin);
    expect((await smscx.verify(otpId, typed)).said).toBe('2028 otp_expired 400');
    expect((await smscx.verify(otpId, typed)).said).toBe('2025 otp_expired 400');
    expect(await statusOf(otpId)).toEqual({ status: 'EXPIRED', attempts: 0 });
  },
);

test('it lives to the last millisecond and expires in the next, whoever looks', async () => {
  const { otpId, pin } = await smscx.pending({ ttl: 60 });
  clock.advance(59_999);
  expect(await statusOf(otpId)).toMatchObject({ status: 'PENDING' });
  const other = await smscx.pending({ ttl: 60 });
  clock.advance(1);
  expect(await statusOf(otpId)).toMatchObject({ status: 'EXPIRED' });
  expect((await smscx.verify(otpId, pin)).said).toBe('2028 otp_expired 400');
  expect((await smscx.verify(other.otpId, other.pin)).said).toBe('200');
});

test('a pending OTP can be cancelled, and its id is the answer', async () => {
  const { otpId } = await smscx.pending();
  const { said, body } = await cancel(otpId);
  expect([said, body]).toEqual(['200', { info: { id: otpId } }]);
  expect(await statusOf(otpId)).toEqual({ status: 'CANCELLED', attempts: 0 });
});

const afterwards = [
  ['VERIFIED', '2023 otp_verified 400', '2031 access_denied 403'],
  ['CANCELLED', '2024 otp_cancelled 400', '2030 access_denied 403'],
  ['FAILED', '2026 otp_failed 400', '2031 access_denied 403'],
  ['EXPIRED', '2028 otp_expired 400', '2031 access_denied 403'],
] as const;

test.each(afterwards)(
  'once it is %s, any pin is answered %s and a cancel %s, and nothing changes',
  async (status, verified, cancelled) => {
    const { otpId, pin } = await endings[status]();
    const before = await smscx.ask('GET', `/otp/${otpId}`);
    expect(before.body.status).toBe(status);
    expect((await cancel(otpId)).said).toBe(cancelled);
    expect((await smscx.verify(otpId, pin)).said).toBe(verified);
    expect((await smscx.verify(otpId, wrongPin(pin))).said).toBe(verified.replace('2028', '2025'));
    expect((await cancel(otpId)).said).toBe(cancelled);
    expect((await smscx.ask('GET', `/otp/${otpId}`)).body).toEqual(before.body);
  },
);

test('a finished OTP shows all of its fields, as they were', async () => {
  const { body: created } = await smscx.create({
    maxAttempts: 1,
    otpCallbackUrl: 'https://acme.example/otp',
    trackId: '5f0c8a52-7f57-4d5e-9a3c-6d2f3a1b0c99',
  });
  await smscx.verify(String(created.otpId), 'wrong');
  const { body } = await smscx.ask('GET', `/otp/${created.otpId}`);
  expect(body).toEqual({ ...created, status: 'FAILED', attempts: 1 });
});

test.each([
  ['missing', {}],
  ['empty', { pin: '' }],
  ['null', { pin: null }],
  ['no text', { pin: ['1'] }],
])('a pin that is %s is no attempt', async (_, body) => {
  const { otpId } = await smscx.pending({ maxAttempts: 1 });
  expect((await smscx.ask('POST', `/otp/${otpId}`, { body })).said).toBe('2022 invalid_param 400');
  expect(await statusOf(otpId)).toEqual({ status: 'PENDING', attempts: 0 });
});

test.each([' ', '12', '12 34-56', '1'.repeat(5000), '１２３４５６', '\u0000', 'ünïcödé', 0, -1, 1.5, 1e30])(
  'the pin %j is an attempt like any other',
  async (pin) => {
    const { otpId } = await smscx.pending();
    expect((await smscx.verify(otpId, pin)).said).toBe('2029 invalid_pin 400');
    expect(await statusOf(otpId)).toEqual({ status: 'PENDING', attempts: 1 });
  },
);

test('a pin is compared without regard to case, and with nothing passed over', async () => {
  const { otpId, pin } = await smscx.pending({ pinType: 'letters', pinLength: 8 });
  expect((await smscx.verify(otpId, `${pin.slice(0, 4)} ${pin.slice(4)}`)).said).toBe('2029 invalid_pin 400');
  expect((await smscx.verify(otpId, pin.toLowerCase())).said).toBe('200');
});

test('a pin that comes as a number is taken as its digits', async () => {
  const { otpId, pin } = await pinWithoutLeadingZero();
  expect((await smscx.verify(otpId, Number(pin))).said).toBe('200');
});

async function pinWithoutLeadingZero(): Promise<Ended> {
  for (let tries = 0; tries < 50; tries++) {
    const otp = await smscx.pending();
    if (!otp.pin.startsWith('0')) return otp;
  }
  throw new Error('every pin began with a zero');
}

const unknownIds = [
  ['one that was never given out', '0192f000-0000-7000-8000-00000000000a'],
  ['one in capital letters', '0192F000-0000-7000-8000-00000000000A'],
  ['one without hyphens', '0192f0000000700080000000000000aa'],
  ['no id at all', 'otp'],
  ['one with more', '0192f000-0000-7000-8000-00000000000a0'],
  ['an encoded one', '..%2fotp%00'],
  ['a very long one', 'a'.repeat(1000)],
] as const;

test.each(unknownIds)('for %s there is no OTP, whatever is asked', async (_, id) => {
  expect((await smscx.verify(id, '123456')).said).toBe('2021 not_found 404');
  expect((await smscx.ask('POST', `/otp/${id}`, { body: {} })).said).toBe('2021 not_found 404');
  expect(await statusOf(id)).toBe('2021 not_found 404');
  expect((await cancel(id)).said).toBe('2021 not_found 404');
});

test("another account's OTP is as unknown as any, and nothing happens to it", async () => {
  const { otpId, pin } = await smscx.pending();
  const headers = { 'x-api-key': smscx.foreignKey };
  const path = `/otp/${otpId}`;
  for (const [method, asked] of [
    ['GET', {}],
    ['DELETE', {}],
    ['POST', { body: { pin } }],
    ['POST', { body: {} }],
  ] as const)
    expect((await smscx.ask(method, path, { ...asked, headers })).said).toBe('2021 not_found 404');
  expect(await statusOf(otpId)).toEqual({ status: 'PENDING', attempts: 0 });
});

test('a verification of another face is unknown here; the native API sees those of all faces', async () => {
  const { alice } = smscx.server;
  const { body } = await alice.create({ recipient: anSmscxNumber() });
  expect(await statusOf(body.id)).toBe('2021 not_found 404');
  expect((await cancel(body.id)).said).toBe('2021 not_found 404');
  const { otpId } = await smscx.pending();
  expect((await alice.get(otpId)).body).toMatchObject({ id: otpId, status: 'pending' });
});

test('of fifty wrong pins at once two are wrong, one is the last, and the others find it failed', async () => {
  const { otpId, pin } = await smscx.pending({ maxAttempts: 3 });
  const answers = await Promise.all(Array.from({ length: 50 }, () => smscx.verify(otpId, wrongPin(pin))));
  const said = answers.map((answer) => answer.said);
  const count = (text: string) => said.filter((one) => one === text).length;
  expect([count('2029 invalid_pin 400'), count('2027 otp_failed 400'), count('2026 otp_failed 400')]).toEqual([
    2, 1, 47,
  ]);
  expect(await statusOf(otpId)).toEqual({ status: 'FAILED', attempts: 3 });
});

test('of twenty right pins at once one verifies', async () => {
  const { otpId, pin } = await smscx.pending();
  const answers = await Promise.all(Array.from({ length: 20 }, () => smscx.verify(otpId, pin)));
  const said = answers.map((answer) => answer.said);
  expect(said.filter((one) => one === '200')).toHaveLength(1);
  expect(said.filter((one) => one === '2023 otp_verified 400')).toHaveLength(19);
});

test('wrong pins add up for a number over all of its OTPs, until it has to wait', async () => {
  const phoneNumber = anSmscxNumber();
  const otp = {
    first: await smscx.pending({ phoneNumber, maxAttempts: 10 }),
    last: await smscx.pending({ phoneNumber }),
  };
  for (let wrong = 0; wrong < 10; wrong++) await smscx.verify(otp.first.otpId, wrongPin(otp.first.pin));

  const { said, headers } = await smscx.verify(otp.last.otpId, otp.last.pin);
  expect(said).toBe('1006 rate_limit 429');
  const seconds = Number(headers.get('retry-after'));
  expect(Number(headers.get('x-rate-limit-reset'))).toBe(Math.ceil(clock.wallMs() / 1000) + seconds);
  expect(await statusOf(otp.last.otpId)).toEqual({ status: 'PENDING', attempts: 0 });

  clock.advance(seconds * 1000);
  expect((await smscx.verify(otp.last.otpId, otp.last.pin)).said).toBe('200');
});

test('an OTP can be read for as long as its number is kept', async () => {
  const own = virtualClock();
  await using other = await openSmscx({ clock: own });
  const { otpId } = await other.pending();
  own.advance(29 * 86_400_000);
  await other.server.parts.sweeper.purgeNow();
  expect((await other.ask('GET', `/otp/${otpId}`)).body).toMatchObject({ status: 'EXPIRED', countryIso: 'FR' });
  own.advance(2 * 86_400_000);
  await other.server.parts.sweeper.purgeNow();
  expect((await other.ask('GET', `/otp/${otpId}`)).said).toBe('2021 not_found 404');
});
