import type { SealedSecret } from '../../domain/sealed-secret.ts';
import {
  type AttemptResult,
  afterAttempt,
  endpointAfter,
  isOpen,
  replayed,
  type WebhookDelivery,
  type WebhookEndpoint,
} from '../../domain/webhook.ts';
import { callbackPrefix } from '../announced.ts';
import type { CommandBase, Decider, Loaded, WebhookWrites } from '../command.ts';
import type { Notice } from '../notice.ts';

/** Which event to whom. */
export interface DeliveryKey {
  readonly verificationId: string;
  readonly number: number;
  readonly destination: string;
}

/** A process takes a due delivery that nobody owns. */
export interface ClaimDelivery extends CommandBase {
  readonly kind: 'claim-delivery';
  readonly key: DeliveryKey;
  readonly epoch: string;
}

/** Records what became of an attempt. Taken only from the process, and for the attempt, that the row names. */
export interface SettleDelivery extends CommandBase {
  readonly kind: 'settle-delivery';
  readonly key: DeliveryKey;
  readonly epoch: string;
  /** Attempts that were finished before this one. */
  readonly attempts: number;
  readonly result: AttemptResult;
  /** From 0 to 1. */
  readonly jitter: number;
}

/** Tells an event once more. */
export interface ReplayDelivery extends CommandBase {
  readonly kind: 'replay-delivery';
  readonly key: DeliveryKey;
}

export type ClaimDeliveryOutcome =
  | {
      readonly kind: 'claimed';
      readonly attempts: number;
      /** JSON text of the event. */
      readonly event: string;
      /** Absent for a callback, whose address stands in the event. */
      readonly endpoint?: ClaimedEndpoint | undefined;
    }
  | { readonly kind: 'gone' | 'dropped' };

export interface ClaimedEndpoint extends Pick<WebhookEndpoint, 'id' | 'url' | 'fullRecipient'> {
  /** Each signs it; the current one first. */
  readonly secrets: readonly SealedSecret[];
}

export type SettleDeliveryOutcome = { readonly kind: WebhookDelivery['status'] | 'superseded' };
export type ReplayOutcome = { readonly kind: 'replayed' | 'under-way' | 'not-found' };

export const claimDelivery: Decider<ClaimDelivery, ClaimDeliveryOutcome> = {
  reads: () => ({}),
  decide({ key, epoch }, loaded, { nowMs }) {
    const current = deliveryOf(key, loaded);
    const event = loaded.event(key.verificationId, key.number);
    if (current === undefined || event === undefined || current.status !== 'queued' || current.epoch !== undefined) {
      return { writes: {}, outcome: { kind: 'gone' } };
    }
    const endpoint = endpointOf(key, loaded);
    const reason = unheard(key, endpoint);
    if (reason !== undefined) {
      const next = afterAttempt(current, { kind: 'dropped', reason }, { nowMs, jitter: 0 });
      return { writes: { webhooks: withNext(next, loaded, nowMs) }, outcome: { kind: 'dropped' }, tells: true };
    }
    return {
      writes: { webhooks: { deliveries: [{ ...current, epoch }] } },
      outcome: {
        kind: 'claimed',
        attempts: current.attempts,
        event: event.body,
        ...(endpoint === undefined ? {} : { endpoint: claimed(endpoint, nowMs) }),
      },
    };
  },
};

/** Why nobody is there to be told. */
function unheard({ destination }: DeliveryKey, endpoint: WebhookEndpoint | undefined): string | undefined {
  if (destination.startsWith(callbackPrefix)) return undefined;
  if (endpoint === undefined) return 'endpoint-deleted';
  return endpoint.disabled === undefined ? undefined : 'endpoint-disabled';
}

function claimed({ id, url, fullRecipient, secret, previous }: WebhookEndpoint, nowMs: number): ClaimedEndpoint {
  const secrets = previous !== undefined && previous.untilMs > nowMs ? [secret, previous] : [secret];
  return { id, url, fullRecipient, secrets };
}

export const settleDelivery: Decider<SettleDelivery, SettleDeliveryOutcome> = {
  reads: () => ({}),
  decide({ tenantId, key, epoch, attempts, result, jitter }, loaded, { nowMs }) {
    const current = deliveryOf(key, loaded);
    if (current?.status !== 'queued' || current.epoch !== epoch || current.attempts !== attempts) {
      return { writes: {}, outcome: { kind: 'superseded' } };
    }
    const next = afterAttempt(current, result, { nowMs, jitter });
    const endpoint = endpointOf(key, loaded);
    const endpointNext = endpoint && endpointAfter(endpoint, result, nowMs);
    const webhooks = {
      ...withNext(next, loaded, nowMs),
      ...(endpointNext === undefined || endpointNext === endpoint ? {} : { endpoints: [endpointNext] }),
    };
    const disabled = endpointNext?.disabled !== undefined && endpoint?.disabled === undefined;
    const notice: Notice | undefined = disabled ? { kind: 'webhook-endpoint-disabled', tenantId } : undefined;
    return {
      writes: { webhooks },
      outcome: { kind: next.status },
      ...(isOpen(next) ? {} : { tells: true }),
      ...(notice === undefined ? {} : { notice }),
    };
  },
};

export const replayDelivery: Decider<ReplayDelivery, ReplayOutcome> = {
  reads: () => ({}),
  decide({ key }, loaded, { nowMs }) {
    const current = deliveryOf(key, loaded);
    if (current === undefined) return { writes: {}, outcome: { kind: 'not-found' } };
    if (isOpen(current)) return { writes: {}, outcome: { kind: 'under-way' } };
    const behind = laneOf(key, loaded).some(isOpen);
    return {
      writes: { webhooks: { deliveries: [replayed(current, behind, nowMs)] } },
      outcome: { kind: 'replayed' },
      tells: true,
    };
  },
};

/** The delivery as it is from now on; once it is over, the one behind it is due. */
function withNext(next: WebhookDelivery, loaded: Loaded, nowMs: number): WebhookWrites {
  const waiting = isOpen(next) ? undefined : laneOf(next, loaded).find(({ status }) => status === 'waiting');
  const due = waiting && { ...waiting, status: 'queued' as const, dueAtMs: nowMs };
  return { deliveries: due === undefined ? [next] : [next, due] };
}

/** What goes from one verification to one destination, in order. */
function laneOf({ verificationId, destination }: Omit<DeliveryKey, 'number'>, loaded: Loaded) {
  return loaded.deliveries(verificationId).filter((delivery) => delivery.destination === destination);
}

function deliveryOf(key: DeliveryKey, loaded: Loaded): WebhookDelivery | undefined {
  return laneOf(key, loaded).find(({ number }) => number === key.number);
}

function endpointOf({ destination }: DeliveryKey, loaded: Loaded): WebhookEndpoint | undefined {
  return loaded.endpoints().find(({ id }) => id === destination);
}
