import type { Limited, NotCharged } from '../engine/charge.ts';
import type { NotServed } from '../engine/create-request.ts';
import type { QueueFull } from '../engine/send-backlog.ts';
import type { ProblemKind } from './reference/document.ts';
import type { Worded } from './worded.ts';

/** Why no message goes out, whoever asks for it and whatever for. */
export type NotSent = NotCharged | NotServed | QueueFull;

const kinds = {
  limited: true,
  'ceiling-reached': true,
  'ceiling-not-set': true,
  'country-not-allowed': true,
  'line-not-served': true,
  'sender-not-approved': true,
  'insufficient-balance': true,
  'queue-full': true,
} as const satisfies Record<NotSent['kind'], true>;

export function isNotSent<Refusal extends { readonly kind: string }>(refusal: Refusal | NotSent): refusal is NotSent {
  return Object.hasOwn(kinds, refusal.kind);
}

/** The same in our own words, for every face that speaks them. */
export function wordedNotSent(refusal: NotSent): Worded {
  switch (refusal.kind) {
    case 'limited':
      return limited(refusal);
    case 'ceiling-reached':
      return {
        status: 429,
        code: 'daily_ceiling_reached',
        title: 'No message is left for today',
        detail: 'Nothing was sent. Wait for the next day (UTC), or have an operator raise the ceiling of this tenant.',
        retryAfterSeconds: refusal.retryAfterSeconds,
      };
    case 'ceiling-not-set':
      return {
        status: 403,
        code: 'ceiling_not_set',
        title: 'This tenant may not send yet',
        detail: 'An operator has to set how many messages it may send a day.',
      };
    case 'country-not-allowed':
      return {
        status: 403,
        code: 'country_not_allowed',
        title: 'No messages to this country',
        detail: 'The service does not list the country of this number; add it to `countries` of the service.',
        field: 'recipient',
      };
    case 'line-not-served':
      return {
        status: 403,
        code: 'line_not_served',
        title: 'No messages to numbers of this kind',
        detail: 'The number is of a kind that takes no messages or makes them dear; ask for a mobile number.',
        field: 'recipient',
      };
    case 'sender-not-approved':
      return {
        status: 403,
        code: 'sender_not_approved',
        title: 'Not a sender of this service',
        detail: 'Name a sender that the service lists in `senders`, or none.',
        field: 'sender',
      };
    case 'insufficient-balance':
      return {
        status: 402,
        code: 'insufficient_balance',
        title: 'The balance does not cover this message',
        detail: 'Nothing was sent. Have an operator top the balance of this tenant up.',
      };
    case 'queue-full':
      return {
        status: 429,
        code: 'sends_queue_full',
        title: 'Too many messages are waiting',
        detail: 'At most 10,000 messages of a tenant wait to be sent; nothing was changed.',
        retryAfterSeconds: refusal.retryAfterSeconds,
      };
  }
}

function limited({ scope, window, retryAfterSeconds }: Limited): Worded {
  const [code, title, whose] =
    scope === 'recipient'
      ? ['recipient_limited', 'Too many messages to this recipient', 'recipient']
      : ['address_limited', 'Too many requests from this end user', '`signals.ip`'];
  const detail = `At most ${window.count} in ${window.seconds} s for one ${whose}; nothing was sent.`;
  return { status: 429, code, title, detail, retryAfterSeconds, limit: { ...window, name: scope } };
}

/** What is worded here, for the API's description. */
export const notSentProblems: readonly ProblemKind[] = [
  { status: 429, code: 'recipient_limited', title: 'Too many messages to this recipient' },
  { status: 429, code: 'address_limited', title: 'Too many requests from this end user' },
  { status: 429, code: 'sends_queue_full', title: 'Too many messages are waiting' },
  { status: 429, code: 'daily_ceiling_reached', title: 'No message is left for today' },
  { status: 403, code: 'ceiling_not_set', title: 'This tenant may not send yet' },
  { status: 403, code: 'country_not_allowed', title: 'No messages to this country' },
  { status: 403, code: 'line_not_served', title: 'No messages to numbers of this kind' },
  { status: 403, code: 'sender_not_approved', title: 'Not a sender of this service' },
  { status: 402, code: 'insufficient_balance', title: 'The balance does not cover this message' },
];
