import { Value } from 'typebox/value';
import { expect, test } from 'vitest';
import type { EdgeError } from './edge-error.ts';
import { edgeProblem, problem, problemSchema } from './problem.ts';

const policy = { name: 'requests', quota: 100, windowSeconds: 1 };

const errors: [error: EdgeError, status: number, code: string][] = [
  [{ kind: 'malformed' }, 400, 'malformed_request'],
  [{ kind: 'timeout' }, 408, 'request_timeout'],
  [{ kind: 'bad-json', reason: 'duplicate-key' }, 400, 'bad_json'],
  [{ kind: 'unsupported-media-type', reason: 'charset' }, 415, 'unsupported_media_type'],
  [{ kind: 'too-large' }, 413, 'body_too_large'],
  [{ kind: 'uri-too-long' }, 414, 'uri_too_long'],
  [{ kind: 'headers-too-large' }, 431, 'headers_too_large'],
  [{ kind: 'not-found' }, 404, 'not_found'],
  [{ kind: 'method-not-allowed', allow: ['GET'] }, 405, 'method_not_allowed'],
  [{ kind: 'invalid', field: 'recipient', remedy: 'is required' }, 400, 'invalid_request'],
  [{ kind: 'unauthorized' }, 401, 'unauthorized'],
  [{ kind: 'forbidden' }, 403, 'forbidden'],
  [{ kind: 'rate-limited', retryAfterSeconds: 3, policy }, 429, 'rate_limited'],
  [{ kind: 'unavailable', reason: 'overloaded', retryAfterSeconds: 2 }, 503, 'unavailable'],
  [{ kind: 'internal' }, 500, 'internal_error'],
];

test.each(errors)('words %j as problem details', (error, status, code) => {
  const reply = edgeProblem(error, 'request-1');
  const body: unknown = JSON.parse(reply.body);
  expect(reply).toMatchObject({ status, contentType: 'application/problem+json' });
  expect(Value.Check(problemSchema, body)).toBe(true);
  expect(body).toMatchObject({ type: `urn:countersign:problem:${code}`, status, code, requestId: 'request-1' });
});

test('names the field and the remedy', () => {
  const { body } = edgeProblem({ kind: 'invalid', field: 'recipient', remedy: 'is required' }, 'request-1');
  expect(JSON.parse(body)).toMatchObject({ detail: '`recipient` is required.', field: 'recipient' });
});

test('asks for a credential in the way HTTP does', () => {
  expect(edgeProblem({ kind: 'unauthorized' }, 'request-1').headers).toEqual({ 'www-authenticate': 'Bearer' });
});

test('lets extension members add to a problem and never replace its own', () => {
  const fields = { status: 409, code: 'verification_ended', title: 'Ended', detail: 'It has ended.', requestId: 'r' };
  const built = problem({ ...fields, extensions: { verificationStatus: 'expired', status: 200, type: 'x' } });
  expect(built).toEqual({
    ...fields,
    type: 'urn:countersign:problem:verification_ended',
    verificationStatus: 'expired',
  });
});
