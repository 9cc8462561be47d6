import type { Static } from 'typebox';
import { amountOf } from '../../domain/price.ts';
import type { Send } from '../../domain/send.ts';
import type { CheckOutcome } from '../../domain/verification.ts';
import type { Balance } from '../../engine/balance.ts';
import type { Checked } from '../../engine/commands/check-verification.ts';
import type { CreateOutcome } from '../../engine/commands/create-verification.ts';
import type { Repeatable } from '../../engine/committing.ts';
import type { VerificationRequest } from '../../engine/create-request.ts';
import type { ListAnswer, VerificationDetails } from '../../engine/engine.ts';
import type { Snapshot } from '../../engine/snapshot.ts';
import { iso, isoOrNull } from '../../http/times.ts';
import type {
  balanceReply,
  checkReply,
  createBody,
  createReply,
  detailsReply,
  listReply,
  verificationReply,
} from './wire.ts';

/* Our words to those of the wire. */

type CreateBody = Static<typeof createBody>;

/** @param address - of the end user, canonical */
export function toRequest(
  body: CreateBody,
  address: string | undefined,
  { idempotencyKey }: Repeatable,
): VerificationRequest & Repeatable {
  // One literal: an object put together from pieces is dear to make.
  return {
    recipient: body.recipient,
    country: body.country,
    channel: body.channel,
    service: body.service,
    locale: body.locale,
    codeLength: body.codeLength,
    codeAlphabet: body.codeAlphabet,
    ttlSeconds: body.ttlSeconds,
    maxAttempts: body.maxAttempts,
    reference: body.reference,
    metadata: body.metadata,
    sender: body.sender,
    template: body.template,
    signals: body.signals,
    code: body.code,
    address,
    idempotencyKey,
  } satisfies Record<keyof CreateBody, unknown> & VerificationRequest & Repeatable;
}

export function balanceBody({ balanceMicros, currency }: Balance): Static<typeof balanceReply> {
  const balance = balanceMicros === undefined ? null : amountOf(balanceMicros);
  return { prepaid: balance !== null, balance, currency };
}

export function verificationBody(snapshot: Snapshot): Static<typeof verificationReply> {
  return {
    id: snapshot.id,
    status: snapshot.status,
    recipient: snapshot.recipient,
    country: snapshot.country ?? null,
    channel: snapshot.channel,
    service: snapshot.service,
    reference: snapshot.reference ?? null,
    locale: snapshot.locale ?? null,
    metadata: snapshot.metadata === undefined ? null : JSON.parse(snapshot.metadata),
    createdAt: iso(snapshot.createdAtMs),
    expiresAt: iso(snapshot.expiresAtMs),
    endedAt: isoOrNull(snapshot.endedAtMs),
    refusal: snapshot.refusal ?? null,
    test: snapshot.test,
    attemptsLeft: snapshot.attemptsLeft,
    sendsLeft: snapshot.sendsLeft,
    nextSendAt: isoOrNull(snapshot.nextSendAtMs),
  };
}

type Made = Extract<CreateOutcome, { kind: 'created' | 'resumed' }>;

export function createdBody(outcome: Made): Static<typeof createReply> {
  const body = verificationBody(outcome.verification);
  // Added to what was just made: another object with all of it costs more than all of it did.
  if (outcome.kind === 'created') return Object.assign(body, { resumed: false, sent: true });
  const nextSendAt = outcome.nextSendAtMs === undefined ? body.nextSendAt : iso(outcome.nextSendAtMs);
  return { ...body, nextSendAt, resumed: true, sent: outcome.sent };
}

const results = {
  verified: 'verified',
  'wrong-code': 'wrong_code',
  expired: 'expired',
  exhausted: 'exhausted',
  'already-verified': 'already_verified',
  cancelled: 'cancelled',
  refused: 'refused',
  unsent: 'unsent',
} as const satisfies Record<CheckOutcome['kind'], Static<typeof checkReply>['result']>;

export function checkedBody({ kind, verification }: Checked): Static<typeof checkReply> {
  return {
    result: results[kind],
    attemptsLeft: verification.attemptsLeft,
    verification: verificationBody(verification),
  };
}

export function detailsBody({ verification, timeline, sends }: VerificationDetails): Static<typeof detailsReply> {
  return {
    ...verificationBody(verification),
    timeline: timeline.map(({ moment, atMs }) => ({ event: moment.replaceAll('-', '_'), at: iso(atMs) })),
    sends: sends.map(sendBody),
  };
}

function sendBody(send: Send): Static<typeof detailsReply>['sends'][number] {
  const { number, channel, status, tries, possibleDuplicate, createdAtMs, endedAtMs } = send;
  const [provider = null] = send.providers;
  const reason = send.reason?.replaceAll('-', '_') ?? null;
  const [createdAt, endedAt] = [iso(createdAtMs), isoOrNull(endedAtMs)];
  return { number, channel, status, provider, tries, reason, possibleDuplicate, createdAt, endedAt };
}

export function listBody({ verifications, nextBefore }: ListAnswer): Static<typeof listReply> {
  return { verifications: verifications.map(verificationBody), nextCursor: nextBefore ?? null };
}
