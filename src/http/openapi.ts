import swagger from '@fastify/swagger';
import type { ApiDocument, ProblemKind } from './reference/document.ts';
import type { HttpServer } from './server.ts';

export interface OpenapiOptions {
  readonly title: string;
  /** Of the API, not of the software. */
  readonly version: string;
  readonly description?: string;
  /** Routes below it are documented, others are left out; the document stands there as `openapi.json`. */
  readonly prefix?: string;
  /** Every problem that is answered below the prefix; the document has them as `x-problems`. */
  readonly problems?: readonly ProblemKind[];
}

/**
 * Serves an OpenAPI 3.1 document made from the route schemas. Await it before adding routes: those added earlier are
 * missing. The document is made at the first request for it, when all routes are there, and kept.
 * @returns the document; call it when all routes are there
 */
export async function serveOpenapi(app: HttpServer, options: OpenapiOptions): Promise<() => ApiDocument> {
  const { title, version, description, prefix = '/v1', problems } = options;
  const optionalBodies = new Set<string>();
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: description === undefined ? { title, version } : { title, version, description },
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
      security: [{ bearer: [] }],
      ...(problems === undefined ? {} : { 'x-problems': problems }),
    },
    transform: ({ schema, url, route }) => {
      if (route.config?.emptyBody === true) optionalBodies.add(schema?.operationId ?? '');
      return { schema: url.startsWith(`${prefix}/`) ? schema : { ...schema, hide: true }, url };
    },
  });

  const document = () => withOptional(optionalBodies, app.swagger() as Document & ApiDocument);
  let served: Buffer | undefined;
  app.get(`${prefix}/openapi.json`, { schema: { hide: true } }, (_request, reply) => {
    served ??= Buffer.from(JSON.stringify(document()));
    return reply.type('application/json').send(served);
  });
  return document;
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
function withOptional<Whole extends Document>(operationIds: ReadonlySet<string>, document: Whole): Whole {
  for (const { post } of Object.values(document.paths)) {
    if (post?.requestBody !== undefined && operationIds.has(post.operationId ?? '')) post.requestBody.required = false;
  }
  return document;
}
