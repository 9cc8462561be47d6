import type { FastifyReply } from 'fastify';
import type { Window } from '../domain/limits.ts';
import type { ProblemInput } from './problem.ts';
import type { ProblemKind } from './reference/document.ts';
import { sendProblem } from './send-problem.ts';

/** A refusal in the words of a problem, with how long to wait and which limit was reached, where there is one. */
export type Worded = Omit<ProblemInput, 'requestId'> & {
  readonly retryAfterSeconds?: number;
  readonly limit?: Window & { readonly name: string };
};

const keyReusedKind = {
  status: 422,
  code: 'idempotency_key_reused',
  title: 'Idempotency key used for another request',
} as const satisfies ProblemKind;

/** What is worded here, for the API's description. */
export const wordedProblems: readonly ProblemKind[] = [keyReusedKind];

/** An idempotency key that came with another request before. */
export const keyReused = {
  ...keyReusedKind,
  detail: 'Send the very same request with this key, or use a new key.',
  field: 'Idempotency-Key',
} as const satisfies Worded;

/** Answers with a refusal. */
export function sendRefusal(reply: FastifyReply, { retryAfterSeconds, limit, ...problem }: Worded): FastifyReply {
  const headers: Record<string, string> = {};
  if (retryAfterSeconds !== undefined) headers['retry-after'] = String(retryAfterSeconds);
  if (limit !== undefined) {
    headers['ratelimit-policy'] = `"${limit.name}";q=${limit.count};w=${limit.seconds}`;
    headers.ratelimit = `"${limit.name}";r=0;t=${retryAfterSeconds}`;
  }
  return sendProblem(reply, problem, headers);
}
