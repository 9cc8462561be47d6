import { expect, test } from 'vitest';
import { createEdge } from './edge.ts';
import type { EdgeFace } from './edge-error.ts';

const silent = { error: () => undefined, warn: () => undefined, info: () => undefined };

function aFace(prefix: string): EdgeFace {
  return { prefix, reply: ({ kind }) => ({ status: 400, contentType: 'text/x', body: `${prefix} ${kind}` }) };
}

const FACES = [aFace('/acme'), aFace('/acme/v2'), aFace('/other/v1')];

const urls: [url: string, body: RegExp][] = [
  ['/acme', /^\/acme not-found$/],
  ['/acme?x=1', /^\/acme not-found$/],
  ['/acme/v1/things', /^\/acme not-found$/],
  ['/acme/v2/things', /^\/acme\/v2 not-found$/],
  ['/acme/v22', /^\/acme not-found$/],
  ['/acmes', /urn:countersign:problem:not_found/],
  ['/other', /urn:countersign:problem:not_found/],
  ['', /urn:countersign:problem:not_found/],
];

test.each(urls)('answers %j in the words of the face with the longest matching prefix', (url, body) => {
  expect(createEdge(FACES, silent)(url, { kind: 'not-found' }, 'r').body).toMatch(body);
});

test('adds the header fields that HTTP asks for to any body', () => {
  const edge = createEdge(FACES, silent);
  const policy = { name: 'requests', quota: 100, windowSeconds: 1 };
  expect(edge('/acme', { kind: 'method-not-allowed', allow: ['GET', 'PUT'] }, 'r').headers).toEqual({
    allow: 'GET, PUT',
    'x-request-id': 'r',
  });
  expect(edge('/acme', { kind: 'unavailable', reason: 'overloaded', retryAfterSeconds: 4 }, 'r').headers).toEqual({
    'retry-after': '4',
    'x-request-id': 'r',
  });
  expect(edge('/acme', { kind: 'rate-limited', retryAfterSeconds: 3, policy }, 'r').headers).toEqual({
    'ratelimit-policy': '"requests";q=100;w=1',
    ratelimit: '"requests";r=0;t=3',
    'retry-after': '3',
    'x-request-id': 'r',
  });
});

test('answers a problem and logs it when a face fails to word an error', () => {
  const logged: object[] = [];
  const log = { ...silent, error: (fields: object) => logged.push(fields) };
  const broken: EdgeFace = {
    prefix: '/acme',
    reply: () => {
      throw new Error('secret words');
    },
  };
  const reply = createEdge([broken], log)('/acme', { kind: 'not-found' }, 'r');
  expect(reply.status).toBe(500);
  expect(reply.body).not.toContain('secret');
  expect(logged).toEqual([{ err: new Error('secret words'), requestId: 'r', prefix: '/acme' }]);
});

test.each([['acme'], ['/acme/'], ['/'], [''], ['/Acme'], ['/acme', '/acme']])(
  'refuses the prefixes %j %j',
  (...prefixes) => {
    const given = prefixes.filter((prefix) => prefix !== undefined).map(aFace);
    expect(() => createEdge(given, silent)).toThrow(RangeError);
  },
);
