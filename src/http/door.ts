import type { IncomingMessage } from 'node:http';
import type { EdgeError } from './edge-error.ts';
import { invalid, shownName } from './invalid-input.ts';
import type { HttpLimits } from './limits.ts';

/** Every method that a route may have. */
export const methods = ['DELETE', 'GET', 'HEAD', 'PATCH', 'POST', 'PUT'] as const;

/**
 * What is refused by the head of a request alone, before its body is read. Runs for every request, so it allocates
 * nothing and looks at each header once.
 */
export function refusedAtDoor(request: IncomingMessage, { urlBytes, bodyBytes }: HttpLimits): EdgeError | undefined {
  const { url = '', headers } = request;
  if (url.length > urlBytes) return { kind: 'uri-too-long' };
  // Only the path form: who answers, and for whom, is told by the path's beginning.
  if (url.charCodeAt(0) !== SLASH || !standOnce(request)) return { kind: 'malformed' };

  if (headers['transfer-encoding'] !== undefined && !isPlainChunked(request)) return { kind: 'malformed' };
  const length = headers['content-length'];
  if (length !== undefined && Number(length) > bodyBytes) return { kind: 'too-large' };

  const encoding = headers['content-encoding'];
  if (encoding === undefined || encoding.toLowerCase() === 'identity') return undefined;
  return { kind: 'unsupported-media-type', reason: 'encoding' };
}

/** Refuses a query that gives a parameter more than once, which the query parser reports as an array. */
export function repeatedParameter(query: unknown): EdgeError | undefined {
  const parameters = query as Readonly<Record<string, unknown>>;
  for (const name in parameters) {
    if (Array.isArray(parameters[name])) return invalid([shownName(name)], 'is given more than once; give it once');
  }
  return undefined;
}

const SLASH = 47;

/** No compressed transfer, no chunks in HTTP/1.0, which does not have them, and none where no body is read. */
function isPlainChunked({ headers, httpVersion, method }: IncomingMessage): boolean {
  const chunked = headers['transfer-encoding']?.toLowerCase() === 'chunked';
  return chunked && httpVersion !== '1.0' && method !== 'GET' && method !== 'HEAD';
}

/**
 * Node quietly keeps the first of several `Host`, `Authorization` or `Content-Type` lines, where a proxy in front may
 * have judged the last: so each may stand there once. HTTP/1.0 needs no host.
 * @see RFC 9112 §3.2
 */
function standOnce({ rawHeaders, httpVersion }: IncomingMessage): boolean {
  let hosts = 0;
  let authorizations = 0;
  let contentTypes = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? '';
    if (name.length === 4 && isNamed(name, 'host')) hosts++;
    else if (name.length === 13 && isNamed(name, 'authorization')) authorizations++;
    else if (name.length === 12 && isNamed(name, 'content-type')) contentTypes++;
  }
  return authorizations < 2 && contentTypes < 2 && (hosts === 1 || (hosts === 0 && httpVersion === '1.0'));
}

function isNamed(name: string, lowerCase: string): boolean {
  return name === lowerCase || name.toLowerCase() === lowerCase;
}
