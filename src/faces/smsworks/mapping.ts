import type { VerificationStatus } from '../../domain/verification.ts';
import type { Balance } from '../../engine/balance.ts';
import type { VerificationRequest } from '../../engine/create-request.ts';
import type { CallbackFace, EventKind, VerificationEvent } from '../../engine/events.ts';
import type { Snapshot } from '../../engine/snapshot.ts';
import { iso } from '../../http/times.ts';
import type { SendInput } from './wire.ts';

/* The vendor's words to ours, and back. */

/** A credit is a part of a message in the United Kingdom. */
const microsPerCredit = 1_000_000;
/** Shown where the tenant does not pay beforehand. */
const creditsWithoutBalance = 1_000_000;

/** What a delivery report is about. */
const reported = ['send.submitted', 'send.delivered', 'send.undelivered', 'send.failed', 'send.dropped'] as const;

/** @param recipient - as `recipientOf` read it */
export function toRequest(input: SendInput, recipient: string): VerificationRequest {
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
    wishes: {
      possibleNumbers: true,
      ownRanges: true,
      byCodeAlone: true,
      whilePending: 'separate',
      priced: { perPartMicros: microsPerCredit },
      terms: { placeholder: 'passcode', showsCode: true, callbackEvents: reported },
    },
  };
}

/**
 * A number as people of the vendor's country write it, in E.164.
 * @param countryCode - of numbers that name none
 * @returns undefined when it cannot be one
 */
export function recipientOf(destination: string, countryCode: string): string | undefined {
  const digits = destination.replace(/[ .()[\]-]/g, '').replace(/^(?:\+|00)/, '+');
  const whole = digits.startsWith('+')
    ? digits.slice(1)
    : digits.replace(/^0/, countryCode).replace(/^7[0-9]{9}$/, `${countryCode}$&`);
  return /^[1-9][0-9]{7,14}$/.test(whole) ? `+${whole}` : undefined;
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

/** What stands in the place of a number once retention took it is none. */
export function isForgotten({ recipient }: Pick<Snapshot, 'recipient'>): boolean {
  return !recipient.startsWith('+');
}

function digitsOf(recipient: string): string {
  return recipient.replace('+', '');
}

interface Report {
  readonly status: string;
  readonly failure?: { readonly code: number; readonly details: string; readonly permanent: boolean };
}

const reports: Readonly<Partial<Record<EventKind, Report>>> = {
  'send.submitted': { status: 'SENT' },
  'send.delivered': { status: 'DELIVERED' },
  'send.undelivered': {
    status: 'UNDELIVERABLE',
    failure: { code: 1, details: 'The message was not delivered', permanent: true },
  },
  'send.failed': { status: 'REJECTED', failure: { code: 2, details: 'No provider took the message', permanent: true } },
  'send.dropped': {
    status: 'EXPIRED',
    failure: { code: 3, details: 'The message was not sent in time', permanent: true },
  },
} satisfies Record<(typeof reported)[number], Report>;

/** Delivery reports: unsigned, and without passcode or text. */
export const smsworksCallbacks: CallbackFace = {
  name: 'smsworks',
  word({ kind, atMs, verification, send }: VerificationEvent) {
    const report = reports[kind];
    if (report === undefined || send === undefined) return undefined;
    return JSON.stringify({
      messageid: verification.id,
      status: report.status,
      destination: Number(digitsOf(verification.recipient)),
      sender: send.sender,
      created: iso(send.createdAtMs),
      modified: iso(atMs),
      failurereason: report.failure ?? null,
    });
  },
};
