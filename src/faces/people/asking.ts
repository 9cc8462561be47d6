import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Asked } from '../../engine/asked.ts';
import type { Answer } from '../../engine/committing.ts';
import type { People } from '../../engine/people.ts';
import { repeatable } from '../../http/authorized.ts';
import type { RateLimiter } from '../../http/rates.ts';

/** What the routes of second factors are made of. */
export interface SecondFactorOptions {
  readonly people: Pick<People, 'factors' | 'recoveryCodes' | 'challenges'>;
  readonly rates: RateLimiter;
}

/** Who asks. Whoever it is, a message that comes of it is one of the native face. */
export function asking(request: FastifyRequest): Asked {
  return { ...repeatable(request), face: 'native' };
}

/** Says when the answer is that of an earlier request. */
export function marked<Outcome>(reply: FastifyReply, { outcome, replayed }: Answer<Outcome>) {
  if (replayed) reply.header('idempotency-replayed', 'true');
  return outcome;
}
