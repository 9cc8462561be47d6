import { createConnection } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { mutated, type RawRequest } from '../../testing/mutations.ts';
import { type Place, startServer, withServer } from '../servers.ts';
import type { Figure } from './figure.ts';

const SECONDS = 5;
/** At most; each takes a connection of its own, and the system has some 28,000 ports for a minute. */
const PER_SECOND = 2_500;
const PARALLEL = 16;
/** Some requests promise a body that never comes: nobody waits for their answer. */
const PATIENCE_MS = 250;

const SAMPLE_ID = '00000000-0000-7000-8000-000000000000';

/** How late the server's event loop is while it is sent requests that are spoilt in all sorts of ways. */
export async function malformedFigures(place: Place): Promise<Figure[]> {
  return withServer(startServer(place), async (server) => {
    const { host, port } = new URL(server.url);
    const valid = validRequests(host, server.apiKey);
    // What came before does not count.
    await server.ask({ kind: 'event-loop-delay' });

    let sent = 0;
    const startMs = performance.now();
    const elapsedMs = () => performance.now() - startMs;
    const send = async () => {
      while (sent < PER_SECOND * SECONDS && elapsedMs() < SECONDS * 1000) {
        const number = sent++;
        const earlyMs = (number * 1000) / PER_SECOND - elapsedMs();
        if (earlyMs > 0) await delay(earlyMs);
        const request = valid[number % valid.length];
        if (request !== undefined) await exchange(Number(port), mutated(request, number).bytes);
      }
    };
    await Promise.all(Array.from({ length: PARALLEL }, send));

    const value = (await server.ask({ kind: 'event-loop-delay' })) as number;
    const over = `${sent} malformed requests in ${(elapsedMs() / 1000).toFixed(1)} s`;
    return [{ name: 'event loop of the server: p99', value, unit: 'ms', below: 50, over }];
  });
}

function validRequests(host: string, apiKey: string): RawRequest[] {
  const headers = [
    ['host', host],
    ['authorization', `Bearer ${apiKey}`],
  ] as const;
  const get = (path: string) => ({ method: 'GET', path, headers, body: undefined });
  const post = (path: string, fields: object) => {
    const body = Buffer.from(JSON.stringify(fields));
    return { method: 'POST', path, headers: [...headers, ['content-type', 'application/json'] as const], body };
  };
  const signals = { ip: '192.0.2.7', userAgent: 'Mozilla/5.0', devicePlatform: 'web' };
  const metadata = { order: 17, tags: ['a', { b: null }] };
  return [
    post('/v1/verifications', { recipient: '0612345678', country: 'FR', reference: 'session-1', metadata, signals }),
    post('/v1/verifications', { recipient: 'ada@example.com', template: '{{code}} is your {{brand}} code' }),
    post(`/v1/verifications/${SAMPLE_ID}/checks`, { code: '000000' }),
    post('/v1/checks', { recipient: '+33612345678', code: '000000' }),
    get(`/v1/verifications/${SAMPLE_ID}`),
    get('/v1/verifications?recipient=%2B33612345678&limit=10'),
  ];
}

/** Sends bytes over a connection of their own, until there is an answer, an end, or no patience left. */
function exchange(port: number, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port });
    const end = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve();
    };
    const timer = setTimeout(end, PATIENCE_MS);
    socket.once('data', end).once('close', end).on('error', end);
    socket.write(bytes);
  });
}
