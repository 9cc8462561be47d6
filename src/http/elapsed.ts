import type { FastifyRequest } from 'fastify';

/** Milliseconds since the head of a request had come. */
export function elapsedMs({ enteredMs }: Pick<FastifyRequest, 'enteredMs'>): number {
  return performance.now() - enteredMs;
}
