import type { CodeCheckAnswer } from '../../engine/commands/check-code.ts';
import type { EdgeError } from '../../http/edge-error.ts';
import { edgeStatus } from '../../http/edge-words.ts';
import { createAnswers, type Fault, faultOf, retryAfter } from '../../http/refusal.ts';
import type { OutcomeOf } from '../../http/vendor-face.ts';

/* The vendor's errors: one body for all of them. Its documents list no codes and no texts. */

/** The code is the status once more. */
export interface SmsworksFault extends Fault<number> {
  readonly message: string;
}

export const answers = createAnswers({
  prefix: '/smsworks/v1',
  name: 'smsworks',
  edge: (error) => ({ code: edgeStatus[error.kind], message: edgeMessage(error) }),
  refusal: ({ code: status, message, retryAfterSeconds }: SmsworksFault) => ({
    status,
    headers: retryAfter(retryAfterSeconds),
    body: { message, errorCode: status, status: 'REJECTED', permanent: status < 500 && status !== 429 },
  }),
});

const edges = {
  malformed: 'The request is malformed',
  timeout: 'The request did not arrive in time',
  'bad-json': 'The body is not acceptable JSON',
  'unsupported-media-type': 'Send application/json in UTF-8',
  'too-large': 'The body is too large',
  'uri-too-long': 'The address is too long',
  'headers-too-large': 'The header fields are too large',
  'not-found': 'There is nothing here',
  'method-not-allowed': 'This method is not possible here',
  internal: 'Something went wrong on the server',
  unauthorized: 'The token, or the key and secret, are missing or not valid',
  forbidden: 'This account may not do this',
  'rate-limited': 'Too many requests',
  unavailable: 'The server cannot do this now; try again',
} as const satisfies Record<Exclude<EdgeError['kind'], 'invalid'>, string>;

function edgeMessage(error: EdgeError): string {
  if (error.kind === 'invalid') return [error.field, error.remedy].filter(Boolean).join(' ');
  return error.kind === 'forbidden' ? (error.remedy ?? edges.forbidden) : edges[error.kind];
}

type Row = readonly [status: number, message: string];
type Unsent = Exclude<OutcomeOf<'createVerification'>, { readonly kind: 'created' | 'resumed' }>;

/** Why nothing was sent. A new outcome does not compile until it has an answer here. */
const unsents = {
  'line-not-served': [400, 'destination is of a kind that takes no messages; use a mobile number'],
  'idempotency-mismatch': [400, 'The same request was sent before with other fields'],
  'insufficient-balance': [402, 'Not enough credits: nothing was sent'],
  'country-not-allowed': [403, 'This account may not send to the country of this destination'],
  'sender-not-approved': [403, 'This account may not use this sender'],
  'ceiling-not-set': [403, 'This account may not send yet: an operator has to say how much a day'],
  refused: [403, 'This message was refused'],
  limited: [429, 'Too many messages to this destination'],
  'ceiling-reached': [429, 'No message is left for today'],
  'queue-full': [429, 'Too many messages are waiting'],
} as const satisfies Record<Exclude<Unsent['kind'], 'invalid'>, Row>;

/** What our fields are called here. */
const fieldNames: Readonly<Record<string, string>> = {
  recipient: 'destination',
  codeLength: 'length',
  ttlSeconds: 'validity',
  code: 'passcode',
};

export function unsent(outcome: Unsent): SmsworksFault {
  if (outcome.kind !== 'invalid') return worded(unsents[outcome.kind], outcome);
  return { code: 400, message: `${fieldNames[outcome.field] ?? outcome.field} ${outcome.remedy}` };
}

type Unverified = Exclude<CodeCheckAnswer, { readonly kind: 'verified' | 'expired' }>;

/** Why a passcode came to nothing. */
const unverifieds = {
  'not-found': [404, 'No OTP has this passcode'],
  locked: [429, 'Too many wrong passcodes for this destination'],
  limited: [429, 'Too many wrong passcodes'],
} as const satisfies Record<Unverified['kind'], Row>;

export function unverified(outcome: Unverified): SmsworksFault {
  return worded(unverifieds[outcome.kind], outcome);
}

function worded([status, message]: Row, outcome: Unsent | Unverified): SmsworksFault {
  return { ...faultOf(status, outcome), message };
}
