import type { FastifyReply } from 'fastify';
import { applicationIdOf } from '../../domain/api-key.ts';
import type { HttpServer } from '../../http/server.ts';
import { fault } from './errors.ts';
import { applicationBody, balanceBody } from './mapping.ts';
import type { SmscxOptions } from './options.ts';
import { scopeNames, scopesOf } from './token-route.ts';

export interface AccountOptions extends Pick<SmscxOptions, 'engine' | 'answers' | 'service'> {
  readonly give: (reply: FastifyReply, status: number, body: unknown) => FastifyReply;
}

/** What the libraries can ask of an account. An API key is an application of the vendor. */
export function accountRoutes(app: HttpServer, { engine, answers, service, give }: AccountOptions): void {
  const config = { scope: 'verifications:read' } as const;

  app.get('/account/balance', {
    config,
    handler: async ({ caller }, reply) => give(reply, 200, balanceBody(await engine.balance(caller))),
  });

  app.get('/applications/scopes', { config, handler: async (_request, reply) => give(reply, 200, scopeNames) });

  app.get<{ Params: { readonly applicationId: string } }>('/applications/:applicationId', {
    config,
    async handler({ caller, ownKey, params: { applicationId } }, reply) {
      if (applicationId !== applicationIdOf(ownKey.id)) return answers.refuse(reply, fault(1500));
      const application = { applicationId, name: ownKey.name, scopes: scopesOf(ownKey) };
      return give(reply, 200, applicationBody(application, await service(caller.tenantId)));
    },
  });
}
