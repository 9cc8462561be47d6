import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { percentile } from '../histogram.ts';
import type { MixJob } from './mix.ts';
import { runMix } from './mix-loop.ts';

interface Reply {
  readonly status: number;
  readonly result?: string;
  readonly afterMs?: number;
}

/** Runs a job against a server that answers by `reply`; undefined breaks the connection. */
async function against(
  reply: (path: string, body: Record<string, unknown>) => Reply | undefined,
  job: Partial<MixJob>,
) {
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => {
      const said = reply(request.url ?? '', JSON.parse(text));
      if (said === undefined) return request.socket.destroy();
      const body = JSON.stringify({ result: said.result });
      const answer = () => response.writeHead(said.status, { 'content-length': body.length }).end(body);
      setTimeout(answer, said.afterMs ?? 0);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  const base = { kind: 'mix', apiKey: 'key', ids, codes, firstIndex: 0, connections: 4 } as const;
  try {
    return await runMix({ ...base, url, maxRequests: 100, seconds: 5, ...job });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const ids = Array.from({ length: 20 }, (_, at) => `00000000-0000-7000-8000-0000000000${10 + at}`);
const codes = ids.map((_, at) => `1234${10 + at}`);
const isRight = (path: string, code: unknown) => code === codes[ids.indexOf(path.split('/')[3] ?? '')];

/** Answers as the server does that has nothing to refuse. */
function served(path: string, { code }: Record<string, unknown>): Reply {
  if (code === undefined) return { status: 201 };
  return { status: 200, result: isRight(path, code) ? 'verified' : 'wrong_code' };
}

const none = { asked: 0, skipped: 0, done: 0, shed: 0, limited: 0, odd: 0, unanswered: 0 };

test.each([
  ['closed', {}],
  ['open', { ratePerSecond: 500, seconds: 0.2 }],
])('in the %s loop, one request in five is a check, and every create has a recipient of its own', async (_, pace) => {
  const recipients = new Set<unknown>();
  const result = await against((path, body) => {
    if ('recipient' in body) recipients.add(body.recipient);
    return served(path, body);
  }, pace);
  expect(result.creates).toEqual({ ...none, asked: 80, done: 80 });
  expect(result.checks).toEqual({ ...none, asked: 20, done: 20 });
  expect(result.inTime).toBe(100);
  expect(recipients.size).toBe(80);
});

test('hands in a wrong code before the right one, and a refused one again', async () => {
  const handedIn = new Map<string, string[]>();
  await against(
    (path, body) => {
      if (body.code === undefined) return { status: 201 };
      const earlier = handedIn.get(path) ?? [];
      const refused = earlier.length === 0;
      handedIn.set(path, [...earlier, refused ? 'refused' : isRight(path, body.code) ? 'right' : 'wrong']);
      return refused ? { status: 503 } : served(path, body);
    },
    { maxRequests: 150, connections: 1 },
  );
  expect([...handedIn.values()]).toEqual(Array.from({ length: 10 }, () => ['refused', 'wrong', 'right']));
});

const kinds: [sentence: string, reply: Reply, counted: object, inTime: number, firstOdd: string][] = [
  ['503 as shed, which is an answer', { status: 503 }, { shed: 10 }, 10, ''],
  ['429 as limited, which is an answer', { status: 429 }, { limited: 10 }, 10, ''],
  ['200 to a create as odd', { status: 200 }, { odd: 10 }, 0, '200 {}'],
];

test.each(kinds)('counts %s', async (_, reply, counted, inTime, firstOdd) => {
  const result = await against(() => reply, { ids: [], maxRequests: 10 });
  expect(result).toMatchObject({ creates: { ...none, asked: 10, ...counted }, inTime, firstOdd });
});

test('counts a broken connection as no answer and goes on without it', async () => {
  let asked = 0;
  const result = await against(() => (asked++ === 0 ? undefined : { status: 201 }), { ids: [], maxRequests: 10 });
  expect(result.creates).toEqual({ ...none, asked: 10, done: 9, unanswered: 1 });
});

test('skips what no connection is free for within a second, and counts latency from when a request was due', async () => {
  const pace = { connections: 1, ratePerSecond: 10, seconds: 1.5, ids: [] };
  const result = await against(() => ({ status: 201, afterMs: 700 }), pace);
  const { asked, skipped, done } = result.creates;
  expect(asked).toBe(15);
  expect(skipped).toBeGreaterThan(5);
  expect(done).toBe(15 - skipped);
  expect(result.inTime).toBeLessThan(done);
  expect(percentile(result.latencies, 1)).toBeGreaterThan(1000);
});

test('tells the answers of each second apart', async () => {
  let asked = 0;
  const pace = { ratePerSecond: 20, seconds: 2, ids: [] };
  const result = await against(() => ({ status: asked++ < 5 ? 503 : 201 }), pace);
  expect(result.bySecond.map(({ refused }) => refused)).toEqual([5, 0]);
});

test('fails when there are fewer verifications than checks', async () => {
  await expect(against(served, { ids: ids.slice(0, 2) })).rejects.toThrow('too few verifications');
});

test('goes to loopback only', async () => {
  await expect(against(served, { url: 'http://192.0.2.1:80' })).rejects.toThrow('127.0.0.1 only');
});
