import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { recordedLog, times } from '../../testing/builders.ts';
import { until } from '../../testing/until.ts';
import { createMeter } from '../engine/meter.ts';
import { problemReply } from './problem.ts';
import { createHttpServer } from './server.ts';

const acme = {
  prefix: '/acme',
  name: 'acme',
  reply: ({ kind }: { kind: string }, requestId: string) =>
    problemReply({ status: kind === 'unavailable' ? 503 : 404, code: 'acme', title: kind, detail: kind, requestId }),
};

/** A server whose answers wait until they are let go. */
async function aServer(limits = {}) {
  const meter = createMeter();
  const log = recordedLog();
  const delay = { ms: 0 };
  const app = createHttpServer({ log, faces: [acme], meter, limits, loopDelayMs: () => delay.ms, fraction: () => 0.5 });
  const held: (() => void)[] = [];
  const hold = () => new Promise((resolve) => held.push(() => resolve({})));
  for (const urgency of ['create', 'read', 'check', 'operations'] as const) {
    app.post(`/acme/${urgency}`, { config: { urgency, emptyBody: true } }, hold);
    app.get(`/acme/quick/${urgency}`, { config: { urgency } }, async () => ({}));
  }
  app.get('/acme/things/:id', async () => {
    throw new Error('no');
  });
  app.get('/acme/slow/:id', async () => {
    await new Promise((resolve) => setTimeout(resolve, 1100));
    return {};
  });
  app.get('/acme/listening', { config: { endless: true } }, async () => {
    await new Promise((resolve) => setTimeout(resolve, 1050));
    return {};
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const ask = (method: string, path: string) =>
    fetch(`http://127.0.0.1:${port}${path}`, { method, signal: AbortSignal.timeout(10_000) });
  const letGo = () => {
    for (const go of held.splice(0)) go();
  };
  const counted = () => meter.requests.series().map(({ labels, count }) => `${labels.face} ${labels.status} ${count}`);
  return { app, port, ask, held, letGo, delay, log, meter, counted, [Symbol.asyncDispose]: () => app.close() };
}

test('turns creates away at half of its requests, reads at three quarters, checks at all of them, and nobody after', async () => {
  await using server = await aServer({ requests: 4 });
  const under: Promise<Response>[] = [];
  const quick = async () => {
    const kinds = ['create', 'read', 'check', 'operations'];
    return Promise.all(kinds.map(async (kind) => (await server.ask('GET', `/acme/quick/${kind}`)).status));
  };
  const begin = async (urgency: string) => {
    const waiting = server.held.length + 1;
    under.push(server.ask('POST', `/acme/${urgency}`));
    await until('a request to be worked on', () => server.held.length === waiting || undefined);
  };
  await begin('create');
  await begin('create');
  const refused = await server.ask('POST', '/acme/create');
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '3']);
  await begin('read');
  expect((await server.ask('POST', '/acme/read')).status).toBe(503);
  await begin('check');
  expect(await quick()).toEqual([503, 503, 503, 200]);
  server.letGo();
  expect((await Promise.all(under)).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  expect(
    await Promise.all(
      ['create', 'read', 'check'].map(async (kind) => (await server.ask('GET', `/acme/quick/${kind}`)).status),
    ),
  ).toEqual([200, 200, 200]);
});

test('never works on more than its requests, however many are at the door at once', async () => {
  await using server = await aServer({ requests: 10 });
  const asked = times(40, () => server.ask('POST', '/acme/check'));
  await until('the rest to be turned away', () => server.meter.shed.series()[0]?.count === 30 || undefined);
  expect(server.held).toHaveLength(10);
  server.letGo();
  const statuses = (await Promise.all(asked)).map(({ status }) => status);
  expect(statuses.filter((status) => status === 200)).toHaveLength(10);
});

test('halves of requests take no place', async () => {
  await using server = await aServer({ requests: 2 });
  const head = 'POST /acme/create HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{';
  const halves = times(5, () =>
    connect(server.port, '127.0.0.1', function (this: { write(text: string): void }) {
      this.write(head);
    }),
  );
  await until(
    'them to arrive',
    () =>
      new Promise<true | undefined>((resolve) =>
        server.app.server.getConnections((_, count) => resolve(count >= 5 || undefined)),
      ),
  );
  expect((await server.ask('GET', '/acme/quick/create')).status).toBe(200);
  for (const half of halves) half.destroy();
});

test('turns creates away while the event loop is late, and lets them in again after', async () => {
  await using server = await aServer();
  server.delay.ms = 250;
  expect((await server.ask('GET', '/acme/quick/create')).status).toBe(503);
  expect((await server.ask('GET', '/acme/quick/check')).status).toBe(200);
  server.delay.ms = 0;
  expect((await server.ask('GET', '/acme/quick/create')).status).toBe(200);
});

test('counts requests by face and status, those of clients that left too', async () => {
  await using server = await aServer();
  await server.ask('GET', '/acme/quick/read');
  await server.ask('GET', '/acme/quick/check');
  await server.ask('GET', '/acmes');
  await server.ask('GET', '/acme/no');
  const leaving = connect(server.port, '127.0.0.1');
  leaving.write('POST /acme/read HTTP/1.1\r\nhost: a\r\n\r\n');
  await until('it to be worked on', () => server.held.length === 1 || undefined);
  leaving.destroy();
  await until('it to be counted', () => server.counted().includes('acme unanswered 1') || undefined);
  expect(server.counted()).toEqual(['acme 200 2', 'none 404 1', 'acme 404 1', 'acme unanswered 1']);
});

test('logs a slow request by its pattern and never by its URL, and not one that waits by its nature', async () => {
  await using server = await aServer();
  await Promise.all([server.ask('GET', '/acme/slow/canary?canary=1'), server.ask('GET', '/acme/listening')]);
  const line = await until('the line', () => server.log.lines[0]);
  expect(line).toMatch(/"method":"GET","route":"\/acme\/slow\/:id","status":200,"milliseconds":1\d\d\d/);
  expect(server.log.lines.join()).not.toContain('canary');
  expect(server.log.lines).toHaveLength(1);
});

test('logs what it turned away, at most ten lines a second', async () => {
  await using server = await aServer();
  server.delay.ms = 1000;
  for (let at = 0; at < 30; at++) await server.ask('GET', '/acme/quick/create');
  expect(server.log.lines.length).toBeGreaterThanOrEqual(10);
  expect(server.log.lines.length).toBeLessThan(30);
  expect(server.log.lines[0]).toContain('"status":503');
});

test('once it is closing, every answer tells its client to come back on another connection', async () => {
  await using server = await aServer();
  const waiting = server.ask('POST', '/acme/check');
  await until('it to be worked on', () => server.held.length === 1 || undefined);
  const closed = server.app.close();
  await until('it to close', () => !server.app.server.listening || undefined);
  server.letGo();
  expect((await waiting).headers.get('connection')).toBe('close');
  await closed;
});
