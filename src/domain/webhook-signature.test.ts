import { expect, test } from 'vitest';
import { shownSecret, webhookSignature } from './webhook-signature.ts';

/** The example of the Standard Webhooks specification, as its reference libraries test it. */
const secret = Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64');
const id = 'msg_p5jXN8AQM9LWM0D4loKWxJek';
const body = '{"test": 2432232314}';

test('signs as the specification does', () => {
  expect(webhookSignature([secret], id, 1_614_265_330, body)).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
});

test('has a signature for each secret, in their order', () => {
  const other = Buffer.alloc(32, 7);
  const each = [secret, other].map((one) => webhookSignature([one], id, 1, body));
  expect(webhookSignature([secret, other], id, 1, body)).toBe(each.join(' '));
});

test('shows a secret so that a receiver finds its bytes', () => {
  expect(shownSecret(secret)).toBe('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
});
