import type { CancelAnswer } from '../../engine/commands/cancel-verification.ts';
import type { CheckAnswer } from '../../engine/commands/check-verification.ts';
import type { CreateOutcome } from '../../engine/commands/create-verification.ts';
import type { Invalid, NotServed } from '../../engine/create-request.ts';
import type { IdempotencyMismatch } from '../../engine/idempotency.ts';
import type { QueueFull } from '../../engine/send-backlog.ts';
import type { EdgeError } from '../../http/edge-error.ts';

/* SMSCX, "Errors": four fields, with a type of a closed list. Clients branch on status, type and code, in this order. */

export type ErrorType =
  | 'access_denied'
  | 'insufficient_credit'
  | 'insufficient_scope'
  | 'invalid_api_key'
  | 'invalid_body'
  | 'invalid_client'
  | 'invalid_method'
  | 'invalid_param'
  | 'invalid_pin'
  | 'invalid_request'
  | 'invalid_scope'
  | 'not_found'
  | 'otp_cancelled'
  | 'otp_expired'
  | 'otp_failed'
  | 'otp_verified'
  | 'rate_limit'
  | 'server_error'
  | 'unsupported_grant_type';

type Row = readonly [status: number, type: ErrorType, message: string];

/** Every code there is. Those below 1100 are our own choice: the vendor's are not published. */
export const rows = {
  1000: [401, 'invalid_api_key', 'API key missing or not accepted'],
  1001: [401, 'invalid_client', 'Access token not accepted; it may have run out'],
  1002: [403, 'insufficient_scope', 'The credential lacks the scope for this'],
  1003: [400, 'invalid_body', 'The body must be a JSON object'],
  1004: [404, 'not_found', 'There is nothing at this address'],
  1005: [405, 'invalid_method', 'This address does not take this method'],
  1006: [429, 'rate_limit', 'Too many requests; try again at the stated time'],
  1007: [500, 'server_error', 'Something failed on our side'],
  1008: [400, 'invalid_request', 'The request cannot be read'],
  1009: [403, 'access_denied', 'This account may not send text messages yet; an operator has to set it up'],
  1113: [400, 'insufficient_credit', 'The balance does not cover this message'],
  1500: [404, 'not_found', 'There is no such application'],
  2001: [400, 'invalid_param', 'phoneNumber is missing or empty'],
  2002: [400, 'invalid_param', 'countryIso is missing or empty; a number without + needs it'],
  2003: [400, 'invalid_param', 'countryIso is no country; give two letters of ISO 3166, such as GB'],
  2004: [400, 'invalid_param', 'from is empty; leave it out for the default'],
  2005: [400, 'invalid_param', 'from must have 3 to 15 characters'],
  2006: [400, 'invalid_param', 'template must contain {{pin}}'],
  2007: [400, 'invalid_param', 'ttl is no whole number'],
  2008: [400, 'invalid_param', 'ttl must be at least 60 seconds'],
  2009: [400, 'invalid_param', 'ttl must be at most 1800 seconds'],
  2010: [400, 'invalid_param', 'maxAttempts is no whole number'],
  2011: [400, 'invalid_param', 'maxAttempts must be at least 1'],
  2012: [400, 'invalid_param', 'maxAttempts must be at most 10'],
  2013: [400, 'invalid_param', 'pinType is empty; leave it out for the default'],
  2014: [400, 'invalid_param', 'pinType must be letters, numbers or alphanumeric'],
  2015: [400, 'invalid_param', 'pinLength is no whole number'],
  2016: [400, 'invalid_param', 'pinLength must be at least 4'],
  2017: [400, 'invalid_param', 'pinLength must be at most 10'],
  2018: [400, 'invalid_param', 'trackId must be a UUID'],
  2019: [400, 'invalid_param', 'otpCallbackUrl must be an http or https URL'],
  2020: [400, 'invalid_param', 'phoneNumber is no number that messages are sent to'],
  2021: [404, 'not_found', 'There is no such OTP'],
  2022: [400, 'invalid_param', 'pin is missing or empty'],
  2023: [400, 'otp_verified', 'The OTP was verified already'],
  2024: [400, 'otp_cancelled', 'The OTP was cancelled'],
  2025: [400, 'otp_expired', 'The OTP has expired'],
  2026: [400, 'otp_failed', 'The OTP has failed'],
  2027: [400, 'otp_failed', 'Wrong pin, and no attempt is left'],
  2028: [400, 'otp_expired', 'The pin ran out'],
  2029: [400, 'invalid_pin', 'Wrong pin'],
  2030: [403, 'access_denied', 'The OTP was cancelled already'],
  2031: [403, 'access_denied', 'The OTP is no longer pending'],
} as const satisfies Record<number, Row>;
export type ErrorCode = keyof typeof rows;

/** The one code of everything about tokens. */
export const tokenCode = 1600;
export const tokenRows = {
  invalid_request: [400, 'invalid_request', 'Give grant_type, and each field once'],
  unsupported_grant_type: [400, 'unsupported_grant_type', 'grant_type must be client_credentials'],
  invalid_scope: [400, 'invalid_scope', 'scope must be scopes of the application with one space between'],
  invalid_client: [401, 'invalid_client', 'Application id or secret not accepted'],
} as const satisfies Partial<Record<ErrorType, Row>>;

/** What goes wrong, before it is put into a body. */
export interface Fault {
  readonly status: number;
  readonly type: ErrorType;
  readonly code: ErrorCode | typeof tokenCode;
  readonly message: string;
  /** Of a 429. */
  readonly retryAfterSeconds?: number;
  /** How many are allowed, where that is what was reached. */
  readonly limit?: number;
}

export function fault(
  code: ErrorCode,
  more: Partial<Pick<Fault, 'status' | 'message' | 'retryAfterSeconds' | 'limit'>> = {},
): Fault {
  const [status, type, message] = rows[code];
  return { status, type, code, message, ...more };
}

export function tokenFault(kind: keyof typeof tokenRows): Fault {
  const [status, type, message] = tokenRows[kind];
  return { status, type, code: tokenCode, message };
}

type NotCreated = Exclude<
  CreateOutcome | NotServed | Invalid | QueueFull | IdempotencyMismatch,
  { kind: 'created' | 'resumed' | 'refused' }
>;

/** A number that is not served, for whatever reason, is one that is not valid: libraries know no other refusal here. */
export function createFault(outcome: NotCreated): Fault {
  switch (outcome.kind) {
    case 'invalid':
      return outcome.field === 'recipient' ? fault(2020) : fault(1009);
    case 'country-not-allowed':
    case 'line-not-served':
      return fault(2020);
    case 'insufficient-balance':
      return fault(1113);
    case 'ceiling-not-set':
    case 'sender-not-approved':
    case 'idempotency-mismatch':
      return fault(1009);
    case 'limited':
      return fault(1006, { retryAfterSeconds: outcome.retryAfterSeconds, limit: outcome.window.count });
    case 'ceiling-reached':
    case 'queue-full':
      return fault(1006, { retryAfterSeconds: outcome.retryAfterSeconds });
  }
}

type NotVerified = Exclude<CheckAnswer | Invalid | IdempotencyMismatch, { kind: 'verified' }>;

export function checkFault(outcome: NotVerified): Fault {
  switch (outcome.kind) {
    case 'not-found':
      return fault(2021);
    case 'invalid':
    case 'idempotency-mismatch':
      return fault(2022);
    case 'already-verified':
      return fault(2023);
    case 'cancelled':
      return fault(2024);
    case 'expired':
      return fault(outcome.noticed ? 2028 : 2025);
    case 'exhausted':
    case 'refused':
    case 'unsent':
      return fault(2026);
    case 'wrong-code':
      return fault(outcome.attemptsLeft === 0 ? 2027 : 2029);
    case 'locked':
      return fault(1006, { retryAfterSeconds: outcome.retryAfterSeconds });
  }
}

export function cancelFault(outcome: Exclude<CancelAnswer | IdempotencyMismatch, { kind: 'cancelled' }>): Fault {
  if (outcome.kind === 'ended') return fault(outcome.status === 'cancelled' ? 2030 : 2031);
  return fault(2021);
}

/** Every body that is not a success must be one of ours: a library reads it before it looks at the status. */
export function edgeFault(error: EdgeError): Fault {
  switch (error.kind) {
    case 'unauthorized':
      return fault(1000);
    case 'forbidden':
      return fault(1002, error.remedy === undefined ? {} : { message: error.remedy });
    case 'bad-json':
      return fault(1003);
    case 'unsupported-media-type':
      return fault(1003, { status: 415, message: 'Send the body as application/json in UTF-8, not compressed' });
    case 'too-large':
      return fault(1003, { status: 413, message: 'A body may hold at most 16 KiB' });
    case 'not-found':
      return fault(1004);
    case 'method-not-allowed':
      return fault(1005);
    case 'rate-limited':
      return fault(1006, { retryAfterSeconds: error.retryAfterSeconds, limit: error.policy.quota });
    case 'unavailable':
      return fault(1007, { status: 503, message: 'Too much to do, or not ready; try again after the stated time' });
    case 'internal':
      return fault(1007);
    case 'invalid':
    case 'malformed':
      return fault(1008);
    case 'timeout':
      return fault(1008, { status: 408 });
    case 'uri-too-long':
      return fault(1008, { status: 414 });
    case 'headers-too-large':
      return fault(1008, { status: 431 });
  }
}
