import type { KeyRings } from './keys.ts';
import { openedSecret, type SealedSecret, sealedSecret } from './sealed-secret.ts';

/** Why an endpoint is told nothing: its receiver failed for days, said that it is gone, or its owner wants it so. */
export type DisabledReason = 'failing' | 'gone' | 'paused';

/** Where a tenant wants to hear of changes. Times are milliseconds UTC. */
export interface WebhookEndpoint {
  readonly tenantId: string;
  readonly id: string;
  readonly url: string;
  /** Kinds of events; empty for all. */
  readonly events: readonly string[];
  readonly description: string;
  /** Recipients stand in its events in clear. */
  readonly fullRecipient: boolean;
  readonly secret: SealedSecret;
  /** The one before, with which events are signed as well until then. */
  readonly previous?: (SealedSecret & { readonly untilMs: number }) | undefined;
  /** Absent while it is told. */
  readonly disabled?: DisabledReason | undefined;
  /** Since when no attempt succeeded. */
  readonly failingSinceMs?: number | undefined;
  readonly createdAtMs: number;
}

export function wants({ disabled, events }: WebhookEndpoint, kind: string): boolean {
  return disabled === undefined && (events.length === 0 || events.includes(kind));
}

/** An event on its way to one destination. */
export interface WebhookDelivery {
  readonly tenantId: string;
  /** What the event is about: a verification, a user or a session. */
  readonly verificationId: string;
  /** Of the event, within what it is about: 1 for the first. */
  readonly number: number;
  /** Id of an endpoint, or `callback:` and the host that the request named. */
  readonly destination: string;
  readonly eventId: string;
  readonly event: string;
  /** `waiting`: an earlier event about the same is still on its way to the same destination. */
  readonly status: 'waiting' | 'queued' | 'delivered' | 'failed' | 'dropped';
  /** Finished ones. */
  readonly attempts: number;
  /** The process that carries it now. */
  readonly epoch?: string | undefined;
  readonly dueAtMs: number;
  /** Of the event. */
  readonly createdAtMs: number;
  /** When it was told, or asked for again. */
  readonly beganAtMs: number;
  readonly endedAtMs?: number | undefined;
  /** What the latest attempt was answered. */
  readonly httpStatus?: number | undefined;
  /** Why the latest attempt failed, or why there is none. */
  readonly reason?: string | undefined;
}

/** What became of an attempt. */
export type AttemptResult =
  | { readonly kind: 'delivered'; readonly httpStatus: number }
  | {
      readonly kind: 'failed';
      readonly reason: string;
      readonly httpStatus?: number | undefined;
      /** What the receiver asked for. */
      readonly retryAfterSeconds?: number | undefined;
    }
  /** 410: the receiver wants nothing more. */
  | { readonly kind: 'gone'; readonly httpStatus: number }
  /** There is nothing to be said, or nobody to say it to. */
  | { readonly kind: 'dropped'; readonly reason: string }
  /** The process stopped before it was over. */
  | { readonly kind: 'stopped' };

const [second, minute, hour] = [1000, 60_000, 3_600_000];
/** After each failed attempt; ten attempts in all. */
const pausesMs = [
  5 * second,
  5 * minute,
  30 * minute,
  2 * hour,
  5 * hour,
  10 * hour,
  14 * hour,
  20 * hour,
  24 * hour,
] as const;
const retryAfterMaxMs = hour;
/** What is so old is not tried again, and a receiver that failed for so long is told no more. */
export const failingMaxMs = 5 * 24 * hour;

/** How long after its `attempts`-th attempt an event is tried again; undefined when it is not. `jitter`: 0 to 1. */
export function pauseAfter(attempts: number, jitter: number): number | undefined {
  const pauseMs = pausesMs[attempts - 1];
  return pauseMs === undefined ? undefined : Math.round(pauseMs * (0.8 + 0.4 * jitter));
}

/** What a delivery becomes after an attempt. */
export function afterAttempt(
  current: WebhookDelivery,
  result: AttemptResult,
  { nowMs, jitter }: { readonly nowMs: number; readonly jitter: number },
): WebhookDelivery {
  const attempted = { ...current, epoch: undefined, attempts: current.attempts + 1 };
  switch (result.kind) {
    case 'delivered':
      return { ...attempted, ...ended('delivered', nowMs), httpStatus: result.httpStatus, reason: undefined };
    case 'gone':
      return { ...attempted, ...ended('failed', nowMs), httpStatus: result.httpStatus, reason: 'gone' };
    case 'dropped':
      return { ...current, epoch: undefined, ...ended('dropped', nowMs), reason: result.reason };
    case 'stopped':
      return { ...current, epoch: undefined, dueAtMs: nowMs };
    case 'failed': {
      const { reason, httpStatus, retryAfterSeconds = 0 } = result;
      const pauseMs = pauseAfter(attempted.attempts, jitter);
      const tooOld = nowMs - current.beganAtMs >= failingMaxMs;
      if (pauseMs === undefined || tooOld) return { ...attempted, ...ended('failed', nowMs), httpStatus, reason };
      const askedMs = Math.min(retryAfterSeconds * 1000, retryAfterMaxMs);
      return { ...attempted, dueAtMs: nowMs + Math.max(pauseMs, askedMs), httpStatus, reason };
    }
  }
}

function ended(status: 'delivered' | 'failed' | 'dropped', nowMs: number) {
  return { status, endedAtMs: nowMs } as const;
}

/** Once more from the beginning, now or after what is on its way to the same destination. */
export function replayed(current: WebhookDelivery, behind: boolean, nowMs: number): WebhookDelivery {
  const status = behind ? 'waiting' : 'queued';
  return { ...current, status, attempts: 0, dueAtMs: nowMs, beganAtMs: nowMs, endedAtMs: undefined };
}

export function isOpen({ status }: Pick<WebhookDelivery, 'status'>): boolean {
  return status === 'waiting' || status === 'queued';
}

/** What an endpoint becomes after an attempt; the same object when nothing changes. */
export function endpointAfter(current: WebhookEndpoint, result: AttemptResult, nowMs: number): WebhookEndpoint {
  if (result.kind === 'gone') return { ...current, disabled: current.disabled ?? 'gone' };
  if (result.kind === 'delivered') {
    return current.failingSinceMs === undefined ? current : { ...current, failingSinceMs: undefined };
  }
  if (result.kind !== 'failed') return current;
  const { failingSinceMs = nowMs } = current;
  if (nowMs - failingSinceMs >= failingMaxMs) {
    return { ...current, failingSinceMs, disabled: current.disabled ?? 'failing' };
  }
  return current.failingSinceMs === undefined ? { ...current, failingSinceMs } : current;
}

type Place = Pick<WebhookEndpoint, 'tenantId' | 'id'>;

/** What the secret of an endpoint is bound to. */
export function secretContext({ tenantId, id }: Place): readonly string[] {
  return ['webhook-secret', tenantId, id];
}

/** Seals the secret of an endpoint, bound to it. @param secret - raw bytes @param nonce - 12 fresh bytes */
export function sealSecret(secret: Uint8Array, place: Place, rings: KeyRings, nonce: Uint8Array): SealedSecret {
  return sealedSecret(secret, secretContext(place), rings, nonce);
}

/** Raw bytes. @throws UnknownKey when the data ring lacks its key; Error when it was tampered with */
export function openSecret(secret: SealedSecret, place: Place, rings: KeyRings): Buffer {
  return openedSecret(secret, secretContext(place), rings);
}
