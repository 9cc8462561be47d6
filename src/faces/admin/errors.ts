import type { FastifyReply } from 'fastify';
import type { FieldProblem } from '../../domain/policy.ts';
import { EdgeRefusal } from '../../http/edge-error.ts';
import { sendProblem } from '../../http/send-problem.ts';
import { keyReused } from '../../http/worded.ts';

/** Everything that is not a success. A new outcome does not compile until it has an answer here. */
export type Refusal =
  | { readonly kind: 'not-found' | 'exists' | 'key-ended' | 'idempotency-mismatch' }
  | { readonly kind: 'already-done'; readonly id: string }
  | { readonly kind: 'balance-too-small'; readonly balanceMicros: number }
  | ({ readonly kind: 'invalid' } & FieldProblem);

const conflicts = {
  exists: { code: 'already_exists', title: 'There is one already', detail: 'Choose another name, or change that one.' },
  'key-ended': {
    code: 'api_key_ended',
    title: 'The key works no longer',
    detail: 'It was revoked or has run out; make a new key.',
  },
  'balance-too-small': {
    code: 'balance_too_small',
    title: 'There is less than that to take',
    detail: 'Nothing was changed. Take at most what is left; the balance is never below 0.',
  },
  'already-done': {
    code: 'already_done',
    title: 'This was done already',
    detail: 'The key was shown when it was made, and is not shown again. Rotate it if it was lost.',
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
    case 'already-done':
      return sendProblem(reply, { ...conflicts[refusal.kind], status: 409, extensions: { id: refusal.id } });
    default:
      return sendProblem(reply, { ...conflicts[refusal.kind], status: 409 });
  }
}
