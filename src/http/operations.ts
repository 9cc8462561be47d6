import type { FastifyRequest } from 'fastify';
import { type Digest, digest, sameDigest } from '../domain/bytes.ts';
import { canonicalAddress, type TrustedProxies } from './client-address.ts';
import { EdgeRefusal } from './edge-error.ts';
import { peerKey } from './peer.ts';
import type { RateLimiter } from './rates.ts';
import type { HttpServer } from './server.ts';

/** Why the server is not to be trusted with requests at the moment. */
export type NotReady = 'clock_unconfirmed' | 'store_unavailable' | 'shutting_down' | 'event_loop_delayed';

export interface OperationsOptions {
  readonly notReady: () => Promise<readonly NotReady[]>;
  /** In the text format of Prometheus. */
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
  /** Lets in whoever is not on this machine. */
  readonly token?: string | undefined;
  readonly rates: RateLimiter;
  readonly proxies: TrustedProxies;
}

/**
 * What an operator's machines ask: `/healthz` says that the process lives, `/readyz` whether it is to be trusted with
 * requests, `/metrics` what it counts. They answer to this machine, and to whoever has the token; to anybody else there
 * is nothing here.
 */
export async function operations(app: HttpServer, options: OperationsOptions): Promise<void> {
  app.addHook('onRequest', async (request) => admit(request, options));
  const route = { schema: { hide: true }, config: { urgency: 'operations' } } as const;

  app.get('/healthz', route, (_request, reply) => reply.send({ status: 'alive' }));

  app.get('/readyz', route, async (_request, reply) => {
    const reasons = await options.notReady();
    return reasons.length === 0
      ? reply.send({ status: 'ready' })
      : reply.code(503).send({ status: 'not_ready', reasons });
  });

  app.get('/metrics', route, async (_request, reply) => {
    const { contentType, text } = await options.metrics();
    return reply.header('cache-control', 'no-store').type(contentType).send(text);
  });
}

/** @throws EdgeRefusal for whoever may not see them, as for a path that does not exist */
function admit(request: FastifyRequest, { token, rates, proxies }: OperationsOptions): void {
  if (isOwnMachine(request)) return;
  const given = /^bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (given !== undefined) {
    const expected: Digest = digest(token ?? '');
    if (sameDigest(digest(given), expected) && token !== undefined) return;
    rates.take('failedAuthentications', peerKey(request, proxies));
  }
  throw new EdgeRefusal({ kind: 'not-found' });
}

/** Through a proxy on this machine everybody would come from here. */
function isOwnMachine({ socket, headers }: FastifyRequest): boolean {
  const address = canonicalAddress(socket.remoteAddress ?? '');
  if (address !== '::1' && address?.startsWith('127.') !== true) return false;
  for (const name in headers) {
    if (name === 'forwarded' || name === 'via' || name === 'x-real-ip' || name.startsWith('x-forwarded-')) return false;
  }
  return true;
}
