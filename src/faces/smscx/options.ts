import type { Caller } from '../../engine/caller.ts';
import type { Engine } from '../../engine/engine.ts';
import type { ApiKey, Service } from '../../engine/tenancy.ts';
import type { Tokens } from '../../engine/tokens.ts';
import type { AuthenticateKey } from '../../http/authentication.ts';
import type { RateLimiter } from '../../http/rates.ts';
import type { Answers } from './answers.ts';

export interface SmscxOptions {
  readonly engine: Engine;
  readonly answers: Answers;
  readonly authenticate: AuthenticateKey;
  readonly tokens: Pick<Tokens, 'issueAccess' | 'readAccess'>;
  readonly rates: RateLimiter;
  /** The service that the face works with. */
  readonly service: (tenantId: string) => Promise<Service | undefined>;
}

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller;
    /** Whose request this is, and whose rate is told. */
    ownKey: ApiKey;
  }
}
