import { Compile } from 'typebox/schema';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Operation } from '../../../testing/conformity.ts';
import { differences } from '../../../testing/conformity.ts';
import { aNumber } from '../../../testing/numbers.ts';
import { openServer, type TestServer } from '../../../testing/server.ts';

/* That every answer is as documented is looked at wherever a test talks to the server: see testing/client.ts. */

let server: TestServer;
beforeAll(async () => {
  server = await openServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const routes = [
  'POST /v1/verifications',
  'GET /v1/verifications',
  'GET /v1/balance',
  'GET /v1/verifications/{id}',
  'POST /v1/verifications/{id}/checks',
  'POST /v1/verifications/{id}/sends',
  'POST /v1/verifications/{id}/cancel',
  'POST /v1/checks',
  'GET /v1/services',
  'POST /v1/services',
  'GET /v1/services/{name}',
  'PATCH /v1/services/{name}',
  'PUT /v1/services/{name}/test-numbers/{recipient}',
  'DELETE /v1/services/{name}/test-numbers/{recipient}',
  'GET /v1/api-keys',
  'POST /v1/api-keys',
  'PATCH /v1/api-keys/{id}',
  'POST /v1/api-keys/{id}/rotate',
  'POST /v1/api-keys/{id}/revoke',
  'GET /v1/audit',
  'GET /v1/webhook-endpoints',
  'POST /v1/webhook-endpoints',
  'GET /v1/webhook-endpoints/{id}',
  'PATCH /v1/webhook-endpoints/{id}',
  'DELETE /v1/webhook-endpoints/{id}',
  'POST /v1/webhook-endpoints/{id}/rotate-secret',
  'POST /v1/webhook-endpoints/{id}/test',
  'GET /v1/webhook-endpoints/{id}/deliveries',
  'POST /v1/webhook-endpoints/{id}/replay',
  'POST /v1/users',
  'GET /v1/users',
  'GET /v1/users/{id}',
  'PATCH /v1/users/{id}',
  'DELETE /v1/users/{id}',
  'POST /v1/users/{id}/tokens',
  'GET /v1/users/{id}/tokens',
  'GET /v1/users/{id}/factors',
  'POST /v1/users/{id}/factors',
  'GET /v1/users/{id}/factors/{factorId}',
  'POST /v1/users/{id}/factors/{factorId}/activate',
  'POST /v1/users/{id}/factors/{factorId}/sends',
  'DELETE /v1/users/{id}/factors/{factorId}',
  'GET /v1/users/{id}/recovery-codes',
  'POST /v1/users/{id}/recovery-codes',
  'POST /v1/users/{id}/challenges',
  'GET /v1/users/{id}/challenges/{challengeId}',
  'POST /v1/users/{id}/challenges/{challengeId}/checks',
  'POST /v1/sessions',
  'GET /v1/sessions',
  'DELETE /v1/sessions/{id}',
  'POST /v1/sessions/introspect',
  'POST /v1/sessions/revoke',
];

function operations(): [route: string, path: string, operation: Operation][] {
  return Object.entries(server.document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => {
      const row: [string, string, Operation] = [`${method.toUpperCase()} ${path}`, path, operation];
      return row;
    }),
  );
}

test('is OpenAPI 3.1 that asks for a bearer key', () => {
  const { openapi, info, components } = server.document;
  expect(openapi).toMatch(/^3\.1\.\d+$/);
  expect(info).toMatchObject({ title: 'Countersign', version: expect.stringMatching(/^\d+\.\d+\.\d+/) });
  expect(components.securitySchemes).toEqual({ bearer: { type: 'http', scheme: 'bearer' } });
  expect(server.document).toMatchObject({ security: [{ bearer: [] }] });
});

test('documents every route, and none that is not there', () => {
  const documented = operations().map(([route]) => route);
  expect(documented.sort()).toEqual([...routes].sort());
  const { app } = server.parts;
  for (const [route, path] of operations()) {
    const [method = ''] = route.split(' ');
    expect(app.hasRoute({ method, url: path.replace(/\{(\w+)\}/g, ':$1') })).toBe(true);
  }
});

test('gives each operation a name of its own, a summary, and its path parameters', () => {
  const ids = operations().map(([, , { operationId }]) => operationId);
  expect(new Set(ids).size).toBe(ids.length);
  for (const [, path, { operationId, summary, parameters = [] }] of operations()) {
    expect(operationId).toMatch(/^[a-z][A-Za-z]+$/);
    expect(summary).not.toBe('');
    const inPath = parameters.filter((parameter) => parameter.in === 'path');
    expect(inPath.map(({ name }) => `{${name}}`)).toEqual(path.match(/\{\w+\}/g) ?? []);
    expect(inPath.every(({ required }) => required === true)).toBe(true);
  }
});

/** A test call, and a question whose answer is too long or too secret for a URL. */
const changesNothing = new Set(['testWebhookEndpoint', 'introspectSession']);

test('offers an idempotency key on every POST and on nothing else', () => {
  for (const [route, , { operationId, parameters = [] }] of operations()) {
    const offered = parameters.some(({ name }) => name.toLowerCase() === 'idempotency-key');
    expect(offered).toBe(route.startsWith('POST') && !changesNothing.has(operationId));
  }
});

test('describes every answer, refusals as problem documents', () => {
  for (const [, , { responses }] of operations()) {
    expect(Object.keys(responses)).toEqual(expect.arrayContaining(['4XX', '5XX']));
    for (const [status, { description, content }] of Object.entries(responses)) {
      expect(status).toMatch(/^([1-5][0-9]{2}|[1-5]XX)$/);
      expect(description).not.toBe('');
      const mediaType = /^[45]/.test(status) ? 'application/problem+json' : 'application/json';
      expect(Object.keys(content)).toEqual([mediaType]);
    }
  }
});

test('holds schemas of JSON Schema 2020-12 only', () => {
  const schemas = operations().flatMap(([, , { parameters = [], requestBody, responses }]) => [
    ...parameters.map(({ schema }) => schema),
    ...Object.values(requestBody?.content ?? {}).map(({ schema }) => schema),
    ...Object.values(responses).flatMap(({ content }) => Object.values(content).map(({ schema }) => schema)),
  ]);
  expect(schemas.length).toBeGreaterThan(20);
  for (const schema of schemas) {
    expect(JSON.stringify(schema)).not.toMatch(/"nullable"|"\$ref"|"exclusiveM\w+":(true|false)|"kind":"/);
    expect(() => Compile(schema)).not.toThrow();
  }
});

test('closes every request: a field that is not documented is not accepted', () => {
  const bodies = operations().flatMap(([, , { requestBody }]) => Object.values(requestBody?.content ?? {}));
  expect(bodies).toHaveLength(29);
  for (const { schema } of bodies) expect(schema).toMatchObject({ type: 'object', additionalProperties: false });
});

test('says which bodies may be left out', () => {
  const optional = operations().filter(([, , { requestBody }]) => requestBody?.required === false);
  expect(optional.map(([, , { operationId }]) => operationId).sort()).toEqual([
    'cancelVerification',
    'createChallenge',
    'generateRecoveryCodes',
    'resendVerification',
    'revokeApiKey',
    'rotateApiKey',
    'rotateWebhookSecret',
    'sendFactorCode',
    'testWebhookEndpoint',
  ]);
});

test('is a yardstick that a wrong answer does not pass', async () => {
  const { alice, document } = server;
  const { body } = await alice.create({ recipient: aNumber() });
  const exchange = { method: 'POST', path: '/v1/verifications', sent: { recipient: aNumber() } };
  const good = { ...exchange, status: 201, contentType: 'application/json; charset=utf-8', body };
  expect(differences(document, good)).toEqual([]);
  const { id: _, ...without } = body;
  const wrong = [
    { ...good, body: without },
    { ...good, body: { ...body, status: 'lost' } },
    { ...good, body: { ...body, attemptsLeft: '5' } },
    { ...good, body: { ...body, createdAt: 'yesterday' } },
    { ...good, status: 202 },
    { ...good, contentType: 'text/html' },
    { ...good, sent: { recipient: 5 } },
    { ...good, sent: undefined },
  ];
  for (const exchanged of wrong) expect(differences(document, exchanged)).not.toEqual([]);
});

test('needs no key to be read', async () => {
  const response = await fetch(`${server.url}/v1/openapi.json`);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('application/json');
});
