import type { FastifyReply } from 'fastify';
import type { ChallengeAnswer } from '../../engine/challenges.ts';
import type { ActivateOutcome } from '../../engine/commands/activate-factor.ts';
import type { ChallengeChecked, ChallengeCheckOutcome } from '../../engine/commands/check-challenge.ts';
import type { RemoveOutcome } from '../../engine/commands/remove-factor.ts';
import type { EnrolAnswer, SendCodeAnswer } from '../../engine/factors.ts';
import type { IdempotencyMismatch } from '../../engine/idempotency.ts';
import type { GenerateAnswer } from '../../engine/recovery-codes.ts';
import { EdgeRefusal } from '../../http/edge-error.ts';
import { isNotSent, type NotSent, wordedNotSent } from '../../http/not-sent.ts';
import type { ProblemKind } from '../../http/reference/document.ts';
import { keyReused, sendRefusal, type Worded } from '../../http/worded.ts';

/** Everything that is not a success. A new outcome does not compile until it has an answer here. */
type Refusal = Exclude<
  | EnrolAnswer
  | SendCodeAnswer
  | ActivateOutcome
  | RemoveOutcome
  | GenerateAnswer
  | ChallengeAnswer
  | Exclude<ChallengeCheckOutcome, ChallengeChecked>
  | IdempotencyMismatch,
  { kind: 'enrolled' | 'sent' | 'activated' | 'wrong-code' | 'removed' | 'generated' | 'challenged' }
>;

/** Answers a refusal. @throws EdgeRefusal for what every face's edge words by itself */
export function refuseFactor(reply: FastifyReply, refusal: Refusal): FastifyReply {
  return sendRefusal(reply, isNotSent(refusal) ? wordedNotSent(refusal) : worded(refusal));
}

function worded(refusal: Exclude<Refusal, NotSent>): Worded {
  switch (refusal.kind) {
    case 'not-found':
      throw new EdgeRefusal({ kind: 'not-found' });
    case 'invalid':
      throw new EdgeRefusal({ kind: 'invalid', field: refusal.field, remedy: refusal.remedy });
    case 'too-many-factors':
      return {
        status: 409,
        code: 'too_many_factors',
        title: 'The user has as many factors as there may be',
        detail: 'A user has ten factors at most, pending ones included; remove one first.',
      };
    case 'factor-exists':
      return {
        status: 409,
        code: 'factor_exists',
        title: 'The recipient is enrolled already',
        detail: 'Use the active factor that has this recipient, or remove it first.',
        extensions: { id: refusal.id },
      };
    case 'factor-active':
      return {
        status: 409,
        code: 'factor_active',
        title: 'The factor was activated already',
        detail: 'There is nothing left to activate; ask for a challenge to use it. Remove it if it is disabled.',
      };
    case 'no-factor':
      return {
        status: 409,
        code: 'no_factor',
        title: 'The user has no such active factor',
        detail: 'Enrol a factor and activate it with a first code; then it can be used.',
      };
    case 'paused':
      return {
        status: 429,
        code: 'user_paused',
        title: 'Too many wrong codes for this user',
        detail: 'No code for this user is looked at before the stated time.',
        retryAfterSeconds: refusal.retryAfterSeconds,
      };
    case 'already-done':
      return {
        status: 409,
        code: 'already_done',
        title: 'This was done already',
        detail: 'A secret is shown once, in the first answer. If that was lost, ask again under a new key.',
        extensions: { id: refusal.id },
      };
    case 'idempotency-mismatch':
      return keyReused;
  }
}

/** What is worded here and nowhere else, for the API's description. */
export const factorProblems: readonly ProblemKind[] = [
  { status: 409, code: 'too_many_factors', title: 'The user has as many factors as there may be' },
  { status: 409, code: 'factor_exists', title: 'The recipient is enrolled already' },
  { status: 409, code: 'factor_active', title: 'The factor was activated already' },
  { status: 409, code: 'no_factor', title: 'The user has no such active factor' },
  { status: 429, code: 'user_paused', title: 'Too many wrong codes for this user' },
];
