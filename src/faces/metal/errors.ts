import type { OwnFactors } from '../../engine/own-factors.ts';
import type { People } from '../../engine/people.ts';
import type { EdgeError } from '../../http/edge-error.ts';
import { edgeStatus, edgeWords } from '../../http/edge-words.ts';
import { type Answers, createAnswers, retryAfter } from '../../http/refusal.ts';

/** There are no codes: clients see the status and a sentence. */
export interface MetalFault {
  readonly status: number;
  readonly text: string;
  readonly retryAfterSeconds?: number | undefined;
}

/** What is always said of a code that is not right, whatever is wrong with it. */
const invalidOtp = 'Invalid OTP';

const unauthorized = 'Invalid authentication token';

/** How everything that is not a success is answered. */
export const metalAnswers: Answers<MetalFault> = createAnswers({
  prefix: '/metal/v1',
  name: 'metal',
  contentType: 'application/json',
  edge: edgeFault,
  refusal: ({ status, text, retryAfterSeconds }) => ({
    status,
    headers: retryAfter(retryAfterSeconds),
    body: { errors: [text] },
  }),
});

function edgeFault(error: EdgeError): MetalFault {
  // A body that can be read and has a bad value: 422, as with the vendor.
  if (error.kind === 'invalid') return { status: 422, text: edgeWords(error) };
  if (error.kind === 'unauthorized') return { status: 401, text: error.remedy ?? unauthorized };
  if (error.kind === 'forbidden') return { status: 403, text: 'There is no user behind the API key of a project' };
  return { status: edgeStatus[error.kind], text: edgeWords(error) };
}

type OwnOutcome = Awaited<ReturnType<OwnFactors[Exclude<keyof OwnFactors, 'enabledOf'>]>>;
type Outcome = OwnOutcome | Awaited<ReturnType<People['users']['change']>>;
type Success = 'sent' | 'enrolled' | 'enabled' | 'disabled' | 'opened' | 'recovery-codes' | 'user';
/** What of an outcome comes to nothing. */
export type Refused = Exclude<Outcome, { readonly kind: Success }>;

const wait = (seconds: number): MetalFault => ({
  status: 429,
  text: `Too many requests: wait ${seconds} s`,
  retryAfterSeconds: seconds,
});
const impossible = (text: string): MetalFault => ({ status: 422, text });

const faults = {
  'not-found': { status: 401, text: unauthorized },
  'wrong-code': { status: 400, text: invalidOtp },
  'code-missing': { status: 424, text: invalidOtp },
  'already-enabled': impossible('Two-factor authentication is already enabled'),
  'not-enabled': impossible('Two-factor authentication is not enabled'),
  'no-number': impossible('The user has no phone number'),
  'number-in-use': impossible('The phone number is in use for two-factor authentication: disable that first'),
  'reference-taken': impossible('The reference belongs to another user'),
  'login-taken': impossible('The e-mail address belongs to another user'),
  'country-not-allowed': impossible('The country of the phone number is not served'),
  'line-not-served': impossible('The phone number is of a kind that takes no messages'),
  'sender-not-approved': impossible('The sender of messages is not approved'),
  'ceiling-not-set': impossible('No messages can be sent: the number of messages a day is not set'),
  'insufficient-balance': impossible('No messages can be sent: the balance does not cover one'),
} as const satisfies Record<
  Exclude<Refused, { readonly retryAfterSeconds: number } | { readonly kind: 'invalid' }>['kind'],
  MetalFault
>;

/** Where the vendor has another status for an outcome than elsewhere. */
export type Elsewhere = Readonly<Partial<Record<Refused['kind'], MetalFault>>>;

/** Of the calls that turn a method on and off. */
export const ofMethods: Elsewhere = {
  'wrong-code': { status: 424, text: invalidOtp },
  'not-enabled': { status: 404, text: 'This method of two-factor authentication is not enabled' },
};

const fieldNames: Readonly<Record<string, string>> = { phoneNumber: 'phone_number', recipient: 'phone_number' };

export function faultOf(outcome: Refused, elsewhere: Elsewhere = {}): MetalFault {
  const other = elsewhere[outcome.kind];
  if (other !== undefined) return other;
  if (outcome.kind === 'invalid') return impossible(`${fieldNames[outcome.field] ?? outcome.field} ${outcome.remedy}`);
  if (outcome.kind === 'queue-full') return { ...wait(outcome.retryAfterSeconds), status: 503 };
  return 'retryAfterSeconds' in outcome ? wait(outcome.retryAfterSeconds) : faults[outcome.kind];
}
