import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Received } from './receiver.ts';

/*
 * A receiver's side of the Standard Webhooks specification, "Verifying webhook authenticity": written from its text and
 * with nothing of the product.
 */

const toleranceSeconds = 300;

/** The parsed body. @param nowMs - the receiver's clock @throws Error when a receiver has to refuse the call */
export function verified({ headers, text }: Received, secret: string, nowMs: number): { readonly type: string } {
  const [id, timestamp, signature] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) =>
    String(headers[name] ?? ''),
  );
  const seconds = Number(timestamp);
  if (!id || !Number.isInteger(seconds)) throw new Error('a header is missing');
  if (Math.abs(nowMs / 1000 - seconds) > toleranceSeconds) throw new Error('the call is too old, or of the future');
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.${text}`).digest();
  const signatures = (signature ?? '').split(' ').filter((one) => one.startsWith('v1,'));
  const right = signatures.some((one) => {
    const given = Buffer.from(one.slice(3), 'base64');
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
  if (!right) throw new Error('no signature is right');
  return JSON.parse(text);
}
