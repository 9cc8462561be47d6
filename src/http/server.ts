import { randomUUID } from 'node:crypto';
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
import { createMeter, type Meter } from '../engine/meter.ts';
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
import { Overload, type RouteUrgency } from './overload.ts';
import { createRequestIds } from './request-ids.ts';
import { Traffic } from './traffic.ts';

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
  /** What every request id begins with; all of a random UUID but its last group when absent. */
  readonly requestIdPrefix?: string;
  readonly meter?: Meter;
  /** Event-loop delay, 99th percentile of the last seconds; none when absent. */
  readonly loopDelayMs?: () => number;
  /** From 0 to below 1, for jitter. */
  readonly fraction?: () => number;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route's body may be absent and is then read as `{}`. */
    emptyBody?: boolean;
    /** The route's specification gives a meaning to a query parameter given twice. */
    repeatedQuery?: boolean;
    /** When it is turned away from a server with too much to do; as a `read` when absent. */
    urgency?: RouteUrgency;
    /** It is answered for as long as somebody listens. */
    endless?: boolean;
  }

  interface FastifyRequest {
    /** It was read whole and is being worked on. */
    working: boolean;
    /** When its head had come, by the monotonic clock. */
    enteredMs: number;
  }
}

/**
 * The one HTTP server that all faces share: hard limits, strict reading, request ids, and an answer to everything that
 * goes wrong. Routes are added to it with TypeBox schemas, which refuse unknown fields and never change their input.
 */
export function createHttpServer(options: HttpServerOptions): HttpServer {
  const limits = tightened(options.limits ?? {});
  const nextId = createRequestIds(options.requestIdPrefix ?? randomUUID().slice(0, 24));
  const edge = createEdge(options.faces ?? [], options.log);
  const known = createKnownRoutes();
  const { meter = createMeter(), loopDelayMs: delayMs = () => 0, fraction = () => 0 } = options;
  const traffic = new Traffic({ faces: options.faces ?? [], requests: meter.requests, log: options.log });
  const overload = new Overload({ requestsMax: limits.requests, delayMs, fraction, shed: meter.shed });

  const app = fastify({
    ...fixedOptions(limits),
    genReqId: nextId,
    clientErrorHandler: clientErrorHandler(edge, nextId),
    frameworkErrors(error, request, reply) {
      traffic.enter(request, reply, () => undefined);
      sendEdgeError(reply, refusedAtDoor(request.raw, limits) ?? unroutable(error));
    },
  }).withTypeProvider<TypeBoxTypeProvider>();

  app.server.maxConnections = limits.connections;
  app.server.on('connection', (socket) => traffic.connected(socket));
  app.server.on('connect', (_request, socket) => endWith(socket, edge('', refusedTunnel, nextId())));
  app.server.on('checkExpectation', (request) => endWith(request.socket, edge('', { kind: 'malformed' }, nextId())));
  app.decorate('edge', edge);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, parseJsonBody);
  app.addHook('onRoute', (route) => noteRoute(known, route));
  app.decorateRequest('working', false);
  app.decorateRequest('enteredMs', 0);
  app.addHook('onRequest', atDoor(limits, traffic, overload));
  app.addHook('preValidation', beginWork(overload));
  app.addHook('preClose', async () => {
    traffic.close();
    drain(app.server, limits.drainMs);
  });
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
    // Some clients join a base URL that ends in a slash and a path that begins with one.
    // However long what stands in a path may be, whether it names anything is for the route to say, in its face's words.
    routerOptions: { ignoreDuplicateSlashes: true, maxParamLength: limits.urlBytes },
    logController: new LogController({ disableRequestLogging: true }),
    // While closing, requests that already reached us are answered, with `connection: close`, instead of refused.
    return503OnClosing: false,
  };
}

function noteRoute(known: KnownRoutes, route: RouteOptions): void {
  const foreign = [route.method].flat().find((method) => !methods.some((ours) => ours === method));
  if (foreign !== undefined) throw new RangeError(`no route may have the method ${foreign}`);
  // To those whom they do not answer there is nothing there, whatever the method.
  if (route.config?.urgency !== 'operations') known.add(route.method, route.url);
  if (route.config?.emptyBody === true) {
    route.preValidation = [fillEmptyBody, ...[route.preValidation ?? []].flat()];
  }
}

function fillEmptyBody(request: FastifyRequest, _reply: FastifyReply, done: HookHandlerDoneFunction): void {
  request.body ??= {};
  done();
}

/** The hook that every request passes. */
function atDoor(limits: HttpLimits, traffic: Traffic, overload: Overload) {
  return (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction): void => {
    if (isEnded(request.raw.socket)) return;
    traffic.enter(request, reply, () => request.working && overload.ended());
    reply.header('x-request-id', request.id);
    const refusal = refusedAtDoor(request.raw, limits) ?? refusedQuery(request) ?? turnedAway(request, overload);
    if (refusal === undefined) done();
    else sendEdgeError(reply, refusal);
  };
}

/** Passed by those that were read whole and let in. More than there is room for may have been at the door at once. */
function beginWork(overload: Overload) {
  return (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction): void => {
    const refusal = turnedAway(request, overload);
    if (refusal !== undefined) return void sendEdgeError(reply, refusal);
    request.working = true;
    overload.began();
    done();
  };
}

function turnedAway(request: FastifyRequest, overload: Overload): EdgeError | undefined {
  return overload.isPressed ? overload.refusal(request.routeOptions.config?.urgency ?? 'read') : undefined;
}

function refusedQuery(request: FastifyRequest): EdgeError | undefined {
  const repeated = repeatedParameter(request.query);
  return repeated === undefined || request.routeOptions.config.repeatedQuery === true ? undefined : repeated;
}
