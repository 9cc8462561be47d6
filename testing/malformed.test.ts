import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { mutated, type RawRequest, withLength, written } from './mutations.ts';
import { startDevelopment, temporaryDirectory } from './process.ts';
import { isLong } from './scale.ts';
import { until } from './until.ts';

const mutants = isLong ? 10_000 : 2000;
const parallel = 24;
const seed = Number(process.env.COUNTERSIGN_TEST_SEED ?? Date.now() % 1_000_000);

interface Routes {
  readonly host: string;
  readonly apiKey: string;
  readonly id: string;
  /** One that may be cancelled. */
  readonly spareId: string;
}

/** A valid request to every route there is. */
function validRequests({ host, apiKey, id, spareId }: Routes): RawRequest[] {
  const head = [['host', host]] as const;
  const authorized = [...head, ['authorization', `Bearer ${apiKey}`]] as const;
  const get = (path: string, headers: RawRequest['headers'] = head) => ({
    method: 'GET',
    path,
    headers,
    body: undefined,
  });
  const post = (path: string, fields: object) => ({
    method: 'POST',
    path,
    headers: [...authorized, ['content-type', 'application/json']] as const,
    body: Buffer.from(JSON.stringify(fields)),
  });
  const full = {
    recipient: '0612345678',
    country: 'FR',
    channel: 'sms',
    service: 'default',
    locale: 'fr-FR',
    codeLength: 6,
    codeAlphabet: 'digits',
    ttlSeconds: 300,
    maxAttempts: 5,
    reference: 'session-1',
    metadata: { order: 17, tags: ['a', { b: null }] },
    sender: 'Countersign',
    template: '{{code}} is your {{brand}} code, for {{minutes}} minutes.',
    signals: { ip: '192.0.2.7', userAgent: 'Mozilla/5.0', devicePlatform: 'web' },
  };
  return [
    post('/v1/verifications', full),
    post('/v1/verifications', { recipient: 'ada@example.com', code: '246810' }),
    post(`/v1/verifications/${id}/checks`, { code: '000000' }),
    post(`/v1/verifications/${id}/sends`, { channel: 'voice', newCode: true }),
    post(`/v1/verifications/${spareId}/cancel`, {}),
    post('/v1/checks', {
      recipient: '+33612345678',
      country: 'FR',
      service: 'default',
      reference: 'session-1',
      code: '000000',
    }),
    get(`/v1/verifications/${id}`, authorized),
    get('/v1/verifications?recipient=%2B33612345678&status=pending&limit=10', authorized),
    get('/v1/openapi.json'),
    get('/healthz'),
    get('/readyz'),
    get('/dev/inbox'),
    get('/dev/inbox/latest?to=%2B33612345678'),
    get('/dev/inbox/stream'),
    get('/dev/credentials'),
    get('/dev/quickstart'),
    get('/'),
    get('/dev/page.js'),
    get('/dev/page.css'),
  ];
}

type Heard = number | 'reset' | 'silence';

/**
 * Sends bytes over a connection of their own and reads the status of the final answer. A connection that is closed while
 * much is still being sent may be reset before the answer is read.
 */
async function statusOf(port: number, bytes: Buffer): Promise<Heard> {
  const socket = connect({ host: '127.0.0.1', port });
  let text = '';
  let end: Heard | undefined;
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    text += chunk;
  });
  socket.on('error', () => {
    end = 'reset';
  });
  socket.on('close', () => {
    end ??= 'silence';
  });
  socket.write(bytes);
  try {
    const status = () => /^HTTP\/1\.1 ([2-9]\d\d) /m.exec(text)?.[1];
    return await until('an answer', () => (status() === undefined ? end : Number(status())), 5000).catch(
      () => 'silence',
    );
  } finally {
    socket.destroy();
  }
}

/** Larger than what the system takes off our hands before the answer comes. */
const largeBytes = 32_768;

function isFine(heard: Heard, bytes: Buffer): boolean {
  if (heard === 'reset') return bytes.length > largeBytes;
  return heard !== 'silence' && ((heard >= 200 && heard < 300) || (heard >= 400 && heard < 500));
}

test(`answers ${mutants} spoilt requests with a refusal or as if nothing were wrong (seed ${seed})`, {
  timeout: 300_000,
}, async ({ annotate }) => {
  using directory = temporaryDirectory();
  await using server = await startDevelopment(directory.path);
  const { host, port } = new URL(server.url);
  const apiKey = /API key +(\S+)/.exec(server.stdout)?.[1] ?? '';
  const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' };
  const create = async (recipient: string) => {
    const request = { method: 'POST', headers, body: JSON.stringify({ recipient }) };
    const answer = await fetch(`${server.url}/v1/verifications`, request);
    return { http: answer.status, ...((await answer.json()) as { id: string }) };
  };
  const [{ id }, { id: spareId }] = [await create('+33612345679'), await create('+33612345680')];
  const valid = validRequests({ host, apiKey, id, spareId });
  const withBody = valid.filter(({ body }) => body !== undefined);
  const choice = [...withBody, ...withBody, ...withBody, ...valid];
  for (const request of valid) {
    const status = await statusOf(Number(port), written(withLength(request)));
    expect(status, `${request.method} ${request.path}`).toBeLessThan(500);
    expect(status, `${request.method} ${request.path}`).not.toBe(404);
  }

  const wrong: string[] = [];
  const statuses = new Map<Heard, number>();
  let next = 0;
  const work = async () => {
    for (let index = next++; index < mutants; index = next++) {
      const request = choice[index % choice.length];
      if (request === undefined) return;
      const { bytes, how } = mutated(request, seed + index);
      const heard = await statusOf(Number(port), bytes);
      statuses.set(heard, (statuses.get(heard) ?? 0) + 1);
      if (!isFine(heard, bytes)) wrong.push(`${heard} to ${how}`);
    }
  };
  const begun = performance.now();
  let probing = true;
  let slowestMs = 0;
  const probe = async () => {
    for (let number = 0; probing && number < 10_000; number++) {
      const from = performance.now();
      const { http } = await create(`probe-${number}@example.com`);
      if (http !== 201) wrong.push(`${http} to a normal create`);
      slowestMs = Math.max(slowestMs, performance.now() - from);
      await delay(50);
    }
  };
  const probes = probe();
  await Promise.all(Array.from({ length: parallel }, work));
  probing = false;
  await probes;
  await annotate(`${JSON.stringify([...statuses])} in ${performance.now() - begun} ms, slowest create ${slowestMs} ms`);

  expect(wrong).toEqual([]);
  expect(server.stderr).toBe('');
});
