import type { FastifyReply, FastifyRequest } from 'fastify';
import { readApiKey } from '../../domain/api-key.ts';
import type { User } from '../../domain/user.ts';
import type { OwnCaller } from '../../engine/own-user.ts';
import type { People } from '../../engine/people.ts';
import type { AuthenticateKey } from '../../http/authentication.ts';
import type { TrustedProxies } from '../../http/client-address.ts';
import { EdgeRefusal } from '../../http/edge-error.ts';
import { takeNoBodyOfAnyType } from '../../http/no-body.ts';
import { peerAddress } from '../../http/peer.ts';
import type { RateLimiter } from '../../http/rates.ts';
import type { HttpServer } from '../../http/server.ts';
import { type AuthenticateUser, loginRates } from '../../http/user-authentication.ts';
import { type Elsewhere, faultOf, metalAnswers, ofMethods, type Refused } from './errors.ts';
import { methods, sessionBody, toChanges, userBody } from './mapping.ts';
import { changeBody, loginBody, verifyParams } from './wire.ts';

export interface MetalOptions {
  readonly people: People;
  readonly authenticateUser: AuthenticateUser;
  readonly authenticateKey: AuthenticateKey;
  readonly rates: RateLimiter;
  readonly proxies: TrustedProxies;
  /** Whose users log in; undefined while nobody has said so. */
  readonly tenant: () => Promise<string | undefined>;
  /** What authenticator apps show above a code. */
  readonly issuer: string;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** It can be asked by who has still to show the second factor. */
    halfOpen?: boolean;
  }

  interface FastifyRequest {
    /** Who asks, once that is known. */
    own: { readonly caller: OwnCaller; readonly user: User };
  }
}

const face = 'metal';

/** What Equinix Metal has for users and their second factors, below `/metal/v1`. */
export async function metalRoutes(app: HttpServer, options: MetalOptions): Promise<void> {
  const { people, tenant } = options;
  const logins = loginRates(options);
  takeNoBodyOfAnyType(app);
  // What clients ask to be included or left out is passed over, however often they say it.
  app.addHook('onRoute', (route) => {
    route.config = { ...route.config, repeatedQuery: true };
  });
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('cache-control', 'no-store');
  });

  app.post('/sessions', { schema: { body: loginBody } }, async (request, reply) => {
    const tenantId = await tenant();
    logins.admit(request, `${tenantId}`, request.body.login);
    const login = tenantId === undefined ? undefined : await people.sessions.login({ tenantId, face }, request.body);
    if (login?.kind === 'opened') return reply.code(201).send(sessionBody(login));
    logins.failed(request);
    throw new EdgeRefusal({ kind: 'unauthorized', remedy: 'Invalid login or password' });
  });

  await app.register(async (scope) => userRoutes(scope as HttpServer, options));
}

function userRoutes(app: HttpServer, options: MetalOptions): void {
  const { people, rates, issuer } = options;
  knowUsers(app, options);
  const refuse = (reply: FastifyReply, outcome: Refused, elsewhere?: Elsewhere) =>
    metalAnswers.refuse(reply, faultOf(outcome, elsewhere));
  const otpOf = ({ headers }: FastifyRequest) => headers['x-otp-token'] as string | undefined;

  // The clients of its earlier name change a user by PATCH, and the one for Node ends the path in a slash.
  for (const url of ['/user', '/user/']) {
    app.get(url, async ({ own: { user } }) => userBody(user, await people.own.enabledOf(user)));

    app.route({
      method: ['PUT', 'PATCH'],
      url,
      schema: { body: changeBody },
      handler: async ({ own: { caller, user }, body }, reply) => {
        const changed = await people.users.change(caller, user.id, toChanges(user, body));
        if (changed.kind !== 'user') return refuse(reply, changed);
        return reply.send(userBody(changed.user, await people.own.enabledOf(user)));
      },
    });
  }

  const receive = { config: { emptyBody: true, halfOpen: true, urgency: 'create' } } as const;
  app.post('/user/otp/sms/receive', receive, async ({ own: { caller } }, reply) => {
    rates.take('creates', caller.tenantId);
    const sent = await people.own.sendCode(caller);
    return sent.kind === 'sent' ? reply.code(204).send() : refuse(reply, sent);
  });

  const change = { config: { emptyBody: true } };
  app.post('/user/otp/app/receive', change, async ({ own: { caller } }, reply) => {
    const app = await people.own.enrolApp(caller, issuer);
    return app.kind === 'enrolled' ? reply.send({ otp_uri: app.uri }) : refuse(reply, app);
  });

  const prove = { config: { emptyBody: true, urgency: 'check' } } as const;
  for (const [method, kind] of Object.entries(methods)) {
    app.post(`/user/otp/${method}`, prove, async (request, reply) => {
      const enabled = await people.own.enable(request.own.caller, { kind, code: otpOf(request) });
      return enabled.kind === 'enabled' ? reply.code(200).send() : refuse(reply, enabled, ofMethods);
    });
    app.delete(`/user/otp/${method}`, prove, async (request, reply) => {
      const disabled = await people.own.disable(request.own.caller, { kind, code: otpOf(request) });
      return disabled.kind === 'disabled' ? reply.code(204).send() : refuse(reply, disabled, ofMethods);
    });
  }

  app.get('/user/otp/recovery-codes', async ({ own: { caller } }, reply) => {
    const read = await people.own.recoveryCodes(caller);
    return read.kind === 'recovery-codes' ? reply.send({ recovery_codes: read.codes }) : refuse(reply, read);
  });
  app.post('/user/otp/recovery-codes', change, async ({ own: { caller } }, reply) => {
    const renewed = await people.own.renewRecoveryCodes(caller);
    return renewed.kind === 'recovery-codes' ? reply.send({ recovery_codes: renewed.codes }) : refuse(reply, renewed);
  });

  const verify = { config: { ...prove.config, halfOpen: true }, schema: { params: verifyParams } } as const;
  app.post('/user/otp/verify/*', verify, async ({ own: { caller }, params }, reply) => {
    rates.take('checks', caller.tenantId);
    const opened = await people.own.verify(caller, params['*']);
    // Clients read no body here; the token that the call is for is in the header that it goes back in.
    return opened.kind === 'opened'
      ? reply.code(204).header('x-auth-token', opened.token).send()
      : refuse(reply, opened);
  });
}

/** Has every route know the user whose token it is asked with, before a body is read. */
function knowUsers(app: HttpServer, { authenticateUser, authenticateKey, proxies }: MetalOptions): void {
  app.decorateRequest('own');
  app.addHook('onRequest', async (request) => {
    const token = String(request.headers['x-auth-token'] ?? '');
    const key = readApiKey(token);
    if (key !== undefined) {
      // Such a key is that of a project here, behind which is no user; throws where it is none of ours.
      await authenticateKey(request, key);
      throw new EdgeRefusal({ kind: 'forbidden' });
    }
    const { session, user } = await authenticateUser(request, token);
    if (session.state === 'half-open' && request.routeOptions.config.halfOpen !== true) {
      throw new EdgeRefusal({ kind: 'unauthorized', remedy: 'Two-factor authentication is required' });
    }
    const by = { name: `user ${user.id}`, address: peerAddress(request, proxies), requestId: request.id };
    const { id: sessionId, tenantId, userId } = session;
    request.own = { user, caller: { tenantId, userId, sessionId, face, by } };
  });
}
