import type { FastifyReply } from 'fastify';
import type { Window } from '../../domain/limits.ts';
import type { Limited } from '../../engine/charge.ts';
import type { CancelAnswer } from '../../engine/commands/cancel-verification.ts';
import type { CheckAnswer, Checked } from '../../engine/commands/check-verification.ts';
import type { CreateOutcome } from '../../engine/commands/create-verification.ts';
import type { ResendOutcome } from '../../engine/commands/resend-verification.ts';
import type { Invalid, NotServed } from '../../engine/create-request.ts';
import type { IdempotencyMismatch } from '../../engine/idempotency.ts';
import type { QueueFull } from '../../engine/send-backlog.ts';
import { EdgeRefusal } from '../../http/edge-error.ts';
import type { ProblemInput } from '../../http/problem.ts';
import { sendProblem } from '../../http/send-problem.ts';

/** Everything that is not a success. A new outcome does not compile until it has an answer here. */
export type Refusal = Exclude<
  | CreateOutcome
  | Exclude<CheckAnswer, Checked>
  | ResendOutcome
  | CancelAnswer
  | NotServed
  | Invalid
  | IdempotencyMismatch
  | QueueFull,
  { kind: 'created' | 'resumed' | 'sent' | 'cancelled' }
>;

type Worded = Omit<ProblemInput, 'requestId'> & {
  readonly retryAfterSeconds?: number;
  readonly limit?: Window & { readonly name: string };
};

/** Answers a refusal. @throws EdgeRefusal for what every face's edge words by itself */
export function refuse(reply: FastifyReply, refusal: Refusal): FastifyReply {
  const { retryAfterSeconds, limit, ...problem } = worded(refusal);
  const headers: Record<string, string> = {};
  if (retryAfterSeconds !== undefined) headers['retry-after'] = String(retryAfterSeconds);
  if (limit !== undefined) {
    headers['ratelimit-policy'] = `"${limit.name}";q=${limit.count};w=${limit.seconds}`;
    headers.ratelimit = `"${limit.name}";r=0;t=${retryAfterSeconds}`;
  }
  return sendProblem(reply, problem, headers);
}

function worded(refusal: Refusal): Worded {
  switch (refusal.kind) {
    case 'not-found':
      throw new EdgeRefusal({ kind: 'not-found' });
    case 'invalid':
      throw new EdgeRefusal({ kind: 'invalid', field: refusal.field, remedy: refusal.remedy });
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
    case 'refused':
      return {
        status: 403,
        code: 'verification_refused',
        title: 'Nothing was sent',
        detail: 'The verification was refused when it was asked for; create a new one.',
        extensions: { verificationId: refusal.verification.id },
      };
    case 'locked':
      return {
        status: 429,
        code: 'recipient_locked',
        title: 'Too many wrong codes for this recipient',
        detail: 'No code for this recipient is looked at before the stated time.',
        retryAfterSeconds: refusal.retryAfterSeconds,
      };
    case 'too-soon':
      return {
        status: 429,
        code: 'resend_too_soon',
        title: 'Another message is not possible yet',
        detail: 'Wait until `nextSendAt` of the verification.',
        retryAfterSeconds: refusal.retryAfterSeconds,
      };
    case 'queue-full':
      return {
        status: 429,
        code: 'sends_queue_full',
        title: 'Too many messages are waiting',
        detail: 'At most 10,000 messages of a tenant wait to be sent; nothing was changed.',
        retryAfterSeconds: refusal.retryAfterSeconds,
      };
    case 'unsent':
      return conflict('verification_unsent', 'No message of it went out', 'Create a new verification.', refusal);
    case 'sends-exhausted':
      return conflict('sends_exhausted', 'No message is left', 'Create a new verification.', refusal);
    case 'expiring':
      return conflict('verification_expiring', 'Too little life left', 'Create a new verification.', refusal);
    case 'ended':
      return conflict('verification_ended', 'The verification has ended', 'Its status says how.', refusal);
    case 'idempotency-mismatch':
      return {
        status: 422,
        code: 'idempotency_key_reused',
        title: 'Idempotency key used for another request',
        detail: 'Send the very same request with this key, or use a new key.',
        field: 'Idempotency-Key',
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

function conflict(
  code: string,
  title: string,
  detail: string,
  { verification }: { verification: { status: string } },
): Worded {
  return { status: 409, code, title, detail, extensions: { verificationStatus: verification.status } };
}
