import { afterAll, beforeAll, expect, test } from 'vitest';
import { virtualClock } from '../../../testing/clock.ts';
import { anSmscxNumber, errorTypes, openSmscx, type Smscx, wrongPin } from '../../../testing/smscx.ts';
import { phpClient, pythonClient, Thrown } from '../../../testing/smscx-clients.ts';

const clock = virtualClock();
let smscx: Smscx;
beforeAll(async () => {
  smscx = await openSmscx({ clock });
});
afterAll(() => smscx[Symbol.asyncDispose]());

/** What a call throws, by its name. */
async function thrownBy(call: Promise<unknown>): Promise<string> {
  try {
    return `nothing, but ${JSON.stringify(await call)}`;
  } catch (error) {
    if (error instanceof Thrown) return error.message;
    throw error;
  }
}

const pinOf = async (otp: Readonly<Record<string, unknown>>) =>
  (await smscx.server.outbox.message(String(otp.otpId))).code;

test('the Python library: a token, an OTP, its status, a wrong pin, the right one', async () => {
  const anonymous = pythonClient(smscx.base, {});
  const { accessToken, scope } = await anonymous.getToken(smscx.application.id, smscx.application.secret, 'otp');
  expect(scope).toBe('otp');
  for (const client of [
    pythonClient(smscx.base, { accessToken }),
    pythonClient(smscx.base, { apiKey: smscx.apiKey, accessToken }),
  ]) {
    const otp = await client.newOtp({
      phoneNumber: anSmscxNumber(),
      from: 'Acme',
      template: 'Pin {{pin}}',
      ttl: 180,
      maxAttempts: 3,
      pinType: 'alphanumeric',
      pinLength: 8,
      trackId: 'c2a9d7d4-0e44-4a1d-9a55-0d7d1f0e6b21',
      otpCallbackUrl: 'https://acme.example/otp',
    });
    const [otpId, pin] = [String(otp.otpId), await pinOf(otp)];
    expect(await client.otpStatus(otpId)).toEqual(otp);
    expect(await thrownBy(client.verifyOtp(otpId, wrongPin(pin)))).toBe('InvalidPin');
    expect(await client.verifyOtp(otpId, pin)).toBe('VERIFIED');
    expect(await thrownBy(client.verifyOtp(otpId, pin))).toBe('OtpAlreadyVerified');
    expect(await thrownBy(client.cancelOtp(otpId))).toBe('OtpActionNotAllowed');
  }
});

test('the Python library: every end has its exception', async () => {
  const client = pythonClient(smscx.base, { apiKey: smscx.apiKey });
  const made = async (fields = {}) => {
    const otp = await client.newOtp({ phoneNumber: anSmscxNumber(), ...fields });
    return { otpId: String(otp.otpId), pin: await pinOf(otp) };
  };
  const cancelled = await made();
  expect(await client.cancelOtp(cancelled.otpId)).toBe(cancelled.otpId);
  expect(await thrownBy(client.cancelOtp(cancelled.otpId))).toBe('OtpCancelled');
  expect(await thrownBy(client.verifyOtp(cancelled.otpId, cancelled.pin))).toBe('OtpCancelled');

  const failed = await made({ maxAttempts: 1 });
  expect(await thrownBy(client.verifyOtp(failed.otpId, 'wrong'))).toBe('OtpFailed');
  expect(await thrownBy(client.verifyOtp(failed.otpId, failed.pin))).toBe('OtpFailed');

  const expired = await made({ ttl: 60 });
  clock.advance(60_000);
  expect(await thrownBy(client.verifyOtp(expired.otpId, expired.pin))).toBe('OtpExpired');

  expect(await thrownBy(client.otpStatus('0192f000-0000-7000-8000-00000000000a'))).toBe('ResourceNotFound');
  expect(await thrownBy(client.newOtp({ phoneNumber: '+3361234567' }))).toBe('InvalidRequest');
  const phoneNumber = anSmscxNumber();
  for (let sent = 0; sent < 5; sent++) await made({ phoneNumber });
  expect(await thrownBy(made({ phoneNumber }))).toBe('RateLimitExcedeed');
});

test('the Python library: credentials that are not accepted', async () => {
  const nobody = pythonClient(smscx.base, { apiKey: 'nonsense' });
  expect(await thrownBy(nobody.newOtp({ phoneNumber: anSmscxNumber() }))).toBe('InvalidCredentials');
  const { id, secret } = smscx.application;
  expect(await thrownBy(nobody.getToken(id, 'nonsense'))).toBe('InvalidCredentials');
  expect(await thrownBy(nobody.getToken(id, secret, 'nonsense'))).toBe('InvalidScope');
  const { accessToken } = await nobody.getToken(id, secret, 'sms viber');
  const elsewhere = pythonClient(smscx.base, { accessToken });
  expect(await thrownBy(elsewhere.newOtp({ phoneNumber: anSmscxNumber() }))).toBe('InsufficientScope');
});

test('the PHP library: numbers as text, pins as numbers, and what it throws', async () => {
  const client = phpClient(smscx.base, smscx.apiKey, errorTypes);
  const otp = await client.newOtp({
    phoneNumber: anSmscxNumber(),
    ttl: '180',
    maxAttempts: '2',
    pinLength: '4',
    pinType: 'numbers',
  });
  expect(otp).toMatchObject({ ttl: 180, maxAttempts: 2 });
  const [otpId, pin] = [String(otp.otpId), await pinOf(otp)];
  expect(await thrownBy(client.verifyOtp(otpId, 10_000))).toBe('invalid_pin');
  // A pin that begins with a zero cannot be had as a number.
  expect(await client.verifyOtp(otpId, pin.startsWith('0') ? pin : Number(pin))).toEqual({ status: 'VERIFIED' });
  expect(await thrownBy(client.cancelOtp(otpId))).toBe('access_denied');
  expect(await thrownBy(client.newOtp({ phoneNumber: '+3361234567' }))).toBe('InvalidPhoneNumber');
  expect(await client.otpStatus(otpId)).toMatchObject({ status: 'VERIFIED', attempts: 1 });
});
