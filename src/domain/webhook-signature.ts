import { createHmac } from 'node:crypto';

/**
 * The value of `webhook-signature` as the Standard Webhooks specification has it: `v1,` and the base64 of HMAC-SHA-256
 * over id, seconds and body with dots between them; one for each secret, with spaces between them.
 * @param secrets - raw bytes; the first one is the current one
 */
export function webhookSignature(secrets: readonly Uint8Array[], id: string, seconds: number, body: string): string {
  const signed = `${id}.${seconds}.${body}`;
  return secrets.map((secret) => `v1,${createHmac('sha256', secret).update(signed).digest('base64')}`).join(' ');
}

/** How a secret is shown to its owner. @param secret - raw bytes */
export function shownSecret(secret: Uint8Array): string {
  return `whsec_${Buffer.from(secret).toString('base64')}`;
}
