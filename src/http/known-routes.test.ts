import { expect, test } from 'vitest';
import { createKnownRoutes } from './known-routes.ts';

const known = createKnownRoutes();
known.add('POST', '/v1/things');
known.add('GET', '/v1/things');
known.add(['GET', 'HEAD'], '/v1/things/:id');
known.add('DELETE', '/v1/things/latest');
known.add('GET', '/files/*');

const paths: [path: string, methods: string[]][] = [
  ['/v1/things', ['GET', 'POST']],
  ['/v1/things/42', ['GET', 'HEAD']],
  ['/v1/things/latest', ['DELETE', 'GET', 'HEAD']],
  ['/files/a/b/c', ['GET']],
  ['/files', []],
  ['/v1/things/', ['GET', 'HEAD']],
  ['/v1/things/42/x', []],
  ['/v1', []],
  ['', []],
];

test.each(paths)('knows for %j the methods %j', (path, methods) => {
  expect(known.methodsOf(path)).toEqual(methods);
});
