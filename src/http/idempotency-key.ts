import type { FastifyRequest } from 'fastify';
import { EdgeRefusal } from './edge-error.ts';

const visibleAscii = /^[\x21-\x7e]{1,255}$/;

/** The caller's idempotency key, where one was sent. @throws EdgeRefusal when it is not 1 to 255 visible characters */
export function idempotencyKey({ headers }: FastifyRequest): string | undefined {
  const key = headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key === 'string' && visibleAscii.test(key)) return key;
  throw new EdgeRefusal({
    kind: 'invalid',
    field: 'Idempotency-Key',
    remedy: 'must be 1 to 255 visible ASCII characters',
  });
}
