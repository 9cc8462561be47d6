import type { RefusalReason } from '../../domain/verification.ts';
import type { NotFound } from '../../engine/commands/check-verification.ts';
import type { FeedbackOutcome } from '../../engine/commands/record-feedback.ts';
import type { Invalid } from '../../engine/create-request.ts';
import type { Snapshot } from '../../engine/snapshot.ts';
import type { EdgeError } from '../../http/edge-error.ts';
import { edgeStatus, edgeWords } from '../../http/edge-words.ts';
import { type AnswerParts, type Answers, createAnswers, type Fault, retryAfter } from '../../http/refusal.ts';
import { iso } from '../../http/times.ts';
import type { OutcomeOf } from '../../http/vendor-face.ts';

/** Every `code` that the clients know: their enumeration is closed. Source: Ding API reference, "Error codes". */
export const codes = {
  account_invalid: 'The customer UUID is not that of the API key.',
  bad_request: 'The request does not have the documented form.',
  invalid_phone_number: 'The phone number is not a possible number in E.164 form, such as +33612345678.',
  invalid_line: 'The phone number is of a kind that takes no messages.',
  unsupported_region: 'The country of the phone number is not served.',
  blocked_number: 'The phone number is blocked.',
  negative_balance: 'The balance does not cover a message.',
  suspended_account: 'The customer may not send at present.',
  invalid_auth_uuid: 'There is no authentication of this customer with this UUID.',
  invalid_app_realm: 'The app realm is not an Android hash of 11 characters.',
  app_realm_require_device_type: 'An app realm needs the device type ANDROID.',
  unsupported_app_realm_device_type: 'An app realm is possible with the device type ANDROID alone.',
  invalid_app_version: 'The app version is longer than 128 characters or has control characters.',
  invalid_os_version: 'The OS version is longer than 128 characters or has control characters.',
  invalid_device_model: 'The device model is longer than 128 characters or has control characters.',
  invalid_device_id: 'The device id is longer than 128 characters or has control characters.',
  invalid_template_id: 'The customer has no template with this id.',
  invalid_sender_id: 'The sender id is neither 3 to 11 letters and digits nor a number.',
  unauthorized_sender_id: 'The sender id is not registered for the customer.',
  no_associated_auth_found: 'The phone number has had no authentication.',
  duplicated_feedback_status: 'The same feedback was given for the phone number before.',
  invalid_feedback_status: 'The feedback status is neither onboarded nor not_onboarded.',
  internal_server_error: 'Something failed on our side.',
} as const;
export type Code = keyof typeof codes;

export type DingFault = Fault<Code>;

/** @param status - of HTTP */
export function bad(message: string, status = 400): DingFault {
  return { code: 'bad_request', status, message };
}

/** How everything that is not a success is answered. */
export function dingAnswers({ publicUrl = '' }: Pick<AnswerParts, 'publicUrl'>): Answers<DingFault | 'forbidden'> {
  const prefix = '/ding/v1';
  return createAnswers({
    prefix,
    name: 'ding',
    contentType: 'application/json',
    edge: edgeFault,
    refusal(fault) {
      if (fault === 'forbidden') return { status: 403, body: { message: 'Forbidden' } };
      const { code, message = codes[code], status = 400, retryAfterSeconds } = fault;
      const doc_url = `${publicUrl}${prefix}/errors#${code}`;
      return { status, headers: retryAfter(retryAfterSeconds), body: { code, message, doc_url } };
    },
  });
}

function edgeFault(error: EdgeError): DingFault | 'forbidden' {
  if (error.kind === 'unauthorized' || error.kind === 'forbidden') return 'forbidden';
  const ours = error.kind === 'internal' || error.kind === 'unavailable';
  const code = ours ? 'internal_server_error' : 'bad_request';
  // Clients read the code of a 400 alone; those of Go and axios name another media type, or none, when they have no body.
  const status = error.kind === 'unsupported-media-type' ? 400 : edgeStatus[error.kind];
  return { code, status, message: edgeWords(error) };
}

/** A body to answer with, or what is wrong. */
export type Said = { readonly body: object } | { readonly fault: DingFault };

/** What each request about a verification that was only written down is told. */
const refusedAs = {
  limited: { create: 'rate_limited', check: 'rate_limited', retry: 'rate_limited' },
  fraud: { create: 'spam_detected', check: 'without_attempt', retry: 'no_attempt' },
} as const satisfies Record<RefusalReason, object>;

type Created = OutcomeOf<'createVerification'>;

export function createSaid(outcome: Created): Said {
  switch (outcome.kind) {
    case 'created':
      return authentication('pending', outcome.verification);
    case 'resumed':
      return authentication(outcome.sent ? 'pending' : 'rate_limited', outcome.verification);
    case 'refused':
      return authentication(refusedAs[outcome.reason].create, outcome.verification);
    default:
      return { fault: unsentFault(outcome) };
  }
}

function authentication(status: 'pending' | 'rate_limited' | 'spam_detected', verification: Snapshot): Said {
  const { id, createdAtMs, expiresAtMs } = verification;
  return { body: { authentication_uuid: id, status, created_at: iso(createdAtMs), expires_at: iso(expiresAtMs) } };
}

type CheckStatus = 'valid' | 'invalid' | 'already_validated' | 'expired_auth' | 'rate_limited' | 'without_attempt';
type Checked = OutcomeOf<'checkVerification'>;

const checks = {
  verified: 'valid',
  'wrong-code': 'invalid',
  'already-verified': 'already_validated',
  // Cancelled or replaced through another API: from then on it is of no use, as one that ran out.
  cancelled: 'expired_auth',
  expired: 'expired_auth',
  exhausted: 'rate_limited',
  locked: 'rate_limited',
  unsent: 'without_attempt',
  'not-found': { code: 'invalid_auth_uuid' },
  invalid: { code: 'bad_request' },
  'idempotency-mismatch': { code: 'bad_request' },
} as const satisfies Record<Exclude<Checked['kind'], 'refused'>, CheckStatus | DingFault>;

export function checkSaid(outcome: Checked, id: string): Said {
  const said = outcome.kind === 'refused' ? refusedAs[outcome.reason].check : checks[outcome.kind];
  return typeof said === 'string' ? { body: { authentication_uuid: id, status: said } } : { fault: said };
}

type RetryStatus = 'approved' | 'denied' | 'no_attempt' | 'rate_limited' | 'expired_auth' | 'already_validated';
type Retried = OutcomeOf<'resendVerification'>;

const ends = {
  verified: 'already_validated',
  failed: 'rate_limited',
  expired: 'expired_auth',
  cancelled: 'expired_auth',
} as const satisfies Record<Extract<Retried, { kind: 'ended' }>['status'], RetryStatus>;

export function retrySaid(outcome: Retried): Said {
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
      return retry(refusedAs[outcome.reason].retry, outcome.verification);
    case 'unsent':
      return retry('no_attempt', outcome.verification);
    case 'limited':
      return retry('rate_limited', outcome.verification, outcome.retryAtMs);
    default:
      return { fault: unsentFault(outcome) };
  }
}

/** Where no retry is possible any more, its date is that of the end. */
function retry(status: RetryStatus, verification: Snapshot, nextAtMs = verification.nextSendAtMs): Said {
  const { id, createdAtMs, expiresAtMs, sendsLeft: remaining_retry } = verification;
  const [created_at, next_retry_at] = [iso(createdAtMs), iso(nextAtMs ?? expiresAtMs)];
  return { body: { authentication_uuid: id, status, created_at, next_retry_at, remaining_retry } };
}

type Unsent = Exclude<Created, { readonly kind: 'created' | 'resumed' | 'refused' }> | NotFound;
type Waiting = Extract<Unsent, { readonly retryAfterSeconds: number }>;

const unsent = {
  'country-not-allowed': 'unsupported_region',
  'line-not-served': 'invalid_line',
  'sender-not-approved': 'unauthorized_sender_id',
  'insufficient-balance': 'negative_balance',
  'ceiling-not-set': 'suspended_account',
  'idempotency-mismatch': 'bad_request',
  'not-found': 'invalid_auth_uuid',
} as const satisfies Record<Exclude<Unsent, Waiting | Invalid>['kind'], Code>;

const faultyFields: Readonly<Record<string, Code>> = {
  recipient: 'invalid_phone_number',
  service: 'invalid_template_id',
};

function unsentFault(outcome: Unsent): DingFault {
  if (outcome.kind === 'invalid') return { code: faultyFields[outcome.field] ?? 'bad_request' };
  if (!('retryAfterSeconds' in outcome)) return { code: unsent[outcome.kind] };
  const { retryAfterSeconds } = outcome;
  return { ...bad(`Wait ${retryAfterSeconds} s.`, 429), retryAfterSeconds };
}

const feedbacks = {
  duplicate: 'duplicated_feedback_status',
  'no-verification': 'no_associated_auth_found',
  invalid: 'invalid_phone_number',
} as const satisfies Record<Exclude<FeedbackOutcome | Invalid, { kind: 'recorded' }>['kind'], Code>;

export function feedbackSaid(outcome: FeedbackOutcome | Invalid): Said {
  return outcome.kind === 'recorded' ? { body: { uuid: outcome.id } } : { fault: { code: feedbacks[outcome.kind] } };
}
