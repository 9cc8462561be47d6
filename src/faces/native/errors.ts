import type { FastifyReply } from 'fastify';
import type { CancelAnswer } from '../../engine/commands/cancel-verification.ts';
import type { CheckAnswer, Checked } from '../../engine/commands/check-verification.ts';
import type { CreateOutcome } from '../../engine/commands/create-verification.ts';
import type { ResendOutcome } from '../../engine/commands/resend-verification.ts';
import type { Invalid, NotServed } from '../../engine/create-request.ts';
import type { IdempotencyMismatch } from '../../engine/idempotency.ts';
import type { QueueFull } from '../../engine/send-backlog.ts';
import { EdgeRefusal } from '../../http/edge-error.ts';
import { isNotSent, type NotSent, wordedNotSent } from '../../http/not-sent.ts';
import { keyReused, sendRefusal, type Worded } from '../../http/worded.ts';

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

/** Answers a refusal. @throws EdgeRefusal for what every face's edge words by itself */
export function refuse(reply: FastifyReply, refusal: Refusal): FastifyReply {
  return sendRefusal(reply, isNotSent(refusal) ? wordedNotSent(refusal) : worded(refusal));
}

function worded(refusal: Exclude<Refusal, NotSent>): Worded {
  switch (refusal.kind) {
    case 'not-found':
      throw new EdgeRefusal({ kind: 'not-found' });
    case 'invalid':
      throw new EdgeRefusal({ kind: 'invalid', field: refusal.field, remedy: refusal.remedy });
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
    case 'unsent':
      return conflict('verification_unsent', 'No message of it went out', 'Create a new verification.', refusal);
    case 'sends-exhausted':
      return conflict('sends_exhausted', 'No message is left', 'Create a new verification.', refusal);
    case 'expiring':
      return conflict('verification_expiring', 'Too little life left', 'Create a new verification.', refusal);
    case 'ended':
      return conflict('verification_ended', 'The verification has ended', 'Its status says how.', refusal);
    case 'idempotency-mismatch':
      return keyReused;
  }
}

function conflict(
  code: string,
  title: string,
  detail: string,
  { verification }: { verification: { status: string } },
): Worded {
  return { status: 409, code, title, detail, extensions: { verificationStatus: verification.status } };
}
