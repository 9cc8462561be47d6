import { expect, test } from 'vitest';
import type { EdgeError } from './edge-error.ts';
import { edgeStatus, edgeWords } from './edge-words.ts';

const policy = { name: 'p', quota: 7, windowSeconds: 1 };

const words: [error: EdgeError, status: number, said: string][] = [
  [{ kind: 'invalid', field: 'recipient', remedy: 'is required' }, 400, 'recipient is required.'],
  [{ kind: 'invalid', remedy: 'must be of type object' }, 400, 'The body must be of type object.'],
  [{ kind: 'unauthorized' }, 401, 'The credential is missing or not accepted.'],
  [{ kind: 'unauthorized', remedy: 'Log in again.' }, 401, 'Log in again.'],
  [{ kind: 'forbidden' }, 403, 'This credential may not do this.'],
  [{ kind: 'forbidden', remedy: 'This key lacks the scope a:b.' }, 403, 'This key lacks the scope a:b.'],
  [{ kind: 'method-not-allowed', allow: ['GET', 'HEAD'] }, 405, 'Use GET, HEAD here.'],
  [{ kind: 'rate-limited', retryAfterSeconds: 3, policy }, 429, 'Wait 3 s before the next request.'],
  [{ kind: 'unavailable', reason: 'overloaded', retryAfterSeconds: 3 }, 503, 'Try again after the stated time.'],
  [{ kind: 'internal' }, 500, 'Something failed on our side.'],
];

test.each(words)('%j is %i: %s', (error, status, said) => {
  expect([edgeStatus[error.kind], edgeWords(error)]).toEqual([status, said]);
});
