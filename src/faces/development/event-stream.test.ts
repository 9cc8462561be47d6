import { EventEmitter, once } from 'node:events';
import { get, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { type DevelopmentServer, openDevelopmentServer } from '../../../testing/development-server.ts';

interface Stream {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Everything that came, as soon as it holds `part` or the stream has ended. */
  readUntil(part: string): Promise<string>;
  leave(): void;
}

/** Not `fetch`, which after leaving a stream connects once more on its own. */
async function open({ port }: DevelopmentServer): Promise<Stream> {
  const outgoing = get({ host: '127.0.0.1', port, path: '/dev/inbox/stream', agent: false, timeout: 5000 });
  outgoing.on('timeout', () => outgoing.destroy());
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  let text = '';
  let ended = false;
  const arrival = new EventEmitter();
  response.setEncoding('utf8');
  response.on('data', (chunk: string) => {
    text += chunk;
    arrival.emit('progress');
  });
  response.on('error', () => {});
  response.on('close', () => {
    ended = true;
    arrival.emit('progress');
  });
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    async readUntil(part) {
      for (let chunks = 0; chunks < 1000 && !ended && !text.includes(part); chunks++) await once(arrival, 'progress');
      return text;
    },
    leave: () => outgoing.destroy(),
  };
}

test('begins with what is there, then tells each message within 100 ms', async () => {
  await using server = await openDevelopmentServer();
  await server.deliver('111111 is your code');
  const stream = await open(server);
  expect(stream.headers).toMatchObject({ 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  expect(await stream.readUntil('111111')).toMatch(/event: snapshot\ndata: \{"messages":\[\{"to":"\+33612345678",/);

  const sentAt = performance.now();
  await server.deliver('222222 is\nyour code');
  const text = await stream.readUntil('222222');
  expect(performance.now() - sentAt).toBeLessThan(100);
  expect(text).toMatch(/event: message\ndata: \{.*"text":"222222 is\\nyour code".*\}\n\n$/);
});

test('gives a sign of life on a silent stream', async () => {
  await using server = await openDevelopmentServer({ heartbeatMs: 20 });
  const stream = await open(server);
  expect(await stream.readUntil(': still here\n\n')).toContain(': still here\n\n');
});

test('follows at most twenty readers at a time, and lets another in once one has left', async () => {
  await using server = await openDevelopmentServer();
  const leaving = await open(server);
  for (let i = 0; i < 19; i++) await open(server);

  const refused = await open(server);
  expect(refused.status).toBe(503);
  expect(await refused.readUntil('}')).toContain('"code":"too_many_streams"');

  leaving.leave();
  await expect.poll(async () => (await open(server)).status, { timeout: 2000, interval: 20 }).toBe(200);
});

test('ends with the server, which does not wait for its readers to leave', async () => {
  const server = await openDevelopmentServer();
  const stream = await open(server);
  await stream.readUntil('snapshot');
  const closingAt = performance.now();
  await server.app.close();
  expect(performance.now() - closingAt).toBeLessThan(1000);
  expect(await stream.readUntil('never sent')).not.toContain('never sent');
});

test('cuts off a reader who does not read, so that memory stays bounded', async () => {
  await using server = await openDevelopmentServer();
  const stream = await open(server);
  // All at once: nothing is read before the last one is written.
  const burst = Array.from({ length: 200 }, () => server.deliver('x'.repeat(100_000)));
  await Promise.all(burst);
  const ended = stream.readUntil('never sent').then(() => 'cut off');
  expect(await Promise.race([ended, setTimeout(2000, 'still open')])).toBe('cut off');
});
