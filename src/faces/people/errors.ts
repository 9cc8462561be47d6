import type { FastifyReply } from 'fastify';
import type { FieldProblem } from '../../domain/policy.ts';
import type { ChallengeRefusal } from '../../engine/commands/open-session.ts';
import { EdgeRefusal } from '../../http/edge-error.ts';
import { sendProblem } from '../../http/send-problem.ts';
import { keyReused } from '../../http/worded.ts';

/** Everything about users and sessions that is not a success. A new outcome does not compile until it has an answer here. */
export type Refusal =
  | { readonly kind: 'not-found' | 'idempotency-mismatch' | keyof typeof conflicts }
  | { readonly kind: 'already-done'; readonly id: string }
  | ChallengeRefusal
  | ({ readonly kind: 'invalid' } & FieldProblem);

const conflicts = {
  'reference-taken': {
    code: 'reference_taken',
    title: 'Another user has this reference',
    detail: 'Nothing was changed. Look that user up by it, or choose another reference.',
    field: 'reference',
  },
  'login-taken': {
    code: 'login_taken',
    title: 'Another user logs in with this e-mail address',
    detail: 'Nothing was changed. Of all users with one address, one may have a password.',
    field: 'email',
  },
  'number-in-use': {
    code: 'phone_number_in_use',
    title: 'Codes go to this phone number',
    detail: 'Nothing was changed. Remove the factor of this number first.',
    field: 'phoneNumber',
  },
  'too-many-tokens': {
    code: 'too_many_tokens',
    title: 'The user has as many tokens as there may be',
    detail: 'There may be a hundred. Revoke one that is not needed.',
  },
  'challenge-used': {
    code: 'challenge_used',
    title: 'There is a session for this challenge already',
    detail: 'A challenge opens one session. Ask for another challenge.',
  },
  'challenge-too-old': {
    code: 'challenge_too_old',
    title: 'The challenge was met too long ago',
    detail: 'A session is opened within ten minutes. Ask for another challenge.',
  },
  'challenge-not-verified': {
    code: 'challenge_not_verified',
    title: 'The challenge was not met',
    detail: 'Nobody has shown a right code for it; its status says where it stands.',
  },
  'already-done': {
    code: 'already_done',
    title: 'This was done already',
    detail: 'The token was shown when it was made, and is not shown again. Revoke it if it was lost.',
  },
} as const;

/** Answers a refusal. @throws EdgeRefusal for what every face's edge words by itself */
export function refuse(reply: FastifyReply, refusal: Refusal): FastifyReply {
  switch (refusal.kind) {
    case 'not-found':
      throw new EdgeRefusal({ kind: 'not-found' });
    case 'invalid':
      throw new EdgeRefusal({ kind: 'invalid', field: refusal.field, remedy: refusal.remedy });
    case 'idempotency-mismatch':
      return sendProblem(reply, keyReused);
    default:
      return sendProblem(reply, { ...conflicts[refusal.kind], status: 409, ...said(refusal) });
  }
}

function said(refusal: Refusal) {
  if ('id' in refusal) return { extensions: { id: refusal.id } };
  return 'status' in refusal ? { extensions: { challengeStatus: refusal.status } } : {};
}
