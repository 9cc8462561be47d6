import type { ProblemKind } from '../../http/reference/document.ts';

/** What errors.ts answers beyond the problems of every face: for the API's description. */
export const nativeProblems: readonly ProblemKind[] = [
  { status: 429, code: 'recipient_limited', title: 'Too many messages to this recipient' },
  { status: 429, code: 'address_limited', title: 'Too many requests from this end user' },
  { status: 429, code: 'sends_queue_full', title: 'Too many messages are waiting' },
  { status: 429, code: 'daily_ceiling_reached', title: 'No message is left for today' },
  { status: 403, code: 'ceiling_not_set', title: 'This tenant may not send yet' },
  { status: 403, code: 'country_not_allowed', title: 'No messages to this country' },
  { status: 403, code: 'line_not_served', title: 'No messages to numbers of this kind' },
  { status: 403, code: 'sender_not_approved', title: 'Not a sender of this service' },
  { status: 402, code: 'insufficient_balance', title: 'The balance does not cover this message' },
  { status: 403, code: 'verification_refused', title: 'Nothing was sent' },
  { status: 429, code: 'recipient_locked', title: 'Too many wrong codes for this recipient' },
  { status: 429, code: 'resend_too_soon', title: 'Another message is not possible yet' },
  { status: 409, code: 'sends_exhausted', title: 'No message is left' },
  { status: 409, code: 'verification_unsent', title: 'No message of it went out' },
  { status: 409, code: 'verification_expiring', title: 'Too little life left' },
  { status: 409, code: 'verification_ended', title: 'The verification has ended' },
  { status: 422, code: 'idempotency_key_reused', title: 'Idempotency key used for another request' },
];
