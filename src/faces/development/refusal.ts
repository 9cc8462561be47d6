import type { FastifyReply } from 'fastify';
import { type ProblemInput, problemReply } from '../../http/problem.ts';

/** What this face refuses, and what to do about it. */
export type Refusal = Omit<ProblemInput, 'requestId'>;

/** Answers with a problem document. */
export function sendRefusal(reply: FastifyReply, refusal: Refusal): FastifyReply {
  const { status, contentType, body } = problemReply({ ...refusal, requestId: reply.request.id });
  // As bytes, because the framework appends a charset to the content type of strings.
  return reply.code(status).type(contentType).send(Buffer.from(body));
}
