import type { IncomingMessage } from 'node:http';
import type { FastifyReply } from 'fastify';
import type { Log } from '../engine/log.ts';
import type { EdgeError, EdgeFace, EdgeReply } from './edge-error.ts';
import { elapsedMs } from './elapsed.ts';
import { markEnded } from './ended-sockets.ts';
import { httpLimits } from './limits.ts';
import { edgeProblem } from './problem.ts';
import { rateLimitHeaders } from './rate.ts';
import { spelt } from './spelt.ts';

/** Words an edge error the way the face that owns the URL would. */
export type Edge = (url: string, error: EdgeError, requestId: string, elapsedMs?: number) => EdgeReply;

declare module 'fastify' {
  interface FastifyInstance {
    readonly edge: Edge;
  }
}

/**
 * @param faces - in any order; the longest prefix that matches whole path segments answers
 * @throws RangeError when a prefix is malformed or given twice: a mistake in how the parts were put together
 */
export function createEdge(faces: readonly EdgeFace[], log: Log): Edge {
  const ordered = [...faces].sort((a, b) => b.prefix.length - a.prefix.length);
  checkPrefixes(ordered);
  return (url, error, requestId, elapsedMs = 0) => {
    const reply = worded(ordered, { url, error, requestId, elapsedMs }, log);
    return { ...reply, headers: { ...impliedHeaders(error), ...reply.headers, 'x-request-id': requestId } };
  };
}

/** Answers a request with an edge error; ends the connection when more of a body may come than we are willing to read. */
export function sendEdgeError(reply: FastifyReply, error: EdgeError): FastifyReply {
  const { request, server } = reply;
  const answer = server.edge(request.raw.url ?? '', error, request.id, elapsedMs(request));
  if (error.kind === 'malformed' || endlessBody(request.raw) || reply.hasHeader('connection')) {
    reply.header('connection', 'close');
    markEnded(request.raw.socket);
  }
  spelt(reply, answer.headers ?? {})
    .code(answer.status)
    .type(answer.contentType);
  // As bytes, because the framework appends a charset to the content type of strings.
  return reply.send(Buffer.from(answer.body));
}

interface Asked {
  readonly url: string;
  readonly error: EdgeError;
  readonly requestId: string;
  readonly elapsedMs: number;
}

function worded(faces: readonly EdgeFace[], { url, error, requestId, elapsedMs }: Asked, log: Log): EdgeReply {
  const face = faces.find(({ prefix }) => owns(prefix, url));
  if (face === undefined) return edgeProblem(error, requestId);
  try {
    return face.reply(error, requestId, elapsedMs);
  } catch (err) {
    log.error({ err, requestId, prefix: face.prefix }, 'a face failed to word an error');
    return edgeProblem({ kind: 'internal' }, requestId);
  }
}

/** Whether a URL lies below a prefix, by whole segments of its path. */
export function owns(prefix: string, url: string): boolean {
  if (!url.startsWith(prefix)) return false;
  const next = url.charAt(prefix.length);
  return next === '' || next === '/' || next === '?';
}

/** What HTTP itself wants said, whatever the vendor's body looks like. */
function impliedHeaders(error: EdgeError): Record<string, string> {
  switch (error.kind) {
    case 'method-not-allowed':
      return { allow: error.allow.join(', ') };
    case 'rate-limited':
      return rateLimitHeaders(error.policy, { allowed: false, retryAfterSeconds: error.retryAfterSeconds });
    case 'unavailable':
      return { 'retry-after': String(error.retryAfterSeconds) };
    default:
      return {};
  }
}

function endlessBody(request: IncomingMessage): boolean {
  if (request.complete) return false;
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
  return encoding !== undefined || Number(length ?? 0) > httpLimits.bodyBytes;
}

function checkPrefixes(faces: readonly EdgeFace[]): void {
  const seen = new Set<string>();
  for (const { prefix } of faces) {
    if (!/^(?:\/[a-z0-9-]+)+$/.test(prefix)) throw new RangeError('a face prefix must look like /name or /name/v1');
    if (seen.has(prefix)) throw new RangeError(`two faces claim the prefix ${prefix}`);
    seen.add(prefix);
  }
}
