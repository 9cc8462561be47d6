import { derivedUuid } from '../../domain/uuid.ts';
import type { CallbackFace, EventKind, VerificationEvent } from '../../engine/events.ts';
import { iso } from '../../http/times.ts';

/* What Ding posts to the `callback_url` of a request. Source: Ding API reference, "Callbacks". */

type DeliveryStatus = 'submitted' | 'delivered' | 'undeliverable';

const deliveries: Readonly<Partial<Record<EventKind, DeliveryStatus>>> = {
  'send.submitted': 'submitted',
  'send.delivered': 'delivered',
  'send.undelivered': 'undeliverable',
  'send.failed': 'undeliverable',
};

/** The changes that are told. */
export const callbackEvents: readonly EventKind[] = [
  'verification.created',
  'send.created',
  'send.submitted',
  'send.delivered',
  'send.undelivered',
  'send.failed',
];

/** The id of an attempt, in callbacks and in the status alike. */
export function attemptUuid(verificationId: string, number: number): string {
  return derivedUuid('ding', 'attempt', verificationId, number);
}

/** @param currency - of the prices, ISO 4217 */
export function dingCallbacks(currency: string): CallbackFace {
  const price = (micros: number) => ({ price: { amount: micros / 1_000_000, currency } });
  return {
    name: 'ding',
    word(event) {
      const { kind, send, verification } = event;
      if (kind === 'verification.created') return worded(event, { type: 'authentication', ...price(0) });
      if (send === undefined) return undefined;
      const attempt = { attempt_uuid: attemptUuid(verification.id, send.number), attempt_number: send.number };
      if (kind === 'send.created') {
        return worded(event, { type: 'attempt', ...price(verification.terms?.priceMicros ?? 0), ...attempt });
      }
      const status = deliveries[kind];
      return status && worded(event, { type: 'delivery_status', ...attempt, status });
    },
  };
}

function worded({ id, atMs, verification }: VerificationEvent, said: Readonly<Record<string, unknown>>): string {
  const { type, ...rest } = said;
  const { id: auth_uuid, recipient: recipient_phone_number, reference } = verification;
  const correlation = reference === undefined ? {} : { correlation_id: reference };
  return JSON.stringify({ id, type, auth_uuid, recipient_phone_number, time: iso(atMs), ...correlation, ...rest });
}
