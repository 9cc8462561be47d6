import { type LineKind, lineOf } from '../../domain/line.ts';
import { isProblem, parseRecipient } from '../../domain/recipient.ts';
import type { CheckAnswer } from '../../engine/commands/check-verification.ts';
import type { CreateOutcome } from '../../engine/commands/create-verification.ts';
import type { FeedbackOutcome } from '../../engine/commands/record-feedback.ts';
import type { ResendOutcome } from '../../engine/commands/resend-verification.ts';
import type { Invalid, NotServed, VerificationRequest } from '../../engine/create-request.ts';
import type { IdempotencyMismatch } from '../../engine/idempotency.ts';
import type { QueueFull } from '../../engine/send-backlog.ts';
import type { Snapshot } from '../../engine/snapshot.ts';
import { addressKey } from '../../http/client-address.ts';
import { iso } from '../../http/times.ts';
import { callbackEvents } from './callbacks.ts';
import type { Code, Fault } from './errors.ts';
import { type AuthenticationBody, knownLocale, signalNames } from './wire.ts';

/* Ding's words to ours, and ours to Ding's. Answers have exactly these fields, and never null. */

/** The first message and three retries. */
const sendsMax = 4;

export function toRequest(body: AuthenticationBody): VerificationRequest {
  const { ip, template_id, app_realm, callback_url: callbackUrl } = body;
  const given = signalNames.filter((name) => body[name] !== undefined).map((name) => [name, body[name]] as const);
  return {
    recipient: body.phone_number,
    address: ip === undefined ? undefined : addressKey(ip),
    service: template_id,
    reference: body.correlation_id,
    sender: body.sender_id,
    locale: knownLocale(body.locale),
    metadata: template_id === undefined ? undefined : { template_id },
    signals: given.length === 0 ? undefined : Object.fromEntries(given),
    wishes: {
      possibleNumbers: true,
      onlyMessageLines: true,
      whilePending: 'resume',
      newCode: true,
      recordsRefusals: true,
      priced: { perPartMicros: 0 },
      terms: {
        sendsMax,
        followed: true,
        callbackEvents,
        ...(callbackUrl === undefined ? {} : { callbackUrl }),
        ...(app_realm === undefined ? {} : { lastLine: app_realm }),
      },
    },
  };
}

/** A body to answer with, or what is wrong. */
export type Said = { readonly body: object } | { readonly fault: Fault };

type Refused = NotServed | Invalid | QueueFull | IdempotencyMismatch;

export function createSaid(outcome: CreateOutcome | Refused): Said {
  switch (outcome.kind) {
    case 'created':
      return authentication('pending', outcome.verification);
    case 'resumed':
      return authentication(outcome.sent ? 'pending' : 'rate_limited', outcome.verification);
    case 'refused':
      return authentication(outcome.reason === 'fraud' ? 'spam_detected' : 'rate_limited', outcome.verification);
    case 'limited':
      return { fault: later(outcome.retryAfterSeconds) };
    default:
      return { fault: refusedFault(outcome) };
  }
}

function authentication(status: 'pending' | 'rate_limited' | 'spam_detected', verification: Snapshot): Said {
  const { id, createdAtMs, expiresAtMs } = verification;
  return {
    body: { authentication_uuid: id, status, created_at: iso(createdAtMs), expires_at: iso(expiresAtMs) },
  };
}

type CheckStatus = 'valid' | 'invalid' | 'already_validated' | 'expired_auth' | 'rate_limited' | 'without_attempt';

export function checkSaid(outcome: CheckAnswer | Invalid | IdempotencyMismatch, id: string): Said {
  const status = checkStatus(outcome);
  return typeof status === 'string' ? { body: { authentication_uuid: id, status } } : { fault: status };
}

function checkStatus(outcome: CheckAnswer | Invalid | IdempotencyMismatch): CheckStatus | Fault {
  switch (outcome.kind) {
    case 'verified':
      return 'valid';
    case 'wrong-code':
      return 'invalid';
    case 'already-verified':
      return 'already_validated';
    // Cancelled or replaced through another API: from then on it is of no use, as one that ran out.
    case 'cancelled':
    case 'expired':
      return 'expired_auth';
    case 'exhausted':
    case 'locked':
      return 'rate_limited';
    case 'refused':
      return outcome.reason === 'fraud' ? 'without_attempt' : 'rate_limited';
    case 'unsent':
      return 'without_attempt';
    case 'not-found':
      return { code: 'invalid_auth_uuid' };
    case 'invalid':
    case 'idempotency-mismatch':
      return { code: 'bad_request' };
  }
}

type RetryStatus = 'approved' | 'denied' | 'no_attempt' | 'rate_limited' | 'expired_auth' | 'already_validated';

const ends = {
  verified: 'already_validated',
  failed: 'rate_limited',
  expired: 'expired_auth',
  cancelled: 'expired_auth',
} as const satisfies Record<Extract<ResendOutcome, { kind: 'ended' }>['status'], RetryStatus>;

export function retrySaid(outcome: ResendOutcome | Refused): Said {
  switch (outcome.kind) {
    case 'sent':
      return retry('approved', outcome.verification);
    case 'too-soon':
    case 'sends-exhausted':
    case 'expiring':
      return retry('denied', outcome.verification);
    case 'ended':
      return retry(ends[outcome.status], outcome.verification);
    case 'refused':
      return retry(outcome.reason === 'fraud' ? 'no_attempt' : 'rate_limited', outcome.verification);
    case 'unsent':
      return retry('no_attempt', outcome.verification);
    case 'limited':
      return retry('rate_limited', outcome.verification, outcome.retryAtMs);
    case 'not-found':
      return { fault: { code: 'invalid_auth_uuid' } };
    default:
      return { fault: refusedFault(outcome) };
  }
}

/** Where no retry is possible any more, its date is that of the end. */
function retry(status: RetryStatus, verification: Snapshot, nextAtMs = verification.nextSendAtMs): Said {
  const { id, createdAtMs, expiresAtMs, sendsLeft } = verification;
  return {
    body: {
      authentication_uuid: id,
      status,
      created_at: iso(createdAtMs),
      next_retry_at: iso(nextAtMs ?? expiresAtMs),
      remaining_retry: sendsLeft,
    },
  };
}

type Unsendable = Exclude<
  (CreateOutcome | Refused) & { readonly kind: string },
  { kind: 'created' | 'resumed' | 'refused' | 'limited' }
>;

function refusedFault(outcome: Unsendable): Fault {
  switch (outcome.kind) {
    case 'country-not-allowed':
      return { code: 'unsupported_region' };
    case 'line-not-served':
      return { code: 'invalid_line' };
    case 'sender-not-approved':
      return { code: 'unauthorized_sender_id' };
    case 'insufficient-balance':
      return { code: 'negative_balance' };
    case 'ceiling-not-set':
      return { code: 'suspended_account' };
    case 'ceiling-reached':
    case 'queue-full':
      return later(outcome.retryAfterSeconds);
    case 'invalid':
      return { code: faultyFields[outcome.field] ?? 'bad_request' };
    case 'idempotency-mismatch':
      return { code: 'bad_request' };
  }
}

const faultyFields: Readonly<Record<string, Code>> = {
  recipient: 'invalid_phone_number',
  service: 'invalid_template_id',
};

function later(retryAfterSeconds: number): Fault {
  return { code: 'bad_request', status: 429, message: `Wait ${retryAfterSeconds} s.`, retryAfterSeconds };
}

export function feedbackSaid(outcome: FeedbackOutcome | Invalid): Said {
  switch (outcome.kind) {
    case 'recorded':
      return { body: { uuid: outcome.id } };
    case 'duplicate':
      return { fault: { code: 'duplicated_feedback_status' } };
    case 'no-verification':
      return { fault: { code: 'no_associated_auth_found' } };
    case 'invalid':
      return { fault: { code: 'invalid_phone_number' } };
  }
}

/** Of the later ones, older clients refuse the whole answer. */
const lineTypes = {
  mobile: 'Mobile',
  'fixed-line': 'FixedLine',
  'fixed-line-or-mobile': 'Unknown',
  'toll-free': 'TollFree',
  'premium-rate': 'PremiumRate',
  'shared-cost': 'SharedCost',
  voip: 'Voip',
  personal: 'Service',
  pager: 'Pager',
  uan: 'UniversalAccess',
  voicemail: 'VoiceMail',
  satellite: 'Service',
  global: 'Service',
  unknown: 'Unknown',
} as const satisfies Record<LineKind, string>;

/** What the number itself tells: its country and its kind of line. */
export function lookupSaid(number: string): Said {
  const found = parseRecipient(number, { fictitious: true });
  if (isProblem(found) || found.kind !== 'phone') return { fault: { code: 'invalid_phone_number' } };
  const { value, country } = found;
  const known = country === undefined ? {} : { country_code: country };
  return { body: { phone_number: value, ...known, line_type: lineTypes[lineOf(value)] } };
}
