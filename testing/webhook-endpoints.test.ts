import { expect, test } from 'vitest';
import { locally } from './administration.ts';
import { times } from './builders.ts';
import { virtualClock } from './clock.ts';
import { openReceiver } from './receiver.ts';
import { openServer } from './server.ts';
import { verified } from './standard-webhooks.ts';
import { anEndpoint, cancelled, type Endpoint, ended, openTelling } from './webhooks.ts';

/* How tenants and operators manage webhook endpoints. */

test('while a secret is replaced both sign, and a day later only the new one', async () => {
  const clock = virtualClock();
  await using receiver = await openReceiver();
  await using server = await openTelling({ clock });
  const old = await anEndpoint(server, receiver.url, ended);
  const path = `/v1/webhook-endpoints/${old.id}/rotate-secret`;
  const { body: fresh } = await server.alice.request<Endpoint>('POST', path, { body: {} });
  expect(fresh.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  await cancelled(server);
  const [first] = await receiver.calls(1);
  if (first === undefined) throw new Error('no call came');
  for (const { secret } of [old, fresh])
    expect(verified(first, secret, clock.wallMs())).toMatchObject({ type: 'verification.cancelled' });
  clock.advance(86_400_000);
  await cancelled(server);
  const [, second] = await receiver.calls(2);
  if (second === undefined) throw new Error('no second call came');
  verified(second, fresh.secret, clock.wallMs());
  expect(() => verified(second, old.secret, clock.wallMs())).toThrow('no signature is right');
});

test('a secret is shown once, and a repeated request is told so', async () => {
  await using server = await openTelling();
  const headers = { 'idempotency-key': 'once' };
  const body = { url: 'https://example.com/events' };
  const first = await server.alice.request<Endpoint>('POST', '/v1/webhook-endpoints', { body, headers });
  const again = await server.alice.request('POST', '/v1/webhook-endpoints', { body, headers });
  expect([first.status, again.status, again.body.code, again.body.id]).toEqual([
    201,
    409,
    'already_done',
    first.body.id,
  ]);
  const everything = JSON.stringify([await server.rows(), (await server.alice.request('GET', '/v1/audit')).body]);
  expect(everything).not.toContain(first.body.secret.slice('whsec_'.length));
  const shown = await server.alice.request('GET', `/v1/webhook-endpoints/${first.body.id}`);
  expect(shown.text).not.toContain('whsec_');
});

test('changes are in the audit trail, without secrets', async () => {
  await using server = await openTelling();
  const { id } = await anEndpoint(server, 'https://example.com/events');
  const path = `/v1/webhook-endpoints/${id}`;
  await server.alice.request('PATCH', path, { body: { description: 'ours', enabled: false } });
  await server.alice.request('POST', `${path}/rotate-secret`, { body: {} });
  await server.alice.request('POST', `${path}/replay`, { body: { since: '2026-01-01T00:00:00Z' } });
  expect((await server.alice.request('DELETE', path)).body).toEqual({});
  expect((await server.alice.request('GET', path)).status).toBe(404);
  const { body } = await server.alice.request<{ entries: { action: string; target: string }[] }>('GET', '/v1/audit');
  expect(body.entries.map(({ action }) => action)).toEqual([
    'create-webhook-endpoint',
    'change-webhook-endpoint',
    'rotate-webhook-secret',
    'replay-webhooks',
    'delete-webhook-endpoint',
  ]);
  expect(new Set(body.entries.map(({ target }) => target))).toEqual(new Set([`webhook-endpoint ${id}`]));
});

test('a test call is signed, and says what came of it', async () => {
  await using receiver = await openReceiver();
  await using server = await openTelling();
  const endpoint = await anEndpoint(server, receiver.url);
  const path = `/v1/webhook-endpoints/${endpoint.id}/test`;
  const good = await server.alice.request('POST', path, { body: {} });
  expect(good.body).toEqual({ delivered: true, httpStatus: 200, reason: null });
  const [call] = receiver.received;
  if (call === undefined) throw new Error('no call came');
  expect(verified(call, endpoint.secret, Date.now())).toMatchObject({ type: 'webhook.test' });
  receiver.answer((response) => response.destroy());
  const bad = await server.alice.request('POST', path, { body: {} });
  expect(bad.body).toEqual({ delivered: false, httpStatus: null, reason: 'broken_connection' });
});

test('in production an endpoint is https, on a public name; what a name leads to is looked at before each call', async () => {
  await using server = await openServer();
  const make = (url: string) => server.alice.request('POST', '/v1/webhook-endpoints', { body: { url } });
  for (const url of ['http://example.com/', 'https://127.0.0.1/', 'https://[::1]/', 'https://example.com:8443/']) {
    const { status, body } = await make(url);
    expect([url, status, body.code]).toEqual([url, 400, 'invalid_request']);
  }
  expect((await make('https://example.com/')).status).toBe(201);
});

test('no more than ten endpoints a tenant', async () => {
  await using server = await openTelling();
  const made = await Promise.all(
    times(11, (index) =>
      server.alice.request('POST', '/v1/webhook-endpoints', { body: { url: `https://example.com/${index}` } }),
    ),
  );
  expect(made.filter(({ status }) => status === 201)).toHaveLength(10);
  expect(made.filter(({ status }) => status === 400)).toHaveLength(1);
});

test('an operator manages the endpoints of any tenant', async () => {
  await using server = await openTelling();
  const path = `/admin/v1/tenants/${server.alice.tenantId}/webhook-endpoints`;
  const made = await locally<Endpoint>(server, 'POST', path, { url: 'https://example.com/' });
  expect(made.status).toBe(201);
  const { body } = await server.alice.request<{ endpoints: Endpoint[] }>('GET', '/v1/webhook-endpoints');
  expect(body.endpoints.map(({ id }) => id)).toEqual([made.body.id]);
});
