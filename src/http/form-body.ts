import { isUtf8 } from 'node:buffer';
import type { FastifyRequest } from 'fastify';
import { EdgeRefusal } from './edge-error.ts';

type BodyParsed = (error: Error | null, body?: URLSearchParams) => void;

export const formType = 'application/x-www-form-urlencoded';

/** The framework's parser for form bodies, for the routes of vendors who take them. Repeated fields are for the route. */
export function parseFormBody(_request: FastifyRequest, body: Buffer, done: BodyParsed): void {
  if (isUtf8(body)) done(null, new URLSearchParams(body.toString()));
  else done(new EdgeRefusal({ kind: 'invalid', remedy: 'must be a form in UTF-8' }));
}
