import { hostOf } from '../domain/callback-url.ts';
import type { Send } from '../domain/send.ts';
import { derivedUuid } from '../domain/uuid.ts';
import type { Verification } from '../domain/verification.ts';
import { isOpen, type WebhookDelivery, type WebhookEndpoint, wants } from '../domain/webhook.ts';
import { type HeardOfUser, userChangesOf, userEventOf } from './announced-people.ts';
import type { CommandBase, Decided, Decider, Loaded, WebhookWrites, Writes } from './command.ts';
import type { EventKind, RecordedEvent, StoredEvent, VerificationEvent } from './events.ts';
import { snapshotOf } from './snapshot.ts';

/** A decider of which every decision says more than others do: one that is audited also says what it changed. */
interface Deciding<C extends CommandBase, D extends Decided<unknown>> extends Omit<Decider<C, unknown>, 'decide'> {
  decide(...args: Parameters<Decider<C, unknown>['decide']>): D | 'stale';
}

/**
 * Writes down, in the same commit, what a decider changed, for those who want to hear of it. What happened is read off
 * the rows that it writes, so that no decider speaks of events. Where nobody listens, nothing is looked up and nothing
 * written.
 */
export function announced<C extends CommandBase, D extends Decided<unknown>>(decider: Deciding<C, D>): Deciding<C, D> {
  return {
    ...decider,
    decide(command, loaded, context) {
      const decided = decider.decide(command, loaded, context);
      if (decided === 'stale' || !isHeard(decided.writes, loaded)) return decided;
      return told(decided, changesOf(decided.writes, loaded), loaded, context.nowMs);
    },
  };
}

/** Something that happened to a verification, as it is from now on. */
export interface HeardOfVerification {
  readonly kind: EventKind;
  readonly verification: Verification;
  readonly send?: Send | undefined;
}

type HeardChange = HeardOfVerification | HeardOfUser;

const namesCallback = ({ terms }: Verification) => terms?.callbackUrl !== undefined;

/** Whether anybody could want to hear of it. */
function isHeard(writes: Writes, loaded: Loaded): boolean {
  if (loaded.endpoints().length > 0) return true;
  if (writes.newVerifications?.some(namesCallback) || writes.verifications?.some(namesCallback)) return true;
  return (
    writes.sends?.some(({ verificationId }) => {
      const verification = loaded.verification(verificationId);
      return verification !== undefined && namesCallback(verification);
    }) ?? false
  );
}

function changesOf(writes: Writes, loaded: Loaded): readonly HeardChange[] {
  const { newVerifications = [], verifications = [], newSends = [], sends = [] } = writes;
  const after = (id: string) =>
    [...newVerifications, ...verifications].find((one) => one.id === id) ?? loaded.verification(id);
  const ofSend = (send: Send, kind: EventKind): readonly HeardOfVerification[] => {
    const verification = after(send.verificationId);
    return verification === undefined || verification.status === 'refused' ? [] : [{ kind, verification, send }];
  };
  return [
    ...verifications.flatMap((verification) => {
      const { id, status } = verification;
      const changed = status !== loaded.verification(id)?.status && status !== 'pending' && status !== 'refused';
      return changed ? [{ kind: `verification.${status}` as const, verification }] : [];
    }),
    ...newVerifications
      .filter(({ status }) => status === 'pending')
      .map((verification) => ({ kind: 'verification.created' as const, verification })),
    ...newSends.flatMap((send) => [
      ...ofSend(send, 'send.created'),
      ...(send.status === 'queued' ? [] : ofSend(send, `send.${send.status}`)),
    ]),
    ...sends.flatMap((send) => {
      const { status } = send;
      return status === 'queued' || status === loaded.send(send)?.status ? [] : ofSend(send, `send.${status}`);
    }),
    ...(writes.people === undefined ? [] : userChangesOf(writes.people, loaded)),
  ];
}

/** A decision with what is to be told of it. */
export function told<D extends Decided<unknown>>(
  decided: D,
  changes: readonly HeardChange[],
  loaded: Loaded,
  nowMs: number,
): D {
  const endpoints = loaded.endpoints();
  const [newEvents, newDeliveries]: [StoredEvent[], WebhookDelivery[]] = [[], []];
  for (const change of changes) {
    const destinations = destinationsOf(change, endpoints);
    if (destinations.length === 0) continue;
    const { tenantId, id: verificationId } = 'about' in change ? change.about : change.verification;
    const own = newDeliveries.filter((delivery) => delivery.verificationId === verificationId);
    const earlier = [...loaded.deliveries(verificationId), ...own];
    const number = Math.max(0, ...earlier.map((delivery) => delivery.number)) + 1;
    const event: RecordedEvent = 'about' in change ? userEventOf(change, number, nowMs) : eventOf(change, nowMs);
    const { id, kind } = event;
    newEvents.push({ tenantId, verificationId, number, id, kind, atMs: nowMs, body: JSON.stringify(event) });
    for (const destination of destinations) {
      const behind = earlier.some((delivery) => delivery.destination === destination && isOpen(delivery));
      newDeliveries.push(deliveryOf({ tenantId, verificationId, number, destination }, event, behind));
    }
  }
  const newExpiries = expiriesOf(decided.writes, endpoints);
  if (newEvents.length === 0 && newExpiries.length === 0) return decided;
  const webhooks: WebhookWrites = {
    ...decided.writes.webhooks,
    newEvents,
    newDeliveries,
    ...(newExpiries.length === 0 ? {} : { newExpiries }),
  };
  return { ...decided, writes: { ...decided.writes, webhooks }, ...(newEvents.length === 0 ? {} : { tells: true }) };
}

function destinationsOf(change: HeardChange, endpoints: readonly WebhookEndpoint[]): readonly string[] {
  const { kind } = change;
  const wanting = endpoints.filter((endpoint) => wants(endpoint, kind)).map(({ id }) => id);
  if ('about' in change) return wanting;
  const { callbackUrl, callbackEvents = [] } = change.verification.terms ?? {};
  const host = callbackUrl !== undefined && callbackEvents.includes(kind) ? hostOf(callbackUrl) : undefined;
  return host === undefined ? wanting : [...wanting, `${callbackPrefix}${host}`];
}

/** What tells the destination of a callback from an endpoint's id. */
export const callbackPrefix = 'callback:';

function eventOf({ kind, verification, send }: HeardOfVerification, nowMs: number): VerificationEvent {
  const { tenantId, id } = verification;
  return {
    // Nothing is drawn: it is the same event whoever works it out.
    id: derivedUuid('event', tenantId, id, kind, send?.number ?? 0),
    kind,
    tenantId,
    atMs: nowMs,
    verification: snapshotOf(verification, nowMs),
    ...(send === undefined ? {} : { send: eventSend(send, verification) }),
  };
}

function eventSend({ number, channel, status, createdAtMs, reason }: Send, { sender }: Verification) {
  // Where the request named no sender, it is the service's, which is looked up when the event is told.
  return { number, channel, status, createdAtMs, sender: sender ?? '', ...(reason === undefined ? {} : { reason }) };
}

function deliveryOf(
  place: Pick<WebhookDelivery, 'tenantId' | 'verificationId' | 'number' | 'destination'>,
  { id, kind, atMs }: RecordedEvent,
  behind: boolean,
): WebhookDelivery {
  const status = behind ? 'waiting' : 'queued';
  const times = { dueAtMs: atMs, createdAtMs: atMs, beganAtMs: atMs };
  return { ...place, eventId: id, event: kind, status, attempts: 0, ...times };
}

/** New verifications whose running out somebody wants to hear of: nothing is written at that moment by itself. */
function expiriesOf({ newVerifications = [] }: Writes, endpoints: readonly WebhookEndpoint[]) {
  return newVerifications
    .filter((verification) => verification.status === 'pending')
    .filter((verification) => destinationsOf({ kind: 'verification.expired', verification }, endpoints).length > 0)
    .map(({ id, expiresAtMs }) => ({ verificationId: id, dueAtMs: expiresAtMs }));
}
