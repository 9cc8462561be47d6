import type { FastifyRequest } from 'fastify';
import type { KeyBounds } from '../domain/scope.ts';
import type { Administered } from '../engine/administration.ts';
import { idempotencyKey } from './idempotency-key.ts';

/** Whose services and keys a request is about, who asks, and what it may hand on. */
export interface Authorized extends Pick<Administered, 'tenantId' | 'by'> {
  /** The key that asks; absent for an operator, who may hand on anything. */
  readonly maker?: KeyBounds | undefined;
}

export type Authorize = (request: FastifyRequest) => Promise<Authorized>;

declare module 'fastify' {
  interface FastifyRequest {
    authorized: Authorized;
  }
}

export function repeatable(request: FastifyRequest): Administered {
  return { ...request.authorized, idempotencyKey: idempotencyKey(request) };
}
