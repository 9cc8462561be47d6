import type { DisabledReason, WebhookDelivery, WebhookEndpoint } from '../../domain/webhook.ts';
import type { EventKind, StoredEvent } from '../../engine/events.ts';
import { idToBytes } from './ids.ts';
import { type Cell, id, number, optionalNumber, optionalText, type Row, text } from './rows.ts';

/* Between rows and values, as in rows.ts: where tenants want to hear of changes, and what is told. */

export const endpointColumns = [
  'tenant_id',
  'id',
  'url',
  'events',
  'description',
  'full_recipient',
  'secret_key_id',
  'secret_sealed',
  'previous_key_id',
  'previous_sealed',
  'previous_until',
  'disabled',
  'failing_since',
  'created_at',
] as const;

export const endpointCells = (tenant: Buffer, endpoint: WebhookEndpoint): Cell[] => [
  tenant,
  idToBytes(endpoint.id),
  endpoint.url,
  endpoint.events.join(' '),
  endpoint.description,
  endpoint.fullRecipient ? 1 : 0,
  endpoint.secret.keyId,
  endpoint.secret.sealed,
  endpoint.previous?.keyId ?? null,
  endpoint.previous?.sealed ?? null,
  endpoint.previous?.untilMs ?? null,
  endpoint.disabled ?? null,
  endpoint.failingSinceMs ?? null,
  endpoint.createdAtMs,
];

export const toEndpoint = (row: Row): WebhookEndpoint => ({
  tenantId: id(row[0]),
  id: id(row[1]),
  url: text(row[2]),
  events: row[3] === '' ? [] : text(row[3]).split(' '),
  description: text(row[4]),
  fullRecipient: row[5] === 1,
  secret: { keyId: text(row[6]), sealed: text(row[7]) },
  previous: row[8] === null ? undefined : { keyId: text(row[8]), sealed: text(row[9]), untilMs: number(row[10]) },
  disabled: optionalText(row[11]) as DisabledReason | undefined,
  failingSinceMs: optionalNumber(row[12]),
  createdAtMs: number(row[13]),
});

export const eventColumns = ['tenant_id', 'verification_id', 'number', 'id', 'kind', 'at', 'body'] as const;

export const eventCells = (tenant: Buffer, event: StoredEvent): Cell[] => [
  tenant,
  idToBytes(event.verificationId),
  event.number,
  idToBytes(event.id),
  event.kind,
  event.atMs,
  event.body,
];

export const toEvent = (row: Row): StoredEvent => ({
  tenantId: id(row[0]),
  verificationId: id(row[1]),
  number: number(row[2]),
  id: id(row[3]),
  kind: text(row[4]) as EventKind,
  atMs: number(row[5]),
  body: text(row[6]),
});

export const deliveryColumns = {
  fixed: ['tenant_id', 'verification_id', 'number', 'destination', 'event_id', 'event', 'created_at'],
  changing: ['status', 'attempts', 'epoch', 'due_at', 'began_at', 'ended_at', 'http_status', 'reason'],
} as const;

export const deliveryFixed = (tenant: Buffer, delivery: WebhookDelivery): Cell[] => [
  ...deliveryKey(tenant, delivery),
  idToBytes(delivery.eventId),
  delivery.event,
  delivery.createdAtMs,
];

export const deliveryKey = (
  tenant: Buffer,
  { verificationId, number, destination }: Pick<WebhookDelivery, 'verificationId' | 'number' | 'destination'>,
): Cell[] => [tenant, idToBytes(verificationId), number, destination];

export const deliveryChanging = (delivery: WebhookDelivery): Cell[] => [
  delivery.status,
  delivery.attempts,
  delivery.epoch ?? null,
  delivery.dueAtMs,
  delivery.beganAtMs,
  delivery.endedAtMs ?? null,
  delivery.httpStatus ?? null,
  delivery.reason ?? null,
];

export const toDelivery = (row: Row): WebhookDelivery => ({
  tenantId: id(row[0]),
  verificationId: id(row[1]),
  number: number(row[2]),
  destination: text(row[3]),
  eventId: id(row[4]),
  event: text(row[5]),
  createdAtMs: number(row[6]),
  status: row[7] as WebhookDelivery['status'],
  attempts: number(row[8]),
  epoch: optionalText(row[9]),
  dueAtMs: number(row[10]),
  beganAtMs: number(row[11]),
  endedAtMs: optionalNumber(row[12]),
  httpStatus: optionalNumber(row[13]),
  reason: optionalText(row[14]),
});
