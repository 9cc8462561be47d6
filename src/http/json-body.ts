import type { FastifyRequest } from 'fastify';
import { type EdgeError, EdgeRefusal } from './edge-error.ts';
import { parseStrictJson } from './strict-json.ts';

type BodyParsed = (error: Error | null, body?: unknown) => void;

/** The framework's parser for `application/json` bodies. A body of no bytes is left to the routes that allow it. */
export function parseJsonBody(request: FastifyRequest, body: Buffer, done: BodyParsed): void {
  if (!isUtf8Json(request.headers['content-type'])) {
    refuse(done, { kind: 'unsupported-media-type', reason: 'charset' });
    return;
  }
  if (body.length === 0 && request.routeOptions.config.emptyBody === true) {
    done(null, {});
    return;
  }
  const parsed = parseStrictJson(body);
  if (parsed.kind === 'parsed') done(null, parsed.value);
  else refuse(done, parsed);
}

function isUtf8Json(contentType: string | undefined): boolean {
  if (contentType === 'application/json') return true;
  return /^application\/json[ \t]*(?:;[ \t]*charset=(?:utf-8|"utf-8")[ \t]*)?$/i.test(contentType ?? '');
}

function refuse(done: BodyParsed, error: EdgeError): void {
  done(new EdgeRefusal(error), undefined);
}
