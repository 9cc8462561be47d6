import { randomBytes } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import {
  type FastifyBaseLogger,
  type FastifyHttpOptions,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  fastify,
  type HookHandlerDoneFunction,
  LogController,
  type RawServerDefault,
  type RouteOptions,
} from 'fastify';
import type { Log } from '../engine/log.ts';
import { clientErrorHandler, endWith } from './client-error.ts';
import { methods, refusedAtDoor, repeatedParameter } from './door.ts';
import { drain } from './drain.ts';
import { createEdge, sendEdgeError } from './edge.ts';
import type { EdgeError, EdgeFace } from './edge-error.ts';
import { isEnded } from './ended-sockets.ts';
import { explained, unroutable, unrouted } from './failures.ts';
import { parseJsonBody } from './json-body.ts';
import { createKnownRoutes, type KnownRoutes } from './known-routes.ts';
import { type HttpLimits, tightened } from './limits.ts';
import { createRequestIds } from './request-ids.ts';

export type HttpServer = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

export interface HttpServerOptions {
  readonly log: Log;
  /** How each face words what goes wrong around it; paths of no face are answered with problem details. */
  readonly faces?: readonly EdgeFace[];
  /** Lowers limits, for tests and small machines. Higher values are ignored. */
  readonly limits?: Partial<HttpLimits>;
  /** Start of every request id; random when absent. */
  readonly requestIdPrefix?: string;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route's body may be absent and is then read as `{}`. */
    emptyBody?: boolean;
    /** The route's specification gives a meaning to a query parameter given twice. */
    repeatedQuery?: boolean;
  }
}

/**
 * The one HTTP server that all faces share: hard limits, strict reading, request ids, and an answer to everything that
 * goes wrong. Routes are added to it with TypeBox schemas, which refuse unknown fields and never change their input.
 */
export function createHttpServer(options: HttpServerOptions): HttpServer {
  const limits = tightened(options.limits ?? {});
  const nextId = createRequestIds(options.requestIdPrefix ?? randomBytes(8).toString('hex'));
  const edge = createEdge(options.faces ?? [], options.log);
  const known = createKnownRoutes();

  const app = fastify({
    ...fixedOptions(limits),
    genReqId: nextId,
    clientErrorHandler: clientErrorHandler(edge, nextId),
    frameworkErrors: (error, { raw }, reply) => sendEdgeError(reply, refusedAtDoor(raw, limits) ?? unroutable(error)),
  }).withTypeProvider<TypeBoxTypeProvider>();

  app.server.maxConnections = limits.connections;
  app.server.on('connect', (_request, socket) => endWith(socket, edge('', refusedTunnel, nextId())));
  app.server.on('checkExpectation', (request) => endWith(request.socket, edge('', { kind: 'malformed' }, nextId())));
  app.decorate('edge', edge);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, parseJsonBody);
  app.addHook('onRoute', (route) => noteRoute(known, route));
  app.addHook('onRequest', atDoor(limits));
  app.addHook('preClose', async () => drain(app.server, limits.drainMs));
  app.setNotFoundHandler((request, reply) => sendEdgeError(reply, unrouted(known, request)));
  app.setErrorHandler<unknown>((error, request, reply) => sendEdgeError(reply, explained(error, request, options.log)));
  return app;
}

const refusedTunnel: EdgeError = { kind: 'method-not-allowed', allow: methods };

function fixedOptions(limits: HttpLimits): FastifyHttpOptions<Server> {
  return {
    bodyLimit: limits.bodyBytes,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    http: {
      maxHeaderSize: limits.headerBytes,
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      connectionsCheckingInterval: limits.connectionsCheckingIntervalMs,
      insecureHTTPParser: false,
      // We look at it ourselves, because Node's own refusal has no body.
      requireHostHeader: false,
    },
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false, allErrors: false } },
    logger: false,
    logController: new LogController({ disableRequestLogging: true }),
    // While closing, requests that already reached us are answered, with `connection: close`, instead of refused.
    return503OnClosing: false,
  };
}

function noteRoute(known: KnownRoutes, route: RouteOptions): void {
  const foreign = [route.method].flat().find((method) => !methods.some((ours) => ours === method));
  if (foreign !== undefined) throw new RangeError(`no route may have the method ${foreign}`);
  known.add(route.method, route.url);
  if (route.config?.emptyBody === true) {
    route.preValidation = [fillEmptyBody, ...[route.preValidation ?? []].flat()];
  }
}

function fillEmptyBody(request: FastifyRequest, _reply: FastifyReply, done: HookHandlerDoneFunction): void {
  request.body ??= {};
  done();
}

/** The only hook that every request passes. */
function atDoor(limits: HttpLimits) {
  return (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction): void => {
    if (isEnded(request.raw.socket)) return;
    reply.header('x-request-id', request.id);
    const refusal = refusedAtDoor(request.raw, limits) ?? refusedQuery(request);
    if (refusal === undefined) done();
    else sendEdgeError(reply, refusal);
  };
}

function refusedQuery(request: FastifyRequest): EdgeError | undefined {
  const repeated = repeatedParameter(request.query);
  return repeated === undefined || request.routeOptions.config.repeatedQuery === true ? undefined : repeated;
}
