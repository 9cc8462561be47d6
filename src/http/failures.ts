import type { FastifyError, FastifyRequest } from 'fastify';
import type { Log } from '../engine/log.ts';
import { Unavailable } from '../engine/unavailable.ts';
import { type EdgeError, EdgeRefusal } from './edge-error.ts';
import { invalidInput } from './invalid-input.ts';
import type { KnownRoutes } from './known-routes.ts';

/** What to say to a request that no route took. */
export function unrouted(known: KnownRoutes, { raw }: FastifyRequest): EdgeError {
  const [path = ''] = (raw.url ?? '').split('?', 1);
  const allow = known.methodsOf(path);
  return allow.length === 0 ? { kind: 'not-found' } : { kind: 'method-not-allowed', allow };
}

/** What to say when the router could not even read the path. */
export function unroutable({ code }: FastifyError): EdgeError {
  // Nothing of ours has an id this long, so what it names does not exist.
  return code === 'FST_ERR_MAX_PARAM_LENGTH' ? { kind: 'not-found' } : { kind: 'malformed' };
}

/** Turns whatever was thrown into an answer. What is nobody's fault but ours is logged, whole, and told to nobody. */
export function explained(error: unknown, request: FastifyRequest, log: Log): EdgeError {
  if (error instanceof EdgeRefusal) return error.edge;
  if (error instanceof Unavailable) {
    return { kind: 'unavailable', reason: error.reason, retryAfterSeconds: error.retryAfterSeconds };
  }
  const blamed = error instanceof Error ? clientsFault(error, request) : undefined;
  if (blamed !== undefined) return blamed;

  const { method, url } = request.routeOptions;
  log.error({ err: error, requestId: request.id, method, route: url }, 'a request failed');
  return { kind: 'internal' };
}

function clientsFault(error: Error & Partial<FastifyError>, { body, raw }: FastifyRequest): EdgeError | undefined {
  const { validation, validationContext, code = '' } = error;
  // The same code from a request that was read whole is a connection of ours that broke.
  if (code === 'ECONNRESET' && !raw.complete) return { kind: 'malformed' };
  if (validation === undefined) return frameworkRefusals.get(code);
  if (validationContext === 'body' && body === undefined) return { kind: 'bad-json', reason: 'empty' };
  return invalidInput(validation);
}

/** What the framework itself throws because of the client. */
const frameworkRefusals = new Map<string, EdgeError>([
  ['FST_ERR_CTP_BODY_TOO_LARGE', { kind: 'too-large' }],
  ['FST_ERR_CTP_INVALID_MEDIA_TYPE', { kind: 'unsupported-media-type', reason: 'media-type' }],
  ['FST_ERR_CTP_INVALID_CONTENT_LENGTH', { kind: 'malformed' }],
]);
