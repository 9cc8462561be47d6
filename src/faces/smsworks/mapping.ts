import type { VerificationStatus } from '../../domain/verification.ts';
import type { Balance } from '../../engine/balance.ts';
import type { VerificationRequest } from '../../engine/create-request.ts';
import type { CallbackFace, EventKind, VerificationEvent } from '../../engine/events.ts';
import type { FaceWishes } from '../../engine/face-wishes.ts';
import type { Snapshot } from '../../engine/snapshot.ts';
import { unreadable } from '../../http/loose-fields.ts';
import { iso } from '../../http/times.ts';
import type { readSend } from './wire.ts';

/* The vendor's words to ours, and back. */

/** A credit is a part of a message in the United Kingdom. */
const microsPerCredit = 1_000_000;
/** Shown where the tenant does not pay beforehand. */
const creditsWithoutBalance = 1_000_000;

/** What a delivery report is about. */
const reported = ['send.submitted', 'send.delivered', 'send.undelivered', 'send.failed', 'send.dropped'] as const;

/** @param recipient - as `recipientOf` read it */
export function toRequest(input: ReturnType<typeof readSend>, recipient: string): VerificationRequest {
  const { sender, length, template, validity, passcode, metadata } = input;
  return {
    recipient,
    channel: 'sms',
    sender,
    codeLength: length,
    template,
    ttlSeconds: validity,
    code: passcode,
    metadata,
    wishes,
  };
}

const wishes: FaceWishes = {
  possibleNumbers: true,
  ownRanges: true,
  byCodeAlone: true,
  whilePending: 'separate',
  priced: { perPartMicros: microsPerCredit },
  terms: { placeholder: 'passcode', showsCode: true, callbackEvents: reported },
};

/**
 * A number as people of the vendor's country write it, in E.164.
 * @param countryCode - of numbers that name none
 * @throws EdgeRefusal when it cannot be one
 */
export function recipientOf(destination: string, countryCode: string): string {
  const digits = destination.replace(/[ .()[\]-]/g, '').replace(/^(?:\+|00)/, '+');
  const whole = digits.startsWith('+')
    ? digits.slice(1)
    : digits.replace(/^0/, countryCode).replace(/^7[0-9]{9}$/, `${countryCode}$&`);
  if (/^[1-9][0-9]{7,14}$/.test(whole)) return `+${whole}`;
  throw unreadable('destination', 'must be a phone number of 8 to 15 digits');
}

/** The answer to a send. The clients of some languages refuse any other field, and null in the place of a number. */
export function sentBody({ id, terms }: Snapshot, balance: Pick<Balance, 'balanceMicros'>) {
  const parts = terms?.parts ?? 1;
  return {
    messageid: id,
    status: 'SENT',
    credits: creditsOf(balance),
    creditsUsed: (terms?.priceMicros ?? parts * microsPerCredit) / microsPerCredit,
    messageparts: parts,
  };
}

export function creditsOf({ balanceMicros }: Pick<Balance, 'balanceMicros'>): number {
  return balanceMicros === undefined ? creditsWithoutBalance : balanceMicros / microsPerCredit;
}

/** The vendor knows these; a verification that ended otherwise was not ended through this face. */
const statuses = {
  pending: 'SENT',
  verified: 'VERIFIED',
  expired: 'EXPIRED',
  failed: 'EXPIRED',
  cancelled: 'EXPIRED',
  refused: 'EXPIRED',
} as const satisfies Record<VerificationStatus, string>;

/** @param passcode - where it may be shown; it is a number to the vendor, so that one that is none is left out */
export function otpBody(verification: Snapshot, passcode: string | undefined) {
  const { recipient, status, createdAtMs, expiresAtMs, endedAtMs, metadata } = verification;
  return {
    destination: digitsOf(recipient),
    status: statuses[status],
    ...(passcode !== undefined && /^[0-9]{1,15}$/.test(passcode) ? { passcode: Number(passcode) } : {}),
    validity: (expiresAtMs - createdAtMs) / 1000,
    metadata: metadata === undefined ? {} : (JSON.parse(metadata) as object),
    created: iso(createdAtMs),
    expires: iso(expiresAtMs),
    modified: iso(endedAtMs ?? createdAtMs),
  };
}

function digitsOf(recipient: string): string {
  return recipient.replace('+', '');
}

type Report = readonly [status: string, failure: object | null];

const failure = (code: number, details: string) => ({ code, details, permanent: true });

const reports: Readonly<Partial<Record<EventKind, Report>>> = {
  'send.submitted': ['SENT', null],
  'send.delivered': ['DELIVERED', null],
  'send.undelivered': ['UNDELIVERABLE', failure(1, 'The message was not delivered')],
  'send.failed': ['REJECTED', failure(2, 'No provider took the message')],
  'send.dropped': ['EXPIRED', failure(3, 'The message was not sent in time')],
} satisfies Record<(typeof reported)[number], Report>;

/** Delivery reports: unsigned, and without passcode or text. */
export const smsworksCallbacks: CallbackFace = {
  name: 'smsworks',
  word({ kind, atMs, verification, send }: VerificationEvent) {
    const report = reports[kind];
    if (report === undefined || send === undefined) return undefined;
    const [status, failurereason] = report;
    return JSON.stringify({
      messageid: verification.id,
      status,
      destination: Number(digitsOf(verification.recipient)),
      sender: send.sender,
      created: iso(send.createdAtMs),
      modified: iso(atMs),
      failurereason,
    });
  },
};
