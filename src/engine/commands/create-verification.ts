import { latestOf, newRecipient, type RecipientState, withLatest } from '../../domain/recipient-state.ts';
import { newSend } from '../../domain/send.ts';
import { withMoment } from '../../domain/timeline.ts';
import {
  type NewCode,
  nextSendAfter,
  replaced,
  resendRefusal,
  resent,
  statusOf,
  type Verification,
} from '../../domain/verification.ts';
import { charge, chargeReads, type NotCharged, paid } from '../charge.ts';
import {
  type CodeCandidate,
  type CodeLookup,
  type CodeTaken,
  freeCandidate,
  lookupWrites,
  tagsOf,
} from '../code-lookup.ts';
import type { CommandBase, Context, Decided, Decider, Loaded } from '../command.ts';
import { type Refused, recordRefusal } from '../refusals.ts';
import { type Carriers, carrierAfter } from '../send-carrier.ts';
import { jobFor } from '../send-job.ts';
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

export interface CreateVerification extends CommandBase, Pick<Carriers, 'providers' | 'retries'> {
  readonly kind: 'create';
  readonly requested: RequestedVerification;
  /**
   * What happens while another one is pending for the same service and recipient. `resume` takes one of the same face
   * whatever its reference; one of another face is replaced all the same.
   */
  readonly whilePending: 'resume-or-replace' | 'resume' | 'separate';
  /** For the one that is resumed, if another message of it goes out. */
  readonly newCode?: NewCode | undefined;
  /** Over the limits it is written down as refused. */
  readonly recordsRefusals?: true | undefined;
  /** Present when it is to be found by its code alone. */
  readonly lookup?: CodeLookup | undefined;
  /** Canonical end-user address, where the caller passed one. */
  readonly address?: string | undefined;
  /** The process that will carry the message; absent to leave it to any. */
  readonly epoch?: string | undefined;
}

export type CreateOutcome =
  /** `balanceMicros`: what the tenant has left, where it pays beforehand. */
  | { readonly kind: 'created'; readonly verification: Snapshot; readonly balanceMicros?: number | undefined }
  | Refused
  | {
      readonly kind: 'resumed';
      readonly sent: boolean;
      readonly nextSendAtMs?: number;
      readonly verification: Snapshot;
    }
  | NotCharged;

export const createVerification: Decider<CreateVerification, CreateOutcome | CodeTaken> = {
  find: ({ requested }) => ({ recipients: [requested.recipient] }),
  reads({ requested, whilePending, address, recordsRefusals, lookup }, found) {
    const recipient = found.recipient(requested.recipient);
    const latest = recipient && latestOf(recipient, requested.service);
    const verifications = latest === undefined || whilePending === 'separate' ? [] : [latest.id];
    const refused = recordsRefusals === true ? recipient?.remarks?.refusals?.lastId : undefined;
    if (refused !== undefined) verifications.push(refused);
    const { tenant, usage, addresses } = chargeReads(address);
    return {
      tenant,
      usage,
      addresses,
      recipients: [requested.recipient],
      verifications,
      codeTags: lookup && tagsOf(lookup),
      codeGuesses: lookup !== undefined,
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
    const any = command.whilePending === 'resume';
    if (pending?.face === requested.face && (any || pending.reference === requested.reference)) {
      return resume(command, pending, recipient, loaded, context);
    }
    return create(command, recipient, pending, loaded, context);
  },
};

/**
 * A new verification in the place of one that the caller names, which is cancelled, whatever else is pending for the
 * recipient. @param older - pending still
 */
export function createInPlaceOf(
  older: Verification | undefined,
  command: Omit<CreateVerification, 'lookup'>,
  loaded: Loaded,
  context: Context,
): Decided<CreateOutcome> | 'stale' {
  const { tenantId, requested } = command;
  const recipient = loaded.recipient(requested.recipient) ?? newRecipient(tenantId, requested.recipient);
  const created = create({ ...command, whilePending: 'separate' }, recipient, older, loaded, context);
  // Only a code that is looked up by itself can be taken.
  return created as Decided<CreateOutcome> | 'stale';
}

function create(
  command: CreateVerification,
  recipient: RecipientState,
  older: Verification | undefined,
  loaded: Loaded,
  context: Context,
): Decided<CreateOutcome | CodeTaken> | 'stale' {
  const { tenantId, address, requested } = command;
  const asked = { tenantId, address, test: requested.test === true, priceMicros: requested.terms?.priceMicros };
  const charged = charge(asked, recipient, loaded, context);
  const { nowMs } = context;
  if (charged.kind === 'limited' && command.recordsRefusals === true) {
    return recordRefusal(begin(requested, undefined, recipient.newestId, nowMs), recipient, loaded, nowMs);
  }
  if (charged.kind !== 'charged') return { writes: {}, outcome: charged };

  const { lookup } = command;
  const free = lookup && freeCandidate(lookup, loaded, nowMs);
  if (lookup !== undefined && free === undefined) return { writes: {}, outcome: { kind: 'code-taken' } };
  const verification = begin(withCode(requested, free), older, recipient.newestId, nowMs);
  const send = paid(newSend(verification, command, nowMs), charged);
  const { id, service, reference } = verification;
  const entry = { id, reference, createdAtMs: nowMs };
  const latest = command.whilePending === 'separate' ? recipient.latest : withLatest(recipient.latest, service, entry);
  const found = lookup && free && lookupWrites(lookup, free, verification, loaded.codeGuesses(), nowMs);
  const writes = {
    addresses: charged.writes.addresses,
    usage: charged.writes.usage,
    recipients: [{ ...charged.recipient, latest, newestId: id }],
    newVerifications: [verification],
    newSends: [send],
    verifications: older && [replaced(older, nowMs)],
    newCodeTags: found?.newCodeTags,
    codeGuesses: found?.codeGuesses,
  };
  const { balanceMicros } = charged;
  const created = { kind: 'created', verification: snapshotOf(verification, nowMs) } as const;
  const outcome = balanceMicros === undefined ? created : { ...created, balanceMicros };
  return { writes, outcome, job: jobFor(verification, send), notice: charged.notice };
}

function withCode(requested: RequestedVerification, free: CodeCandidate | undefined): RequestedVerification {
  if (free === undefined) return requested;
  const { generation, length } = free;
  if (generation === requested.code.generation && length === requested.code.length) return requested;
  return { ...requested, code: { ...requested.code, generation, length } };
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
  const { tenantId, address, requested } = command;
  const { retries, providers, epoch, newCode } = command;
  const carrier = carrierAfter(pending.sendsUsed, { channel: requested.channel, providers, retries });
  const priceMicros = carrier.priceMicros ?? requested.terms?.priceMicros;
  const asked = { tenantId, address, test: pending.test === true, priceMicros };
  const charged = charge(asked, recipient, loaded, context);
  if (charged.kind !== 'charged' && command.whilePending === 'resume' && charged.kind !== 'limited') {
    // A vendor's face has words for what only its customer can put right.
    return { writes: {}, outcome: charged };
  }
  if (charged.kind !== 'charged') return unsent('retryAtMs' in charged ? charged.retryAtMs : undefined);

  const verification = resent(pending, carrier.channel, pending.test === true ? undefined : newCode, nowMs);
  const send = paid(newSend(verification, { providers: carrier.providers, epoch }, nowMs), charged);
  const snapshot = snapshotOf(verification, nowMs);
  return {
    writes: {
      ...charged.writes,
      recipients: [charged.recipient],
      verifications: [verification],
      newSends: [send],
    },
    outcome: { kind: 'resumed', sent: true, verification: snapshot },
    job: jobFor(verification, send),
    notice: charged.notice,
  };
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
    test: requested.test,
    terms: requested.terms,
    previousId,
    status: 'pending',
    createdAtMs: nowMs,
    expiresAtMs: nowMs + Math.round(requested.ttlSeconds * 1000),
    endedAtMs: undefined,
    attemptsUsed: Math.min(older?.attemptsUsed ?? 0, requested.attemptsMax - 1),
    sendsUsed: 1,
    nextSendAtMs: nextSendAfter(1, nowMs),
    timeline: older === undefined ? created : withMoment(created, 'carried-over', nowMs),
  };
}
