import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { createEventStreams } from './event-stream.ts';
import { createGuard } from './guard.ts';
import { type InboxView, latestTo, shown } from './inbox-view.ts';
import { contentSecurityPolicy, readPage } from './page.ts';
import type { QuickStart } from './quick-start.ts';
import { sendRefusal } from './refusal.ts';

export interface DevelopmentOptions {
  readonly inbox: InboxView;
  /** One member per face, answered as it is. */
  readonly credentials: object;
  /** COUNTERSIGN_DEV_TOKEN. Once set it is always required. */
  readonly token?: string;
  /** Where this server is reached, without a slash at its end. */
  readonly baseUrl: () => string;
  readonly commands: () => QuickStart;
  /** Between two signs of life on a silent stream. */
  readonly heartbeatMs?: number;
}

type Query = { readonly Querystring: { readonly to?: unknown; readonly token?: unknown } };

/**
 * Adds the development inbox, its page and the credentials: for development mode only, since they show codes and
 * keys to whoever may ask (see guard.ts).
 */
export async function developmentRoutes(app: FastifyInstance, options: DevelopmentOptions): Promise<void> {
  app.register(async (scope) => {
    guardAll(scope, options);
    inboxRoutes(scope, options);
    scope.get('/dev/credentials', () => options.credentials);
    scope.get('/dev/quickstart', () => ({ baseUrl: options.baseUrl(), ...options.commands() }));
  });
}

function guardAll(scope: FastifyInstance, { token }: DevelopmentOptions): void {
  const guard = createGuard(token);
  const queryTokenOf = (request: FastifyRequest<Query>) =>
    request.routeOptions.url === '/' ? textOf(request.query.token) : undefined;

  scope.addHook('onRequest', async (request: FastifyRequest<Query>, reply) => {
    reply.headers({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
    });
    const refusal = guard.refusalOf({ headers: request.headers, queryToken: queryTokenOf(request) });
    if (refusal !== undefined) return sendRefusal(reply, refusal);
    return undefined;
  });

  for (const { path, type, body } of readPage()) {
    scope.get(path, (request: FastifyRequest<Query>, reply: FastifyReply) => {
      if (guard.cookie !== undefined && guard.isToken(queryTokenOf(request))) reply.header('set-cookie', guard.cookie);
      reply.headers({ 'content-security-policy': contentSecurityPolicy, 'cross-origin-opener-policy': 'same-origin' });
      return reply.type(type).send(body);
    });
  }
}

function inboxRoutes(scope: FastifyInstance, { inbox, heartbeatMs = 15_000 }: DevelopmentOptions): void {
  const streams = createEventStreams(inbox, heartbeatMs);
  scope.addHook('preClose', async () => streams.close());

  scope.get('/dev/inbox', () => ({ messages: inbox.list().map(shown) }));
  // A HEAD request would wait for a stream that never ends.
  scope.get('/dev/inbox/stream', { exposeHeadRoute: false, config: { endless: true } }, (_request, reply) =>
    streams.open(reply),
  );
  scope.get<Query>('/dev/inbox/latest', (request, reply) => {
    const to = textOf(request.query.to);
    if (to === undefined) return sendRefusal(reply, recipientRequired);
    const message = latestTo(inbox, to);
    return message === undefined ? sendRefusal(reply, noMessage) : reply.send(shown(message));
  });
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

const recipientRequired = {
  status: 400,
  code: 'recipient_required',
  title: 'Whose message?',
  detail: 'Name one recipient: /dev/inbox/latest?to=%2B33612345678, or an e-mail address.',
};

const noMessage = {
  status: 404,
  code: 'no_message',
  title: 'No message yet',
  detail: 'The inbox holds no message to this recipient. Send one with POST /v1/verifications, then ask again.',
};
