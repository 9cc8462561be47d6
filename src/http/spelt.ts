import type { FastifyReply } from 'fastify';

/**
 * Puts fields into an answer under names spelt as they are given here. To HTTP a name is the same however it is spelt,
 * but some clients look it up letter by letter, and the framework itself writes every name small.
 */
export function spelt(reply: FastifyReply, headers: Readonly<Record<string, string>>): FastifyReply {
  const { raw } = reply;
  if (!raw.headersSent) for (const name of Object.keys(headers)) raw.setHeader(name, headers[name] ?? '');
  return reply;
}
