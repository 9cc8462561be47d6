import type { FastifyReply } from 'fastify';
import type { EdgeError } from '../../http/edge-error.ts';
import { edgeStatus } from '../../http/edge-words.ts';
import { elapsedMs } from '../../http/elapsed.ts';
import { olderRateHeaders } from '../../http/rate.ts';
import { type AnswerParts, type Answers, createAnswers, type Fault, faultOf, retryAfter } from '../../http/refusal.ts';
import { spelt } from '../../http/spelt.ts';
import type { OutcomeOf } from '../../http/vendor-face.ts';

/*
 * SMSCX, "Errors": four fields, with a type of a closed list. Clients branch on status, type and code, in this order, and
 * read the body before they look at the status: every body that is not a success must be one of these.
 */

type Row = readonly [status: number, type: string, message: string];

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
} as const satisfies Record<string, Row>;

/** The lines of the page that errors lead to: what each code means. */
export const pageLines = [
  ...Object.entries(rows).map(([code, row]) => [code, ...row]),
  ...Object.values(tokenRows).map((row, at) => [at === 0 ? tokenCode : `${tokenCode}-${at}`, ...row]),
];

export type OtpFault = Fault<ErrorCode | keyof typeof tokenRows>;

type NotCreated = Exclude<OutcomeOf<'createVerification'>, { readonly kind: 'created' | 'resumed' | 'refused' }>;

/** A number that is not served, for whatever reason, is one that is not valid: libraries know no other refusal here. */
const notCreated = {
  'country-not-allowed': 2020,
  'line-not-served': 2020,
  'insufficient-balance': 1113,
  'ceiling-not-set': 1009,
  'sender-not-approved': 1009,
  'idempotency-mismatch': 1009,
  limited: 1006,
  'ceiling-reached': 1006,
  'queue-full': 1006,
} as const satisfies Record<Exclude<NotCreated['kind'], 'invalid'>, ErrorCode>;

export function createFault(outcome: NotCreated): OtpFault {
  if (outcome.kind === 'invalid') return { code: outcome.field === 'recipient' ? 2020 : 1009 };
  return faultOf(notCreated[outcome.kind], outcome);
}

type NotVerified = Exclude<OutcomeOf<'checkVerification'>, { readonly kind: 'verified' }>;

const notVerified = {
  'not-found': 2021,
  invalid: 2022,
  'idempotency-mismatch': 2022,
  'already-verified': 2023,
  cancelled: 2024,
  exhausted: 2026,
  refused: 2026,
  unsent: 2026,
  locked: 1006,
} as const satisfies Record<Exclude<NotVerified['kind'], 'expired' | 'wrong-code'>, ErrorCode>;

export function checkFault(outcome: NotVerified): OtpFault {
  if (outcome.kind === 'expired') return { code: outcome.noticed ? 2028 : 2025 };
  if (outcome.kind === 'wrong-code') return { code: outcome.attemptsLeft === 0 ? 2027 : 2029 };
  return faultOf(notVerified[outcome.kind], outcome);
}

export function cancelFault(
  outcome: Exclude<OutcomeOf<'cancelVerification'>, { readonly kind: 'cancelled' }>,
): OtpFault {
  if (outcome.kind === 'ended') return { code: outcome.status === 'cancelled' ? 2030 : 2031 };
  return { code: 2021 };
}

/** The code of what goes wrong around the routes, and a message where that of the code says too little. */
const edges = {
  malformed: [1008],
  timeout: [1008],
  'bad-json': [1003],
  'unsupported-media-type': [1003, 'Send the body as application/json in UTF-8, not compressed'],
  'too-large': [1003, 'A body may hold at most 16 KiB'],
  'uri-too-long': [1008],
  'headers-too-large': [1008],
  'not-found': [1004],
  'method-not-allowed': [1005],
  invalid: [1008],
  unauthorized: [1000],
  forbidden: [1002],
  'rate-limited': [1006],
  unavailable: [1007, 'Too much to do, or not ready; try again after the stated time'],
  internal: [1007],
} as const satisfies Record<EdgeError['kind'], readonly [code: ErrorCode, message?: string]>;

function edgeFault(error: EdgeError): OtpFault {
  const [code, message] = edges[error.kind];
  const worded = { code, status: edgeStatus[error.kind], message };
  if (error.kind === 'forbidden') return { ...worded, message: error.remedy };
  if (error.kind !== 'rate-limited') return worded;
  return { ...worded, retryAfterSeconds: error.retryAfterSeconds, limit: error.policy.quota };
}

/** How anything is answered: every answer has the vendor's header fields. */
export interface SmscxAnswers extends Answers<OtpFault> {
  /** A success; it tells what is left of the rate of the caller's key. */
  give(reply: FastifyReply, status: number, body: unknown): FastifyReply;
}

const prefix = '/smscx';

/** Said where there is no rate. */
const noLimit = { quota: 1_000_000, remaining: 1_000_000 };

export function smscxAnswers({ rates, nowMs, publicUrl = '' }: AnswerParts): SmscxAnswers {
  const waiting = (seconds: number, limit: number) => olderRateHeaders(limit, 0, Math.ceil(nowMs() / 1000) + seconds);

  const refusal = ({ code: key, retryAfterSeconds: wait, limit = noLimit.quota, ...own }: OtpFault, tookMs: number) => {
    const [code, [status, type, message]] = typeof key === 'number' ? [key, rows[key]] : [tokenCode, tokenRows[key]];
    const uri = `${publicUrl}${prefix}/errors#${code}`;
    return {
      status: own.status ?? status,
      headers: { ...responseTime(tookMs), ...retryAfter(wait), ...(wait === undefined ? {} : waiting(wait, limit)) },
      body: { error: { type, message: own.message ?? message, code, uri } },
    };
  };

  return {
    ...createAnswers({ prefix, name: 'smscx', refusal, edge: edgeFault }),
    give(reply, status, body) {
      const { quota, remaining } = rates.left('apiKey', reply.request.ownKey.id) ?? noLimit;
      const headers = { ...responseTime(elapsedMs(reply.request)), ...olderRateHeaders(quota, remaining) };
      return spelt(reply, headers).code(status).send(body);
    },
  };
}

const responseTime = (tookMs: number) => ({ 'X-Response-Time': String(Math.trunc(tookMs)) });
