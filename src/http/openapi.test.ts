import { Type } from 'typebox';
import { expect, test } from 'vitest';
import { serveOpenapi } from './openapi.ts';
import { problemSchema } from './problem.ts';
import { createHttpServer } from './server.ts';

const silent = { error: () => undefined, warn: () => undefined, info: () => undefined };

async function aDocumentedServer() {
  const app = createHttpServer({ log: silent });
  await serveOpenapi(app, { title: 'Things', version: '1' });
  const body = Type.Object({ name: Type.String({ maxLength: 9 }) }, { additionalProperties: false });
  app.post('/v1/things', { schema: { body, response: { 200: body, 400: problemSchema } } }, (request) => request.body);
  app.get('/acme/things', () => ({}));
  return app;
}

test('serves the native routes, their schemas and the way to authenticate as OpenAPI 3.1', async () => {
  const app = await aDocumentedServer();
  const answer = await app.inject('/v1/openapi.json');
  expect(answer.headers['content-type']).toBe('application/json');
  expect(answer.json()).toMatchObject({
    openapi: '3.1.0',
    info: { title: 'Things', version: '1' },
    security: [{ bearer: [] }],
    components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
  });

  const { paths } = answer.json<{ paths: Record<string, { post: { requestBody: unknown } }> }>();
  expect(Object.keys(paths)).toEqual(['/v1/things']);
  expect(JSON.stringify(paths['/v1/things']?.post.requestBody)).toContain('"maxLength":9');
  await app.close();
});

test('makes the document once', async () => {
  const app = await aDocumentedServer();
  const [first, second] = [await app.inject('/v1/openapi.json'), await app.inject('/v1/openapi.json')];
  expect(first.body).toBe(second.body);
  await app.close();
});
