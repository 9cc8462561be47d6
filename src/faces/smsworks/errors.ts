import type { CodeCheckAnswer } from '../../engine/commands/check-code.ts';
import type { Engine } from '../../engine/engine.ts';
import type { EdgeError, EdgeFace, EdgeReply } from '../../http/edge-error.ts';

/* The vendor's errors: one body for all of them. Its documents list no codes and no texts. */

export interface Refusal {
  readonly status: number;
  readonly message: string;
  readonly retryAfterSeconds?: number | undefined;
}

export function errorBody({ status, message }: Refusal) {
  return { message, errorCode: status, status: 'REJECTED', permanent: status < 500 && status !== 429 };
}

type Unsent = Exclude<
  Awaited<ReturnType<Engine['createVerification']>>['outcome'],
  { readonly kind: 'created' | 'resumed' }
>;

/** What our fields are called here. */
const fieldNames: Readonly<Record<string, string>> = {
  recipient: 'destination',
  codeLength: 'length',
  ttlSeconds: 'validity',
  code: 'passcode',
};

/** Why nothing was sent. A new outcome does not compile until it has an answer here. */
export function unsent(outcome: Unsent): Refusal {
  switch (outcome.kind) {
    case 'invalid':
      return { status: 400, message: `${fieldNames[outcome.field] ?? outcome.field} ${outcome.remedy}` };
    case 'line-not-served':
      return { status: 400, message: 'destination is of a kind that takes no messages; use a mobile number' };
    case 'idempotency-mismatch':
      return { status: 400, message: 'The same request was sent before with other fields' };
    case 'insufficient-balance':
      return { status: 402, message: 'Not enough credits: nothing was sent' };
    case 'country-not-allowed':
      return { status: 403, message: 'This account may not send to the country of this destination' };
    case 'sender-not-approved':
      return { status: 403, message: 'This account may not use this sender' };
    case 'ceiling-not-set':
      return { status: 403, message: 'This account may not send yet: an operator has to say how much a day' };
    case 'refused':
      return { status: 403, message: 'This message was refused' };
    case 'limited':
      return tooMany('Too many messages to this destination', outcome);
    case 'ceiling-reached':
      return tooMany('No message is left for today', outcome);
    case 'queue-full':
      return tooMany('Too many messages are waiting', outcome);
  }
}

/** Why a passcode came to nothing. */
export function unverified(outcome: Exclude<CodeCheckAnswer, { readonly kind: 'verified' | 'expired' }>): Refusal {
  switch (outcome.kind) {
    case 'not-found':
      return { status: 404, message: 'No OTP has this passcode' };
    case 'locked':
      return tooMany('Too many wrong passcodes for this destination', outcome);
    case 'limited':
      return tooMany('Too many wrong passcodes', outcome);
  }
}

function tooMany(message: string, { retryAfterSeconds }: { readonly retryAfterSeconds: number }): Refusal {
  return { status: 429, message, retryAfterSeconds };
}

const edges = {
  malformed: { status: 400, message: 'The request is malformed' },
  timeout: { status: 408, message: 'The request did not arrive in time' },
  'bad-json': { status: 400, message: 'The body is not acceptable JSON' },
  'unsupported-media-type': { status: 415, message: 'Send application/json in UTF-8' },
  'too-large': { status: 413, message: 'The body is too large' },
  'uri-too-long': { status: 414, message: 'The address is too long' },
  'headers-too-large': { status: 431, message: 'The header fields are too large' },
  'not-found': { status: 404, message: 'There is nothing here' },
  'method-not-allowed': { status: 405, message: 'This method is not possible here' },
  internal: { status: 500, message: 'Something went wrong on the server' },
  invalid: { status: 400, message: 'The request is not acceptable' },
  unauthorized: { status: 401, message: 'The token, or the key and secret, are missing or not valid' },
  forbidden: { status: 403, message: 'This account may not do this' },
  'rate-limited': { status: 429, message: 'Too many requests' },
  unavailable: { status: 503, message: 'The server cannot do this now; try again' },
} as const satisfies Record<EdgeError['kind'], Refusal>;

function worded(error: EdgeError): Refusal {
  const { status, message } = edges[error.kind];
  if (error.kind === 'invalid') return { status, message: [error.field, error.remedy].filter(Boolean).join(' ') };
  if (error.kind === 'forbidden') return { status, message: error.remedy ?? message };
  return { status, message };
}

export const smsworksFace: EdgeFace = {
  prefix: '/smsworks/v1',
  name: 'smsworks',
  reply: (error): EdgeReply => {
    const refusal = worded(error);
    return {
      status: refusal.status,
      contentType: 'application/json; charset=utf-8',
      body: JSON.stringify(errorBody(refusal)),
    };
  },
};
