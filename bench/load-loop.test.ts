import { createServer, type IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { percentile } from './histogram.ts';
import { runJob } from './load-loop.ts';
import type { LoadJob } from './protocol.ts';

interface Reply {
  readonly status: number;
  readonly body: object;
  readonly afterMs?: number;
}

/** Runs a job against a server that answers by `reply`; undefined breaks the connection. */
async function against(
  reply: (path: string, body: Record<string, unknown>, request: IncomingMessage) => Reply | undefined,
  job: Partial<LoadJob>,
) {
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => {
      const said = reply(request.url ?? '', JSON.parse(text), request);
      if (said === undefined) return request.socket.destroy();
      const body = JSON.stringify(said.body);
      const answer = () => response.writeHead(said.status, { 'content-length': body.length }).end(body);
      setTimeout(answer, said.afterMs ?? 0);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  const base: LoadJob = {
    kind: 'load',
    url,
    work: { kind: 'floor' },
    firstIndex: 0,
    connections: 4,
    maxRequests: 100,
    seconds: 5,
  };
  try {
    return await runJob({ ...base, ...job });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

test('sends as many requests as asked, each with a recipient and key of its own, and collects the ids', async () => {
  const seen = new Set<string>();
  const result = await against(
    (_, { recipient }, { headers }) => {
      seen.add(`${recipient} ${headers['idempotency-key']} ${headers.authorization}`);
      return { status: 201, body: { id: String(recipient) } };
    },
    { work: { kind: 'send', apiKey: 'key', collectIds: true } },
  );
  expect(result).toMatchObject({ started: 100, expected: 100, unexpected: 0, unanswered: 0 });
  expect(seen.size).toBe(100);
  expect([...seen].every((one) => one.endsWith(' Bearer key'))).toBe(true);
  expect(new Set(result.ids).size).toBe(100);
});

const ids = Array.from({ length: 20 }, (_, at) => `00000000-0000-7000-8000-0000000000${10 + at}`);
const codes = ids.map((_, at) => `1234${10 + at}`);
const checks = { work: { kind: 'check', apiKey: 'key', ids, codes }, maxRequests: 40 } as const;

test.each([
  ['closed', {}],
  ['open', { ratePerSecond: 400, seconds: 0.1 }],
])('hands in one wrong code, then the right one, for each verification in the %s loop', async (_, pace) => {
  const handedIn = new Map<string, boolean[]>();
  const result = await against(
    (path, { code }) => {
      const id = path.split('/')[3] ?? '';
      const right = code === codes[ids.indexOf(id)];
      handedIn.set(id, [...(handedIn.get(id) ?? []), right]);
      return { status: 200, body: { result: right ? 'verified' : 'wrong_code' }, afterMs: 2 };
    },
    { ...checks, ...pace },
  );
  expect(result).toMatchObject({ started: 40, expected: 40, unexpected: 0, unstarted: 0 });
  expect([...handedIn.values()]).toEqual(ids.map(() => [false, true]));
});

test('counts every answer that is not the expected one, and keeps the first', async () => {
  const result = await against(() => ({ status: 200, body: { result: 'verified' } }), checks);
  expect(result).toMatchObject({ expected: 20, unexpected: 20, firstUnexpected: '200 {"result":"verified"}' });
});

test('counts a broken connection as a missing answer and ends without it', async () => {
  const result = await against(() => undefined, {});
  expect(result).toMatchObject({ started: 4, expected: 0, unanswered: 4, firstUnexpected: 'connection closed' });
});

test('an open loop counts latency from the intended start, however long a request waited for a connection', async () => {
  const slow = { connections: 1, ratePerSecond: 100, seconds: 0.2 };
  const result = await against(() => ({ status: 200, body: {}, afterMs: 20 }), slow);
  expect(result).toMatchObject({ started: 20, expected: 20 });
  // Request 20 is due at 190 ms, but one connection of 20 ms an answer comes to it after 380 ms.
  expect(percentile(result.latencies, 1)).toBeGreaterThan(190);
});

test('goes to loopback only', async () => {
  const job = { url: 'http://192.0.2.1:80', seconds: 1, connections: 1 };
  await expect(against(() => undefined, job)).rejects.toThrow('127.0.0.1 only');
});
