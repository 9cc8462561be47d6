import type { Static } from 'typebox';
import { isUuid } from '../../domain/uuid.ts';
import type { WebhookDelivery } from '../../domain/webhook.ts';
import type { ShownEndpoint } from '../../engine/commands/change-endpoint.ts';
import type { DeliveryPlace } from '../../engine/store.ts';
import type { ReplayReport, ReplayRequest, Tested } from '../../engine/webhook-administration.ts';
import { EdgeRefusal } from '../../http/edge-error.ts';
import { momentMs } from '../../http/moment.ts';
import { iso, isoOrNull } from '../../http/times.ts';
import type { deliveriesReply, endpointReply, replayBody, replayReply, testReply } from './webhook-wire.ts';

/* Our words for webhooks to those of the wire, and back. */

export function endpointBodyOf(endpoint: ShownEndpoint): Static<typeof endpointReply> {
  const { id, url, events, description, fullRecipient, disabled, failingSinceMs, previousUntilMs } = endpoint;
  return {
    id,
    url,
    events: [...events],
    description,
    fullRecipient,
    enabled: disabled === undefined,
    disabledReason: disabled ?? null,
    failingSince: isoOrNull(failingSinceMs),
    previousSecretUntil: isoOrNull(previousUntilMs),
    createdAt: iso(endpoint.createdAtMs),
  };
}

export function testBodyOf({ delivered, httpStatus, reason }: Tested): Static<typeof testReply> {
  return { delivered, httpStatus: httpStatus ?? null, reason: reason?.replaceAll('-', '_') ?? null };
}

type Deliveries = Static<typeof deliveriesReply>;

export function deliveriesBodyOf(deliveries: readonly WebhookDelivery[], next: DeliveryPlace | undefined): Deliveries {
  return { deliveries: deliveries.map(deliveryBodyOf), nextCursor: next === undefined ? null : cursorOf(next) };
}

function deliveryBodyOf(delivery: WebhookDelivery): Deliveries['deliveries'][number] {
  const { eventId, event, verificationId, status, attempts, httpStatus, reason, createdAtMs, dueAtMs } = delivery;
  return {
    eventId,
    event,
    verificationId,
    status,
    attempts,
    httpStatus: httpStatus ?? null,
    reason: reason?.replaceAll('-', '_') ?? null,
    createdAt: iso(createdAtMs),
    nextAttemptAt: status === 'queued' ? iso(dueAtMs) : null,
    endedAt: isoOrNull(delivery.endedAtMs),
  };
}

function cursorOf({ createdAtMs, verificationId, number }: DeliveryPlace): string {
  return `${createdAtMs}.${verificationId}.${number}`;
}

/** @throws EdgeRefusal when it is none of ours */
export function placeOf(cursor: string | undefined): DeliveryPlace | undefined {
  if (cursor === undefined) return undefined;
  const [, createdAtMs, verificationId = '', number] = /^(\d{1,15})\.([0-9a-f-]{36})\.(\d{1,9})$/.exec(cursor) ?? [];
  if (isUuid(verificationId)) return { createdAtMs: Number(createdAtMs), verificationId, number: Number(number) };
  throw new EdgeRefusal({ kind: 'invalid', field: 'cursor', remedy: 'must be the nextCursor of the page before' });
}

/** @throws EdgeRefusal when it is not exactly one of the two */
export function toReplay({ eventId, since }: Static<typeof replayBody>): ReplayRequest {
  const sinceMs = momentMs('since', since);
  if (eventId === undefined && sinceMs !== undefined) return { sinceMs };
  if (eventId !== undefined && sinceMs === undefined && isUuid(eventId)) return { eventId };
  const remedy = 'must be the id of an event; or leave it out and say `since`, a time';
  throw new EdgeRefusal({ kind: 'invalid', field: 'eventId', remedy });
}

export function replayBodyOf({ events, nextMs }: ReplayReport): Static<typeof replayReply> {
  return { events, next: isoOrNull(nextMs) };
}
