import { afterEach, expect, test, vi } from 'vitest';
import { virtualClock } from '../../testing/clock.ts';
import { aNumber } from '../../testing/numbers.ts';
import { openServer, type TestServer } from '../../testing/server.ts';
import { until } from '../../testing/until.ts';
import type { Store } from '../engine/store.ts';

const day = 86_400_000;

afterEach(() => {
  vi.restoreAllMocks();
});

async function readiness({ url }: TestServer): Promise<readonly unknown[]> {
  const answer = await fetch(`${url}/readyz`);
  const { status, reasons } = (await answer.json()) as { status: string; reasons?: readonly string[] };
  return [answer.status, status, ...(reasons ?? [])];
}

const ready = [200, 'ready'];
const without = (reason: string) => [503, 'not_ready', reason];

test('is ready, and not while a commit does not come back for two seconds', async () => {
  const clock = virtualClock();
  await using server = await openServer({ clock });
  expect(await readiness(server)).toEqual(ready);
  const { store } = server.parts;
  const commit = store.commitBatch;
  let go: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    go = resolve;
  });
  vi.spyOn(store, 'commitBatch').mockImplementation(async (commands) => {
    await held;
    return commit(commands);
  });
  const waiting = server.alice.create({ recipient: aNumber() });
  await until('the commit to be asked for', () => vi.mocked(store.commitBatch).mock.calls.length > 0 || undefined);
  clock.advance(1999);
  expect(await readiness(server)).toEqual(ready);
  clock.advance(2);
  expect(await readiness(server)).toEqual(without('store_unavailable'));
  go();
  expect((await waiting).status).toBe(201);
  expect(await readiness(server)).toEqual(ready);
});

test('is not ready once a commit failed, until maintenance could write', async () => {
  const clock = virtualClock();
  await using server = await openServer({ clock });
  const { store } = server.parts;
  vi.spyOn(store, 'maintain').mockRejectedValue(new Error('the disk is full'));
  vi.spyOn(store, 'commitBatch').mockImplementation(async (commands) =>
    commands.map(() => ({ kind: 'unavailable', reason: 'store_unavailable' }) as const),
  );
  expect((await server.alice.create({ recipient: aNumber() })).status).toBe(503);
  expect(await readiness(server)).toEqual(without('store_unavailable'));
  clock.advance(10_000);
  await until('maintenance to fail', () => server.log.find(({ text }) => text.includes('maintain the store')));
  expect(await readiness(server)).toEqual(without('store_unavailable'));
  vi.mocked(store.maintain).mockResolvedValue(0);
  clock.advance(2000);
  await until('maintenance to show that it is over', async () => (await readiness(server))[0] === 200 || undefined);
});

test('is not ready while the database cannot be read', async () => {
  await using server = await openServer();
  vi.spyOn(server.parts.store.queries as Store['queries'], 'fact').mockRejectedValue(new Error('no'));
  expect(await readiness(server)).toEqual(without('store_unavailable'));
  vi.restoreAllMocks();
  expect(await readiness(server)).toEqual(ready);
});

test('is not ready after a step of the time of day by more than a day', async () => {
  const clock = virtualClock();
  await using server = await openServer({ clock });
  clock.stepWall(25 * 3_600_000);
  await server.alice.create({ recipient: aNumber() });
  expect(await readiness(server)).toEqual(without('clock_unconfirmed'));
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  expect(metrics).toMatch(/^countersign_clock_steps_total 1$/m);
  expect(metrics).toMatch(/^countersign_ready 0$/m);
});

test('shows what the server did', async () => {
  await using server = await openServer();
  const { body } = await server.alice.create({ recipient: aNumber() });
  await server.alice.check(body.id, await server.outbox.code(body.id));
  await server.rows();
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  for (const line of [
    'countersign_http_requests_total{face="native",status="201"} 1',
    'countersign_commands_total{command="create",outcome="created"} 1',
    'countersign_commands_total{command="check",outcome="verified"} 1',
    'countersign_sends_total{channel="sms",provider="outbox",result="accepted"} 1',
    'countersign_provider_call_seconds_count{provider="outbox"} 1',
    'countersign_secrets_overdue 0',
    'countersign_ready 1',
  ]) {
    expect(metrics.split('\n')).toContain(line);
  }
  expect(Number(/^countersign_store_bytes\{file="database"\} (\d+)$/m.exec(metrics)?.[1])).toBeGreaterThan(1000);
  expect(metrics).not.toContain(server.alice.tenantId);
});

test('counts codes that are not erased in time', async () => {
  const clock = virtualClock();
  await using server = await openServer({ clock });
  vi.spyOn(server.parts.store, 'maintain').mockResolvedValue(0);
  await server.alice.create({ recipient: aNumber(), ttlSeconds: 60 });
  clock.advance(119_000);
  expect(await server.parts.store.queries.secretsOverdue()).toBe(0);
  clock.advance(1000 + day / 24);
  expect(await server.parts.store.queries.secretsOverdue()).toBe(1);
});
