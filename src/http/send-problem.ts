import type { FastifyReply } from 'fastify';
import { type ProblemInput, problemReply } from './problem.ts';

/** Answers a request with a problem that its face has worded. */
export function sendProblem(
  reply: FastifyReply,
  input: Omit<ProblemInput, 'requestId'>,
  headers: Readonly<Record<string, string>> = {},
): FastifyReply {
  const { status, contentType, body } = problemReply({ ...input, requestId: reply.request.id });
  return reply.code(status).headers(headers).type(contentType).send(Buffer.from(body));
}
