import swagger from '@fastify/swagger';
import type { HttpServer } from './server.ts';

export interface OpenapiOptions {
  readonly title: string;
  /** Of the API, not of the software. */
  readonly version: string;
  readonly description?: string;
  /** Routes below it are documented, others are left out; the document stands there as `openapi.json`. */
  readonly prefix?: string;
}

/**
 * Serves an OpenAPI 3.1 document made from the route schemas. Await it before adding routes: those added earlier are
 * missing. The document is made at the first request for it, when all routes are there, and kept.
 */
export async function serveOpenapi(app: HttpServer, options: OpenapiOptions): Promise<void> {
  const { title, version, description, prefix = '/v1' } = options;
  const optionalBodies = new Set<string>();
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: description === undefined ? { title, version } : { title, version, description },
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
      security: [{ bearer: [] }],
    },
    transform: ({ schema, url, route }) => {
      if (route.config?.emptyBody === true) optionalBodies.add(schema?.operationId ?? '');
      return { schema: url.startsWith(`${prefix}/`) ? schema : { ...schema, hide: true }, url };
    },
  });

  let document: Buffer | undefined;
  app.get(`${prefix}/openapi.json`, { schema: { hide: true } }, (_request, reply) => {
    document ??= Buffer.from(JSON.stringify(withOptional(optionalBodies, app.swagger() as Document)));
    return reply.type('application/json').send(document);
  });
}

/** The part of a document that is looked at here. */
interface Document {
  readonly paths: Readonly<Record<string, { readonly post?: Operation }>>;
}

interface Operation {
  readonly operationId?: string;
  readonly requestBody?: { required?: boolean };
}

/** Every body is documented as required; those of these operations may be absent. */
function withOptional(operationIds: ReadonlySet<string>, document: Document): Document {
  for (const { post } of Object.values(document.paths)) {
    if (post?.requestBody !== undefined && operationIds.has(post.operationId ?? '')) post.requestBody.required = false;
  }
  return document;
}
