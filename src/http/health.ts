import type { HttpServer } from './server.ts';

/**
 * `/healthz` says that the process lives; `/readyz` that it can be trusted with requests, 503 when not.
 * @param clockConfirmed - false after a step of the time of day that an operator has to confirm
 */
export function health(app: HttpServer, clockConfirmed: () => boolean): void {
  app.get('/healthz', { schema: { hide: true } }, (_request, reply) => reply.send({ status: 'alive' }));
  app.get('/readyz', { schema: { hide: true } }, (_request, reply) =>
    clockConfirmed()
      ? reply.send({ status: 'ready' })
      : reply.code(503).send({ status: 'not_ready', reason: 'clock_unconfirmed' }),
  );
}
