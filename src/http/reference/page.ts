import { readFileSync } from 'node:fs';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { HttpServer } from '../server.ts';
import type { ApiDocument } from './document.ts';
import { escaped } from './html.ts';
import { renderReference } from './render.ts';

/** Our stylesheet and nothing else: no script, nothing inline, nothing from elsewhere, in nobody's frame. */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "style-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Stands for the address in the page that is kept; no other text of the page can be the same. */
const anyBaseUrl = 'http://base-url.invalid';
const unknownBaseUrl = 'http://127.0.0.1:8080';

export interface ReferenceOptions {
  /** Called at the first request, when all routes are there. */
  readonly document: () => ApiDocument;
  /** Where the document stands. */
  readonly openapi: string;
}

/**
 * Serves the API reference at `/docs`, for whoever asks: it says nothing that the OpenAPI document does not say. It is
 * made once, at the first request; each answer only has the address it was asked at filled in.
 * @throws when the stylesheet is missing: a broken build
 */
export function reference(app: HttpServer, { document, openapi }: ReferenceOptions): void {
  const stylesheet = readFileSync(new URL('./static/reference.css', import.meta.url), 'utf8');
  const hidden = { schema: { hide: true } };
  let page: string | undefined;

  app.get('/docs', hidden, (request, reply) => {
    page ??= renderReference(document(), { baseUrl: anyBaseUrl, stylesheet: '/docs/reference.css', openapi });
    const body = page.replaceAll(anyBaseUrl, () => escaped(baseUrlOf(request)));
    return guarded(reply).header('cache-control', 'private, no-cache').type('text/html; charset=utf-8').send(body);
  });
  app.get('/docs/reference.css', hidden, (_request, reply) =>
    guarded(reply).header('cache-control', 'no-cache').type('text/css; charset=utf-8').send(stylesheet),
  );
}

function guarded(reply: FastifyReply): FastifyReply {
  return reply.headers({
    'content-security-policy': contentSecurityPolicy,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
  });
}

/**
 * As the reader reached us, maybe through a proxy that ends TLS. The header is believed from anybody, since the answer
 * goes to nobody else. What is no host name could be a command in an example that is pasted, and is left out.
 */
function baseUrlOf({ headers }: FastifyRequest): string {
  const { host = '', 'x-forwarded-proto': scheme } = headers;
  if (!/^(?:[a-z0-9.-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::[0-9]{1,5})?$/i.test(host)) return unknownBaseUrl;
  return `${scheme === 'https' ? 'https' : 'http'}://${host}`;
}
