import { afterAll, beforeAll, expect, test } from 'vitest';
import { anOperator, locally } from '../../../testing/administration.ts';
import { openServer, type TestServer } from '../../../testing/server.ts';
import { priceTable } from '../../domain/price.ts';

const prices = priceTable('USD', [{ channel: 'sms', country: '*', perPartMicros: 45_000 }]);

let server: TestServer;
beforeAll(async () => {
  server = await openServer({ prices });
});
afterAll(() => server[Symbol.asyncDispose]());

const recipient = '+33612345678';
const tenantPath = () => `/admin/v1/tenants/${server.alice.tenantId}`;
const pay = (amount: unknown, headers: Record<string, string> = {}) =>
  locally(server, 'POST', `${tenantPath()}/balance`, { amount }, headers);
const seen = async () => (await server.alice.request('GET', '/v1/balance')).body;

test('a tenant that pays beforehand sends what it has paid for, and sees what is left', async () => {
  expect(await seen()).toEqual({ prepaid: false, balance: null, currency: 'USD' });
  expect((await locally(server, 'PATCH', tenantPath(), { prepaid: true })).body).toMatchObject({
    prepaid: true,
    balance: 0,
    currency: 'USD',
  });
  const create = () => server.alice.request('POST', '/v1/verifications', { body: { recipient, reference: `${at++}` } });
  let at = 0;
  expect(await create()).toMatchObject({ status: 402, body: { code: 'insufficient_balance' } });
  expect((await pay(0.09)).body).toMatchObject({ prepaid: true, balance: 0.09 });
  expect([(await create()).status, (await create()).status]).toEqual([201, 201]);
  expect(await create()).toMatchObject({ status: 402 });
  expect(await seen()).toEqual({ prepaid: true, balance: 0, currency: 'USD' });
  expect(server.outbox.messages).toHaveLength(2);
});

test('a payment is in the trail, with what there was and what there is', async () => {
  await pay(10.5);
  await pay(-0.000001);
  const { body } = await server.alice.request<{ entries: object[] }>('GET', '/v1/audit?limit=100');
  expect(body.entries.at(-1)).toMatchObject({
    action: 'change-balance',
    target: `tenant ${server.alice.tenantId}`,
    before: { balanceMicros: 10_500_000 },
    after: { balanceMicros: 10_499_999 },
  });
});

test('no more is taken than there is', async () => {
  const before = await seen();
  expect(await pay(-11)).toMatchObject({ status: 409, body: { code: 'balance_too_small' } });
  expect(await seen()).toEqual(before);
});

test('a payment with an idempotency key is made once', async () => {
  const { balance } = await seen();
  const headers = { 'idempotency-key': 'payment-1' };
  for (let round = 0; round < 3; round++) expect((await pay(1, headers)).status).toBe(200);
  expect(await pay(2, headers)).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
  expect(await seen()).toMatchObject({ balance: Number(balance) + 1 });
});

test.each([0, 0.0000001, 1e10, '5', null])('refuses %j as an amount', async (amount) => {
  expect(await pay(amount)).toMatchObject({ status: 400, body: { field: 'amount' } });
});

test('only operators change a balance, and only of tenants that there are', async () => {
  const path = `${tenantPath()}/balance`;
  expect((await server.alice.request('POST', path, { body: { amount: 5 } })).status).toBe(403);
  const operator = await anOperator(server);
  const unknown = '/admin/v1/tenants/0192f000-0000-7000-8000-0000000000ff/balance';
  expect((await operator.request('POST', unknown, { body: { amount: 5 } })).status).toBe(404);
  const { body } = await operator.request('POST', path, { body: { amount: 5 } });
  expect(body).toMatchObject({ balance: (await seen()).balance });
});

test('each tenant sees its own balance', async () => {
  expect((await server.bob.request('GET', '/v1/balance')).body).toMatchObject({ prepaid: false, balance: null });
});

test('a new tenant may pay beforehand from the start, and a long name is cut for its brand', async () => {
  const name = `${'n'.repeat(49)}😀 and more`;
  const { body } = await locally<{ id: string; prepaid: boolean }>(server, 'POST', '/admin/v1/tenants', {
    name,
    prepaid: true,
  });
  expect(body).toMatchObject({ name, prepaid: true, balance: 0 });
  const service = await locally(server, 'GET', `/admin/v1/tenants/${body.id}/services/default`);
  expect(service.body).toMatchObject({ brand: 'n'.repeat(49) });
});

test('a service with a list of senders takes those, its own, and no other', async () => {
  await server.alice.request('PATCH', '/v1/services/default', { body: { senders: ['Ada'], sender: 'House' } });
  await locally(server, 'PATCH', tenantPath(), { prepaid: false });
  const statusOf = async (sender?: string) => {
    const body = {
      recipient: '+33612345679',
      reference: sender ?? 'none',
      ...(sender === undefined ? {} : { sender }),
    };
    return (await server.alice.request('POST', '/v1/verifications', { body })).status;
  };
  const statuses = [await statusOf(), await statusOf('ADA'), await statusOf('house'), await statusOf('Eve')];
  expect(statuses).toEqual([201, 201, 201, 403]);
  await server.alice.request('PATCH', '/v1/services/default', { body: { senders: [] } });
  expect(await statusOf('Eve')).toBe(201);
});
