import { fullWindow, secondsUntil, type WindowFull, withOneMore } from '../../domain/limits.ts';
import { latestOf, newAddress, newRecipient, type RecipientState, withLatest } from '../../domain/recipient-state.ts';
import { newSend } from '../../domain/send.ts';
import { withMoment } from '../../domain/timeline.ts';
import {
  nextSendAfter,
  replaced,
  resendRefusal,
  resent,
  statusOf,
  type Verification,
} from '../../domain/verification.ts';
import type { CommandBase, Context, Decided, Decider, Loaded, Writes } from '../command.ts';
import { jobOf } from '../send-job.ts';
import { type Snapshot, snapshotOf } from '../snapshot.ts';

/** What a create says of the verification; time, status and counts are decided under the lock. */
export type RequestedVerification = Omit<
  Verification,
  | 'status'
  | 'createdAtMs'
  | 'expiresAtMs'
  | 'endedAtMs'
  | 'attemptsUsed'
  | 'sendsUsed'
  | 'nextSendAtMs'
  | 'timeline'
  | 'previousId'
> & { readonly ttlSeconds: number };

export interface CreateVerification extends CommandBase {
  readonly kind: 'create';
  readonly requested: RequestedVerification;
  /** What happens while another one is pending for the same service and recipient. */
  readonly whilePending: 'resume-or-replace' | 'separate';
  /** Canonical end-user address, where the caller passed one. */
  readonly address?: string | undefined;
  readonly providers: readonly string[];
  /** The process that will carry the message; absent to leave it to any. */
  readonly epoch?: string | undefined;
}

export interface Limited extends WindowFull {
  readonly kind: 'limited';
  readonly retryAfterSeconds: number;
  readonly scope: 'recipient' | 'address';
}

export function limited(scope: Limited['scope'], full: WindowFull, nowMs: number): Limited {
  return { kind: 'limited', scope, ...full, retryAfterSeconds: secondsUntil(full.retryAtMs, nowMs) };
}

export type CreateOutcome =
  | { readonly kind: 'created'; readonly verification: Snapshot }
  | {
      readonly kind: 'resumed';
      readonly sent: boolean;
      readonly nextSendAtMs?: number;
      readonly verification: Snapshot;
    }
  | Limited;

export const createVerification: Decider<CreateVerification, CreateOutcome> = {
  find: ({ requested }) => ({ recipients: [requested.recipient] }),
  reads({ requested, whilePending, address }, found) {
    const recipient = found.recipient(requested.recipient);
    const latest = recipient && latestOf(recipient, requested.service);
    return {
      recipients: [requested.recipient],
      ...(address === undefined ? {} : { addresses: [address] }),
      ...(latest === undefined || whilePending === 'separate' ? {} : { verifications: [latest.id] }),
    };
  },
  decide(command, loaded, context) {
    const { tenantId, requested } = command;
    const recipient = loaded.recipient(requested.recipient) ?? newRecipient(tenantId, requested.recipient);
    if (command.whilePending === 'separate') return create(command, recipient, undefined, loaded, context);

    const latest = latestOf(recipient, requested.service);
    if (latest !== undefined && !loaded.asked(latest.id)) return 'stale';
    const earlier = latest && loaded.verification(latest.id);
    const pending = earlier && statusOf(earlier, context.nowMs) === 'pending' ? earlier : undefined;
    if (pending !== undefined && pending.reference === requested.reference && pending.face === requested.face) {
      return resume(command, pending, recipient, loaded, context);
    }
    return create(command, recipient, pending, loaded, context);
  },
};

function create(
  command: CreateVerification,
  recipient: RecipientState,
  older: Verification | undefined,
  loaded: Loaded,
  context: Context,
): Decided<CreateOutcome> {
  const counted = count(command, recipient, loaded, context);
  if ('kind' in counted) return { writes: {}, outcome: counted };

  const { nowMs } = context;
  const verification = begin(command.requested, older, recipient.newestId, nowMs);
  const send = newSend(verification, command, nowMs);
  const { id, service, reference } = verification;
  const entry = { id, reference, createdAtMs: nowMs };
  const latest = command.whilePending === 'separate' ? recipient.latest : withLatest(recipient.latest, service, entry);
  const writes = {
    ...counted,
    recipients: counted.recipients.map((row) => ({ ...row, latest, newestId: id })),
    newVerifications: [verification],
    newSends: [send],
    ...(older === undefined ? {} : { verifications: [replaced(older, nowMs)] }),
  };
  const outcome = { kind: 'created', verification: snapshotOf(verification, nowMs) } as const;
  return { writes, outcome, job: command.epoch === undefined ? undefined : jobOf(verification, send) };
}

/** The same verification again: another message when the resend rules allow one, and never an error. */
function resume(
  command: CreateVerification,
  pending: Verification,
  recipient: RecipientState,
  loaded: Loaded,
  context: Context,
): Decided<CreateOutcome> {
  const { nowMs } = context;
  const unsent = (nextSendAtMs?: number): Decided<CreateOutcome> => {
    const verification = snapshotOf(pending, nowMs);
    const next = nextSendAtMs === undefined ? {} : { nextSendAtMs };
    return { writes: {}, outcome: { kind: 'resumed', sent: false, verification, ...next } };
  };
  const refusal = resendRefusal(pending, nowMs);
  if (refusal !== undefined) return unsent(refusal.kind === 'too-soon' ? refusal.nextSendAtMs : undefined);
  const counted = count(command, recipient, loaded, context);
  if ('kind' in counted) return unsent(counted.retryAtMs);

  const verification = resent(pending, command.requested.channel, undefined, nowMs);
  const send = newSend(verification, command, nowMs);
  const snapshot = snapshotOf(verification, nowMs);
  return {
    writes: { ...counted, verifications: [verification], newSends: [send] },
    outcome: { kind: 'resumed', sent: true, verification: snapshot },
    job: command.epoch === undefined ? undefined : jobOf(verification, send),
  };
}

/** Charges the limits of recipient and address, or says which is used up. */
function count(
  { tenantId, address }: CreateVerification,
  recipient: RecipientState,
  loaded: Loaded,
  { limits, nowMs }: Context,
): Limited | (Writes & { readonly recipients: readonly RecipientState[] }) {
  const recipientFull = fullWindow(recipient.sendTimes, limits.recipientSends, nowMs);
  if (recipientFull !== undefined) return limited('recipient', recipientFull, nowMs);
  const sendTimes = withOneMore(recipient.sendTimes, limits.recipientSends, nowMs);
  const recipients = [{ ...recipient, sendTimes, updatedAtMs: nowMs }];
  if (address === undefined) return { recipients };

  const from = loaded.address(address) ?? newAddress(tenantId, address);
  const addressFull = fullWindow(from.createTimes, limits.addressCreates, nowMs);
  if (addressFull !== undefined) return limited('address', addressFull, nowMs);
  const createTimes = withOneMore(from.createTimes, limits.addressCreates, nowMs);
  return { recipients, addresses: [{ ...from, createTimes, updatedAtMs: nowMs }] };
}

/** A new verification. Attempts used on the one it replaces are carried over, but for one that it keeps. */
function begin(
  requested: RequestedVerification,
  older: Verification | undefined,
  previousId: string | undefined,
  nowMs: number,
): Verification {
  const created = withMoment('', 'created', nowMs);
  return {
    tenantId: requested.tenantId,
    id: requested.id,
    service: requested.service,
    face: requested.face,
    recipient: requested.recipient,
    country: requested.country,
    channel: requested.channel,
    reference: requested.reference,
    locale: requested.locale,
    sender: requested.sender,
    template: requested.template,
    metadata: requested.metadata,
    signals: requested.signals,
    attemptsMax: requested.attemptsMax,
    code: requested.code,
    previousId,
    status: 'pending',
    createdAtMs: nowMs,
    expiresAtMs: nowMs + requested.ttlSeconds * 1000,
    endedAtMs: undefined,
    attemptsUsed: Math.min(older?.attemptsUsed ?? 0, requested.attemptsMax - 1),
    sendsUsed: 1,
    nextSendAtMs: nextSendAfter(1, nowMs),
    timeline: older === undefined ? created : withMoment(created, 'carried-over', nowMs),
  };
}
