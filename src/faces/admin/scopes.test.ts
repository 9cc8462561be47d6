import { afterAll, beforeAll, expect, test } from 'vitest';
import { aKey, anOperator, clientWith, scoped } from '../../../testing/administration.ts';
import type { Client } from '../../../testing/client.ts';
import { openServer, type TestServer } from '../../../testing/server.ts';
import { type Scope, tenantScopes } from '../../domain/scope.ts';

let server: TestServer;
let operator: Client;
beforeAll(async () => {
  server = await openServer();
  operator = await anOperator(server);
});
afterAll(() => server[Symbol.asyncDispose]());

const id = '0192f000-0000-7000-8000-0000000000ff';

/** What every route of the document asks for. */
const needed: Readonly<Record<string, Scope>> = {
  'POST /v1/verifications': 'verifications:send',
  'GET /v1/verifications': 'verifications:read',
  'GET /v1/balance': 'verifications:read',
  'GET /v1/verifications/{id}': 'verifications:read',
  'POST /v1/verifications/{id}/checks': 'verifications:check',
  'POST /v1/verifications/{id}/sends': 'verifications:send',
  'POST /v1/verifications/{id}/cancel': 'verifications:send',
  'POST /v1/checks': 'verifications:check',
  'GET /v1/services': 'services:read',
  'POST /v1/services': 'services:write',
  'GET /v1/services/{name}': 'services:read',
  'PATCH /v1/services/{name}': 'services:write',
  'PUT /v1/services/{name}/test-numbers/{recipient}': 'services:write',
  'DELETE /v1/services/{name}/test-numbers/{recipient}': 'services:write',
  'GET /v1/api-keys': 'api-keys:read',
  'POST /v1/api-keys': 'api-keys:write',
  'PATCH /v1/api-keys/{id}': 'api-keys:write',
  'POST /v1/api-keys/{id}/rotate': 'api-keys:write',
  'POST /v1/api-keys/{id}/revoke': 'api-keys:write',
  'GET /v1/audit': 'audit:read',
  'GET /v1/webhook-endpoints': 'webhooks:read',
  'POST /v1/webhook-endpoints': 'webhooks:write',
  'GET /v1/webhook-endpoints/{id}': 'webhooks:read',
  'PATCH /v1/webhook-endpoints/{id}': 'webhooks:write',
  'DELETE /v1/webhook-endpoints/{id}': 'webhooks:write',
  'POST /v1/webhook-endpoints/{id}/rotate-secret': 'webhooks:write',
  'POST /v1/webhook-endpoints/{id}/test': 'webhooks:write',
  'GET /v1/webhook-endpoints/{id}/deliveries': 'webhooks:read',
  'POST /v1/webhook-endpoints/{id}/replay': 'webhooks:write',
  'POST /v1/users': 'users:write',
  'GET /v1/users': 'users:read',
  'GET /v1/users/{id}': 'users:read',
  'PATCH /v1/users/{id}': 'users:write',
  'DELETE /v1/users/{id}': 'users:write',
  'POST /v1/users/{id}/tokens': 'users:write',
  'GET /v1/users/{id}/tokens': 'users:read',
  'GET /v1/users/{id}/factors': 'users:read',
  'POST /v1/users/{id}/factors': 'factors:write',
  'GET /v1/users/{id}/factors/{factorId}': 'users:read',
  'POST /v1/users/{id}/factors/{factorId}/activate': 'factors:write',
  'POST /v1/users/{id}/factors/{factorId}/sends': 'factors:write',
  'DELETE /v1/users/{id}/factors/{factorId}': 'factors:write',
  'GET /v1/users/{id}/recovery-codes': 'users:read',
  'POST /v1/users/{id}/recovery-codes': 'recovery-codes:write',
  'POST /v1/users/{id}/challenges': 'challenges:write',
  'GET /v1/users/{id}/challenges/{challengeId}': 'users:read',
  'POST /v1/users/{id}/challenges/{challengeId}/checks': 'challenges:write',
  'POST /v1/sessions': 'sessions:write',
  'GET /v1/sessions': 'sessions:read',
  'DELETE /v1/sessions/{id}': 'sessions:write',
  'POST /v1/sessions/introspect': 'sessions:read',
  'POST /v1/sessions/revoke': 'sessions:write',
};

function ask(client: Client, method: string, path: string) {
  const filled = path.replace('{recipient}', '%2B12025550123').replace(/\{[^}]+\}/g, id);
  return client.request(method, filled, method === 'GET' || method === 'DELETE' ? {} : { body: {} });
}

test('every route of the document stands in this table', () => {
  const documented = Object.entries(server.document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(documented.sort()).toEqual(Object.keys(needed).sort());
});

test.each(Object.entries(needed))('%s takes a key with %s alone, and none that lacks it', async (route, scope) => {
  const [method = '', path = ''] = route.split(' ');
  const others = await scoped(server, server.alice, ...tenantScopes.filter((one) => one !== scope));
  const refused = await ask(others, method, path);
  expect([refused.status, refused.body]).toMatchObject([403, { code: 'forbidden' }]);
  expect(refused.text).toContain(scope);

  const alone = await scoped(server, server.alice, scope);
  expect([401, 403, 405, 500]).not.toContain((await ask(alone, method, path)).status);
  expect((await ask(operator, method, path)).status).toBe(403);
});

const tenantPart = Object.keys(needed).filter((route) => /services|api-keys|audit|webhook|users|sessions/.test(route));
const administrative = [
  'GET /admin/v1/tenants',
  'POST /admin/v1/tenants',
  'GET /admin/v1/tenants/{id}',
  'PATCH /admin/v1/tenants/{id}',
  ...tenantPart.map((route) => route.replace('/v1', '/admin/v1/tenants/{id}')),
  ...tenantPart.filter((route) => route.includes('api-keys')).map((route) => route.replace('/v1', '/admin/v1')),
  'GET /admin/v1/audit',
  'GET /admin/v1/audit/verification',
  'PUT /admin/v1/sending',
  'GET /admin/v1/status',
  'POST /admin/v1/purge',
  'POST /admin/v1/erasures',
];

test.each(administrative)('%s is for operators, and for nobody else', async (route) => {
  const [method = '', path = ''] = route.split(' ');
  // One with all that a tenant's key can hold.
  const refused = await ask(server.alice, method, path);
  expect([refused.status, refused.body]).toMatchObject([403, { code: 'forbidden' }]);
  const none = await fetch(server.url + path.replace('{id}', id), { method });
  expect(none.status).toBe(401);
  await none.text();
  if (path.endsWith('/purge')) return;
  expect([401, 403, 405, 500]).not.toContain((await ask(operator, method, path)).status);
});

test.each([
  'GET /admin/v1/keys',
  'POST /admin/v1/keys/data/rotate',
  'POST /admin/v1/keys/rewrap',
  'DELETE /admin/v1/keys/data/d1',
  'POST /admin/v1/backup',
])('%s is not there for anybody who comes over the network', async (route) => {
  const [method = '', path = ''] = route.split(' ');
  expect((await ask(operator, method, path)).status).toBe(404);
});

test('an unknown tenant is not found, whatever is asked of it', async () => {
  const unknown = ['', '/services', '/services/default', '/api-keys', '/audit', '/users'];
  for (const tenant of [id, '00000000-0000-0000-0000-000000000000', 'x', server.alice.tenantId.toUpperCase()]) {
    for (const path of unknown) {
      const reply = await operator.request('GET', `/admin/v1/tenants/${tenant}${path}`);
      expect([tenant, path, reply.status]).toEqual([tenant, path, 404]);
    }
  }
});

test('a key is a key in no other place than the header', async () => {
  const { key } = await aKey(server, server.alice);
  const places: [url: string, init: RequestInit][] = [
    [`/v1/services?api_key=${key}`, {}],
    [`/v1/services?authorization=Bearer%20${key}`, {}],
    ['/v1/services', { headers: { 'x-api-key': key } }],
    ['/v1/services', { headers: { cookie: `authorization=${key}` } }],
    ['/v1/services', { headers: { authorization: `Basic ${btoa(`${key}:`)}` } }],
    ['/v1/services', { headers: { authorization: key } }],
  ];
  for (const [path, init] of places) {
    const reply = await fetch(server.url + path, init);
    const text = await reply.text();
    expect([path, reply.status]).toEqual([path, 401]);
    expect(text).not.toContain(key);
  }
  expect(JSON.stringify(server.log)).not.toContain(key.slice(-40));
  expect((await clientWith(server, server.alice, key).request('GET', '/v1/verifications')).status).toBe(200);
});
