import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ApiKey } from '../engine/tenancy.ts';
import { isUnauthorized } from './edge-error.ts';
import { formType, parseFormBody } from './form-body.ts';
import type { HttpServer } from './server.ts';

/* Access tokens for machines. Source: RFC 6749, sections 4.4 and 5. */

/** What the standard calls that which may be wrong with the form. */
export type FormError = 'invalid_request' | 'unsupported_grant_type' | 'invalid_scope';

export interface ClientCredentialsOptions {
  /** Whose client it is. @throws EdgeRefusal when it is nobody's */
  readonly authenticate: (request: FastifyRequest, client: BasicCredentials) => Promise<ApiKey>;
  /** What a client may ask for, and is granted when it names nothing. */
  readonly scopesOf: (key: ApiKey) => readonly string[];
  readonly issue: (key: ApiKey, scopes: readonly string[], lifeSeconds: number) => string;
  readonly lifeSeconds: number;
  readonly give: (reply: FastifyReply, status: number, body: object) => FastifyReply;
  readonly refuse: (reply: FastifyReply, error: FormError | 'invalid_client') => FastifyReply;
}

/** Has a path trade the id and the secret of a client, by HTTP Basic, for an access token. `app` is for it alone. */
export function clientCredentialsRoute(app: HttpServer, path: string, options: ClientCredentialsOptions): void {
  const { authenticate, scopesOf, issue, lifeSeconds, give, refuse } = options;
  app.decorateRequest('ownKey');
  app.addContentTypeParser(formType, { parseAs: 'buffer' }, parseFormBody);
  app.addHook('onRequest', async (request, reply) => {
    try {
      request.ownKey = await authenticate(request, basicCredentials(request.headers.authorization));
      return undefined;
    } catch (error) {
      if (!isUnauthorized(error)) throw error;
      return refuse(reply, 'invalid_client');
    }
  });

  app.post(path, {
    config: { scope: 'any', emptyBody: true },
    async handler({ body, ownKey }: FastifyRequest, reply) {
      const asked = askedScopes(body, scopesOf(ownKey));
      if (typeof asked === 'string') return refuse(reply, asked);
      const token = {
        access_token: issue(ownKey, asked, lifeSeconds),
        expires_in: lifeSeconds,
        token_type: 'Bearer',
        scope: asked.join(' '),
      };
      return give(reply.header('cache-control', 'no-store'), 200, token);
    },
  });
}

export interface BasicCredentials {
  readonly id: string;
  readonly secret: string;
}

/** What a header of HTTP Basic says; two empty texts when it is none. @see RFC 7617 */
export function basicCredentials(header = ''): BasicCredentials {
  const [, encoded = ''] = /^basic +([A-Za-z0-9+/=]+)$/i.exec(header) ?? [];
  const [, id = '', secret = ''] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, 'base64').toString()) ?? [];
  return { id, secret };
}

/** The scopes that are granted, in the order asked for and each once, or what is wrong with the form. */
export function askedScopes(form: unknown, own: readonly string[]): readonly string[] | FormError {
  if (!(form instanceof URLSearchParams)) return 'invalid_request';
  const [grantType = '', ...again] = form.getAll('grant_type');
  const [scope = '', ...scopeAgain] = form.getAll('scope');
  if (grantType === '' || again.length + scopeAgain.length > 0) return 'invalid_request';
  if (grantType !== 'client_credentials') return 'unsupported_grant_type';
  if (scope === '') return own;
  const names = new Set(scope.split(' '));
  return [...names].every((name) => own.includes(name)) ? [...names] : 'invalid_scope';
}
