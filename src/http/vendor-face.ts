import type { FastifyContextConfig, FastifyRequest } from 'fastify';
import { isPseudonym } from '../domain/pseudonym.ts';
import { isUuid } from '../domain/uuid.ts';
import type { Caller } from '../engine/caller.ts';
import type { Engine, VerificationDetails } from '../engine/engine.ts';
import type { ApiKey } from '../engine/tenancy.ts';
import type { AuthenticateKey } from './authentication.ts';
import type { RateLimiter } from './rates.ts';
import type { HttpServer } from './server.ts';

/* What the faces of all vendors have in common. */

/** What each of them is given. */
export interface FaceParts {
  readonly engine: Engine;
  readonly authenticate: AuthenticateKey;
  readonly rates: RateLimiter;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks, once that is known. */
    caller: Caller;
    /** The API key that it asks with, or that its token stands for. */
    ownKey: ApiKey;
  }
}

/** What comes of a use-case, to be put into a vendor's words. */
export type OutcomeOf<
  UseCase extends 'createVerification' | 'checkVerification' | 'resendVerification' | 'cancelVerification',
> = Awaited<ReturnType<Engine[UseCase]>>['outcome'];

/** What a route asks of a key, and when a server with too much to do turns it away. */
export const may = {
  create: { scope: 'verifications:send', urgency: 'create' },
  check: { scope: 'verifications:check', urgency: 'check' },
  change: { scope: 'verifications:send' },
  read: { scope: 'verifications:read' },
} as const satisfies Record<string, FastifyContextConfig>;

/** A verification as its status is shown; undefined when there is none, or its number is no longer kept. */
export async function shownVerification(
  { engine, rates }: Pick<FaceParts, 'engine' | 'rates'>,
  caller: Caller,
  id: string,
): Promise<VerificationDetails | undefined> {
  if (!isUuid(id)) return undefined;
  rates.take('statusReads', `${caller.tenantId} ${id}`);
  const found = await engine.verification(caller, id);
  return found.kind === 'not-found' || isPseudonym(found.verification.recipient) ? undefined : found;
}

/**
 * Has every route of `app` know its caller, before a body is read. A vendor's caller sees what was made through his face.
 * @param authenticate - throws an EdgeRefusal for whoever is not let in
 */
export function knowCallers(
  app: HttpServer,
  face: string,
  authenticate: (request: FastifyRequest) => Promise<ApiKey>,
): void {
  app.decorateRequest('caller');
  app.decorateRequest('ownKey');
  app.addHook('onRequest', async (request) => {
    const key = await authenticate(request);
    request.ownKey = key;
    request.caller = { tenantId: key.tenantId, face, seesAllFaces: false };
  });
}
