import type { Send, SendStatus } from '../../domain/send.ts';
import { derivedUuid } from '../../domain/uuid.ts';
import type { VerificationDetails } from '../../engine/engine.ts';
import { iso } from '../../http/times.ts';
import { attemptUuid } from './callbacks.ts';

/* The answer of `GET /authentication/{auth_uuid}`. An event has all the fields of its kind and no other. */

export function statusBody(details: VerificationDetails): object {
  const { id, recipient, createdAtMs, reference, metadata } = details.verification;
  const { template_id } = JSON.parse(metadata ?? '{}') as { readonly template_id?: string };
  return {
    uuid: id,
    phone_number: recipient,
    created_at: iso(createdAtMs),
    ...(template_id === undefined ? {} : { template_id }),
    ...(reference === undefined ? {} : { correlation_id: reference }),
    signals: JSON.parse(details.followed?.signals ?? '{}'),
    events: eventsOf(details),
  };
}

interface Event {
  readonly atMs: number;
  readonly body: object;
}

/** Oldest first. */
function eventsOf(details: VerificationDetails): object[] {
  const events = [...attempts(details), ...details.sends.flatMap(delivery), ...checks(details)];
  return events
    .sort((one, other) => one.atMs - other.atMs)
    .map(({ atMs, body }) => ({ ...body, created_at: iso(atMs) }));
}

const attemptStatus = {
  queued: 'pending',
  submitted: 'pending',
  delivered: 'delivered',
  undelivered: 'failed',
  failed: 'failed',
  dropped: 'expired',
} as const satisfies Record<SendStatus, string>;

const capabilities = { sms: 'text', voice: 'text', email: 'text', telegram: 'text', whatsapp: 'whatsapp' } as const;

function attempts({ sends, followed }: VerificationDetails): Event[] {
  return sends.map(({ verificationId, number, channel, status, createdAtMs }, at) => ({
    atMs: createdAtMs,
    body: {
      type: 'attempt',
      id: attemptUuid(verificationId, number),
      content: followed?.messages[at]?.text ?? '',
      sender_id: followed?.messages[at]?.sender ?? '',
      capability: capabilities[channel],
      attempt_number: number,
      status: attemptStatus[status],
    },
  }));
}

const deliveryStatus = {
  queued: undefined,
  submitted: 'submitted',
  delivered: 'delivered',
  undelivered: 'undeliverable',
  failed: 'undeliverable',
  dropped: undefined,
} as const satisfies Record<SendStatus, string | undefined>;

/** The latest word of the carrier on a message: an earlier one is not kept. */
function delivery({ verificationId, number, status: stands, endedAtMs }: Send): Event[] {
  const status = deliveryStatus[stands];
  if (status === undefined || endedAtMs === undefined) return [];
  const attempt = { attempt_id: attemptUuid(verificationId, number), attempt_number: number };
  return [{ atMs: endedAtMs, body: { type: 'delivery_status', status, ...attempt, originated_at: iso(endedAtMs) } }];
}

const checkStatus = new Map([
  ['wrong-code', 'invalid'],
  ['verified', 'valid'],
]);

/** What was looked at: a bullet stands for each character that was typed. */
function checks({ verification, timeline }: VerificationDetails): Event[] {
  const looked = timeline.filter(({ moment }) => checkStatus.has(moment));
  return looked.map(({ moment, atMs, typedLength = 0 }, at) => ({
    atMs,
    body: {
      type: 'check',
      id: derivedUuid('ding', 'check', verification.id, at),
      code: '•'.repeat(typedLength),
      status: checkStatus.get(moment),
    },
  }));
}
