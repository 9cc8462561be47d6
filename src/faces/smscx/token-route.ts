import type { FastifyRequest } from 'fastify';
import { keyIdOfApplication } from '../../domain/api-key.ts';
import type { ApiKey } from '../../engine/tenancy.ts';
import { pairProof } from '../../http/authentication.ts';
import { EdgeRefusal } from '../../http/edge-error.ts';
import { formType, parseFormBody } from '../../http/form-body.ts';
import type { HttpServer } from '../../http/server.ts';
import { tokenFault, type tokenRows } from './errors.ts';
import type { SmscxOptions } from './options.ts';

/** What the vendor's tokens can be for. Only `otp` opens anything here. */
export const scopeNames = [
  'sms',
  'groups',
  'templates',
  'numbers',
  'originators',
  'reports',
  'shortlinks',
  'attachments',
  'viber',
  'whatsapp',
  'otp',
] as const;

const lifeSeconds = 86_400;

/** Trades application id and secret, by HTTP Basic, for an access token (RFC 6749, section 4.4). */
export function tokenRoute(
  app: HttpServer,
  { authenticate, tokens, answers }: Pick<SmscxOptions, 'authenticate' | 'tokens' | 'answers'>,
): void {
  app.decorateRequest('ownKey');
  app.addContentTypeParser(formType, { parseAs: 'buffer' }, parseFormBody);
  app.addHook('onRequest', async (request, reply) => {
    try {
      request.ownKey = await authenticate(request, applicationOf(request.headers.authorization));
      return undefined;
    } catch (error) {
      if (!(error instanceof EdgeRefusal) || error.edge.kind !== 'unauthorized') throw error;
      return answers.refuse(reply, tokenFault('invalid_client'));
    }
  });

  app.post('/oauth/token', {
    config: { scope: 'any', emptyBody: true },
    async handler({ body, ownKey }: FastifyRequest, reply) {
      const asked = askedScopes(body, ownKey);
      if (typeof asked === 'string') return answers.refuse(reply, tokenFault(asked));
      const token = {
        access_token: tokens.issueAccess(ownKey, asked, lifeSeconds),
        expires_in: lifeSeconds,
        token_type: 'Bearer',
        scope: asked.join(' '),
      };
      return answers.give(reply.header('cache-control', 'no-store'), ownKey.id, 200, token);
    },
  });
}

function applicationOf(header: string | undefined) {
  const [, encoded = ''] = /^basic +([A-Za-z0-9+/=]+)$/i.exec(header ?? '') ?? [];
  const [, applicationId = '', secret = ''] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, 'base64').toString()) ?? [];
  return pairProof({ key: keyIdOfApplication(applicationId) ?? '', secret });
}

/** The scopes that are granted, or what is wrong with the form. */
function askedScopes(form: unknown, key: ApiKey): readonly string[] | keyof typeof tokenRows {
  if (!(form instanceof URLSearchParams)) return 'invalid_request';
  const [grantType = '', ...again] = form.getAll('grant_type');
  const [scope = '', ...scopeAgain] = form.getAll('scope');
  if (grantType === '' || again.length + scopeAgain.length > 0) return 'invalid_request';
  if (grantType !== 'client_credentials') return 'unsupported_grant_type';
  const own = scopesOf(key);
  if (scope === '') return own;
  const names = new Set(scope.split(' '));
  return [...names].every((name) => own.includes(name)) ? [...names] : 'invalid_scope';
}

/** A key that may do nothing with verifications is an application without `otp`. */
export function scopesOf({ scopes }: ApiKey): readonly string[] {
  const otp = scopes.some((scope) => scope.startsWith('verifications:'));
  return scopeNames.filter((name) => otp || name !== 'otp');
}
