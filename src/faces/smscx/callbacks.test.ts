import { afterAll, beforeAll, expect, test } from 'vitest';
import { virtualClock } from '../../../testing/clock.ts';
import { openReceiver, type Receiver } from '../../../testing/receiver.ts';
import { type Json, openSmscx, type Smscx } from '../../../testing/smscx.ts';

/* From the request that names an address to what is posted there. */

const clock = virtualClock();
let smscx: Smscx;
let receiver: Receiver;
beforeAll(async () => {
  receiver = await openReceiver();
  smscx = await openSmscx({ clock, callbacks: 'anywhere' });
});
afterAll(async () => {
  await smscx[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
});

type Pending = Awaited<ReturnType<Smscx['pending']>>;

const ends: [status: string, end: (otp: Pending) => Promise<unknown>][] = [
  ['VERIFIED', ({ otpId, pin }) => smscx.verify(otpId, pin)],
  ['FAILED', ({ otpId }) => Promise.all(['a', 'b', 'c'].map((pin) => smscx.verify(otpId, pin)))],
  ['CANCELLED', ({ otpId }) => smscx.ask('DELETE', `/otp/${otpId}`)],
  ['EXPIRED', async () => clock.advance(300_000)],
];

test.each(ends)('an OTP that ends as %s is told once, as it can be read', async (status, end) => {
  const before = receiver.received.length;
  const otp = await smscx.pending({ otpCallbackUrl: `${receiver.url}/hook?end=${status}` });
  await end(otp);
  const calls = await receiver.calls(before + 1);
  const { method, path, headers, text } = calls[before] ?? { headers: {} as Json, text: '{}' };
  expect([method, path, headers['content-type']]).toEqual([
    'POST',
    `/hook?end=${status}`,
    'application/json; charset=utf-8',
  ]);
  const { body } = await smscx.ask('GET', `/otp/${otp.otpId}`);
  expect([body.status, JSON.parse(text)]).toEqual([status, { event: 'otp_update', data: [body] }]);
  await smscx.verify(otp.otpId, otp.pin);
  await smscx.ask('DELETE', `/otp/${otp.otpId}`);
  const { deliveries } = await smscx.server.rows();
  expect(deliveries).toHaveLength(before + 1);
});

test('the address is looked at only when something is told: what nobody may call is taken, and not called', async () => {
  await using strict = await openSmscx();
  const before = receiver.received.length;
  const { otpId, pin } = await strict.pending({ otpCallbackUrl: `${receiver.url}/hook` });
  expect((await strict.verify(otpId, pin)).said).toBe('200');
  await strict.server.rows();
  expect(receiver.received).toHaveLength(before);
});
