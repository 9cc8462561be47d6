import { afterEach, expect, test, vi } from 'vitest';
import { virtualClock } from '../../../testing/clock.ts';
import { aNumber } from '../../../testing/numbers.ts';
import { openServer, type TestServer } from '../../../testing/server.ts';
import { until } from '../../../testing/until.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

const clock = virtualClock();

/** Has the store say that so many messages wait, and the server hear of it. */
async function waiting({ parts }: TestServer, byTenant: Record<string, number>): Promise<void> {
  const total = Object.values(byTenant).reduce((sum, count) => sum + count, 0);
  const asked = vi
    .spyOn(parts.store.queries, 'backlog')
    .mockResolvedValue({ total, byTenant: new Map(Object.entries(byTenant)) });
  asked.mockClear();
  clock.advance(10_000);
  await until('the server to ask', () => asked.mock.settledResults.length > 0 || undefined);
}

test('a tenant with 10,000 messages waiting may not send, and may check, read and cancel; others may send', async () => {
  await using server = await openServer({ clock });
  const { alice, bob, outbox } = server;
  const { id } = (await alice.create({ recipient: aNumber() })).body;
  const other = (await alice.create({ recipient: aNumber() })).body;
  const code = await outbox.code(id);
  await server.rows();
  await waiting(server, { [alice.tenantId]: 10_000 });

  const before = await server.rows();
  for (const refused of [await alice.create({ recipient: aNumber() }), await alice.resend(id)]) {
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '10']);
    expect(refused.body).toMatchObject({ code: 'sends_queue_full' });
  }
  expect(await server.rows()).toEqual(before);
  expect((await bob.create({ recipient: aNumber() })).status).toBe(201);
  expect((await alice.check(id, code)).body.result).toBe('verified');
  expect((await alice.cancel(other.id)).status).toBe(200);
  expect((await alice.get(id)).status).toBe(200);

  await waiting(server, { [alice.tenantId]: 9_999 });
  expect((await alice.create({ recipient: aNumber() })).status).toBe(201);
});

test('with 100,000 messages waiting nobody may send, and everybody may check', async () => {
  await using server = await openServer({ clock });
  const { alice, bob, outbox } = server;
  const { id } = (await alice.create({ recipient: aNumber() })).body;
  const code = await outbox.code(id);
  await server.rows();
  await waiting(server, { somebody: 100_000 });
  for (const client of [alice, bob]) {
    const refused = await client.create({ recipient: aNumber() });
    expect(refused.status).toBe(503);
    expect(refused.body).toMatchObject({ code: 'unavailable', reason: 'overloaded' });
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(5);
  }
  expect((await alice.check(id, code)).body.result).toBe('verified');
});
