import { createHmac, timingSafeEqual } from 'node:crypto';
import { afterAll, expect, test } from 'vitest';
import { aMessage, times } from '../../../testing/builders.ts';
import { authorityFile, badCertificates, certificate } from '../../../testing/certificates.ts';
import { startMs } from '../../../testing/clock.ts';
import {
  type GatewayServerOptions,
  openGatewayServer,
  openSilentServer,
  type ReceivedPost,
} from '../../../testing/gateway-server.ts';
import { until } from '../../../testing/until.ts';
import type { Provider } from '../../engine/provider.ts';
import { gatewayProvider } from './gateway.ts';
import type { GatewaySettings } from './gateway-settings.ts';

const bytes = Buffer.alloc(32, 7);
const secret = `whsec_${bytes.toString('base64')}`;
const opened: Provider[] = [];
const waits = () => ({ signal: new AbortController().signal });

afterAll(() => Promise.all(opened.map((provider) => provider.close?.())));

function providerTo(url: string, given: Partial<GatewaySettings> = {}, now?: () => number): Provider {
  const provider = gatewayProvider('own', { url, secret, ...given }, now);
  opened.push(provider);
  return provider;
}

/** The receiver's side, from the text of the scheme: base64 of an HMAC-SHA256 over id, timestamp and body, with dots. */
function isSigned({ headers, body }: ReceivedPost, key: Buffer): boolean {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures } = headers;
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest();
  return String(signatures)
    .split(' ')
    .filter((signature) => signature.startsWith('v1,'))
    .map((signature) => Buffer.from(signature.slice(3), 'base64'))
    .some((given) => given.length === expected.length && timingSafeEqual(given, expected));
}

test('posts the whole message, signed', async () => {
  await using server = await openGatewayServer();
  const message = aMessage({ sender: 'Acmé', text: '123456 – “oui” 👍', reference: 'v1-2' });
  const provider = providerTo(server.url, {}, () => startMs + 1999);
  expect(await provider.send(message, waits())).toEqual({ kind: 'accepted' });

  const [post, ...others] = server.posts;
  expect(others).toEqual([]);
  expect(post).toMatchObject({ method: 'POST', path: '/send' });
  expect(post?.headers).toMatchObject({
    'content-type': 'application/json',
    'user-agent': 'Countersign',
    'webhook-id': 'v1-2',
    'webhook-timestamp': String(startMs / 1000 + 1),
  });
  expect(JSON.parse(post?.body ?? '')).toEqual({
    id: 'v1-2',
    channel: 'sms',
    recipient: message.recipient,
    sender: 'Acmé',
    brand: 'Acme',
    text: '123456 – “oui” 👍',
    code: '123456',
    expiresAt: new Date(message.expiresAtMs).toISOString(),
  });
});

test('has a signature that holds for the bytes sent and for nothing else', async () => {
  await using server = await openGatewayServer();
  await providerTo(server.url).send(aMessage({ text: 'ñ 123456' }), waits());
  const [post] = server.posts;
  if (post === undefined) throw new Error('nothing came');
  expect(isSigned(post, bytes)).toBe(true);
  expect(isSigned(post, Buffer.alloc(32, 8))).toBe(false);
  expect(isSigned({ ...post, body: `${post.body} ` }, bytes)).toBe(false);
  for (const name of ['webhook-id', 'webhook-timestamp']) {
    expect(isSigned({ ...post, headers: { ...post.headers, [name]: '1' } }, bytes)).toBe(false);
  }
});

test('signs with the bytes of a secret that is plain text', async () => {
  await using server = await openGatewayServer();
  const text = 'plain text of at least 32 letters';
  await providerTo(server.url, { secret: text }).send(aMessage(), waits());
  expect(server.posts.map((post) => isSigned(post, Buffer.from(text)))).toEqual([true]);
});

test('keeps the id for a second try of one send, with the time of each', async () => {
  await using server = await openGatewayServer();
  let nowMs = startMs;
  const provider = providerTo(server.url, {}, () => nowMs);
  const message = aMessage();
  await provider.send(message, waits());
  nowMs += 4000;
  await provider.send(message, waits());
  const [first, second] = server.posts;
  expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
  expect(Number(second?.headers['webhook-timestamp']) - Number(first?.headers['webhook-timestamp'])).toBe(4);
  expect(second?.body).toBe(first?.body);
});

const unavailable = (reason: string) => ({ kind: 'unavailable', reason });
const refused = (reason: string) => ({ kind: 'refused', reason });
const json = (value: unknown) => JSON.stringify(value);

const statuses: [status: number, body: string, outcome: object | 'unknown'][] = [
  [200, '', { kind: 'accepted' }],
  [200, json({ messageId: 'SM42' }), { kind: 'accepted', providerMessageId: 'SM42' }],
  [201, json({ messageId: 'x'.repeat(201) }), { kind: 'accepted' }],
  [202, json({ messageId: 42 }), { kind: 'accepted' }],
  [202, json({ messageId: 'a b\n' }), { kind: 'accepted' }],
  [202, json(['messageId']), { kind: 'accepted' }],
  [200, 'null', { kind: 'accepted' }],
  [200, 'queued, thanks', { kind: 'accepted' }],
  [204, '', { kind: 'accepted' }],
  ...[301, 302, 303, 304, 307, 308].map((status) => [status, '', refused('redirected')] as [number, string, object]),
  ...[400, 402, 404, 405, 409, 410, 413, 415, 422].map(
    (status) => [status, '', refused(`gateway-${status}`)] as [number, string, object],
  ),
  [422, json({ refused: 'landline' }), refused('landline')],
  [400, json({ refused: 'not-on-file-2' }), refused('not-on-file-2')],
  [422, json({ refused: 'Quotes +33612345678' }), refused('gateway-422')],
  [422, json({ refused: 'x'.repeat(65) }), refused('gateway-422')],
  [422, json({ refused: { reason: 'x' } }), refused('gateway-422')],
  [422, '{', refused('gateway-422')],
  ...[401, 403, 408, 425, 429, 500, 501, 502, 503, 507].map(
    (status) => [status, json({ refused: 'landline' }), unavailable(`gateway-${status}`)] as [number, string, object],
  ),
  [504, '', 'unknown'],
];

/** What came of it; a throw is what nobody knows. */
async function outcomeOf(provider: Provider, call = waits()): Promise<object | 'unknown'> {
  try {
    const { kind, ...rest } = await provider.send(aMessage(), call);
    return JSON.parse(JSON.stringify({ kind, ...rest }));
  } catch {
    return 'unknown';
  }
}

test.each(statuses)('takes status %d with body %j for what it is', async (status, body, outcome) => {
  await using server = await openGatewayServer({
    answers: (response) => response.writeHead(status, { location: '/elsewhere' }).end(body),
  });
  expect(await outcomeOf(providerTo(server.url))).toEqual(outcome);
  expect(server.posts.map(({ path }) => path)).toEqual(['/send']);
});

const broken: [sentence: string, options: GatewayServerOptions, outcome: object | 'unknown'][] = [
  ['is reset before its answer', { answers: (response) => response.socket?.resetAndDestroy() }, 'unknown'],
  ['ends before its answer', { answers: (response) => response.socket?.end() }, 'unknown'],
  ['stays silent', { answers: () => undefined }, 'unknown'],
  ['answers what is no HTTP', { meets: (socket) => socket.end('220 smtp.example\r\n') }, 'unknown'],
  [
    'breaks off in the body of a success',
    {
      answers: (response) =>
        void response.writeHead(200, { 'content-length': 100 }).write('{', () => response.destroy()),
    },
    { kind: 'accepted' },
  ],
  [
    'stalls in the body of a success',
    { answers: (response) => void response.writeHead(200).write('{"messageId":"SM42"') },
    { kind: 'accepted' },
  ],
];

test.each(broken)('tells what is known when the connection %s', async (_, options, outcome) => {
  await using server = await openGatewayServer(options);
  expect(await outcomeOf(providerTo(server.url, { timeoutSeconds: 1 }))).toEqual(outcome);
});

test('reads no more than 64 KiB of an answer, and takes its status for it', async () => {
  let written = 0;
  await using server = await openGatewayServer({
    answers(response) {
      response.writeHead(200, { 'content-type': 'application/json' });
      const more = () => {
        // A quarter of a gigabyte, as far as it is wanted.
        while (written < 2 ** 28 && response.writable) {
          written += 65_536;
          if (!response.write(' '.repeat(65_536))) return;
        }
      };
      response.on('drain', more).on('error', () => undefined);
      more();
    },
  });
  expect(await outcomeOf(providerTo(server.url))).toEqual({ kind: 'accepted' });
  await until('the connection to end', () => (server.standing === 0 ? true : undefined));
  expect(written).toBeLessThan(2 ** 26);
});

test('is unavailable when nobody listens, and when the name leads nowhere', async () => {
  const { url } = await (async () => {
    await using server = await openGatewayServer();
    return server;
  })();
  expect(await outcomeOf(providerTo(url))).toEqual(unavailable('cannot-connect'));
  expect(await outcomeOf(providerTo('https://gateway.invalid/send'))).toEqual(unavailable('cannot-connect'));
});

test('is unavailable when no TLS comes about in time', async () => {
  await using server = await openSilentServer();
  const provider = providerTo(`https://localhost:${server.port}`, { timeoutSeconds: 1 });
  expect(await outcomeOf(provider)).toEqual(unavailable('timed-out'));
});

// It would give up by itself after eight seconds.
test('stops waiting when told to: unknown once the request is out', { timeout: 6000 }, async () => {
  await using server = await openGatewayServer({ answers: () => undefined });
  const controller = new AbortController();
  const outcome = outcomeOf(providerTo(server.url), controller);
  await until('the request', () => (server.posts.length === 1 ? true : undefined));
  controller.abort();
  expect(await outcome).toBe('unknown');
  await until('the connection to end', () => (server.standing === 0 ? true : undefined));
});

test('posts over TLS to a certificate of an authority that the settings name', async () => {
  await using server = await openGatewayServer({ tls: certificate('localhost') });
  const provider = providerTo(server.url, { caFile: authorityFile });
  expect(await outcomeOf(provider)).toEqual({ kind: 'accepted' });
  expect(await outcomeOf(provider)).toEqual({ kind: 'accepted' });
  expect(server.connections).toBe(1);
  expect(await provider.probe?.(waits())).toEqual({ kind: 'ready' });
  expect(server.posts).toHaveLength(2);
});

test.each(badCertificates)('posts nothing to a certificate that is %s', async (bad) => {
  await using server = await openGatewayServer({ tls: certificate(bad) });
  const provider = providerTo(server.url, { caFile: authorityFile });
  expect(await outcomeOf(provider)).toEqual(unavailable('tls-failed'));
  expect(await provider.probe?.(waits())).toMatchObject({ kind: 'problem', problem: expect.stringContaining('TLS') });
  expect(server.posts).toEqual([]);
});

test('trusts no authority that is not public unless it is named', async () => {
  await using server = await openGatewayServer({ tls: certificate('localhost') });
  expect(await outcomeOf(providerTo(server.url))).toEqual(unavailable('tls-failed'));
});

test('knows nothing of a request over a connection that was used before and then lost', async () => {
  await using server = await openGatewayServer({
    answers(response) {
      if (server.posts.length === 1) response.writeHead(204).end();
      else response.socket?.resetAndDestroy();
    },
  });
  const provider = providerTo(server.url);
  expect(await outcomeOf(provider)).toEqual({ kind: 'accepted' });
  expect(await outcomeOf(provider)).toBe('unknown');
  expect(server.connections).toBe(1);
});

test('uses connections again without heaping up listeners, and gives them back when it is closed', async () => {
  const warnings: Error[] = [];
  const note = (warning: Error) => void warnings.push(warning);
  process.on('warning', note);
  await using server = await openGatewayServer();
  const provider = providerTo(server.url);
  for (const _ of times(30, String)) expect(await outcomeOf(provider)).toEqual({ kind: 'accepted' });
  expect(server.connections).toBe(1);
  await provider.close?.();
  // Left alone they would end too, after four seconds.
  await until('connections to end', () => (server.standing === 0 ? true : undefined), 3000);
  process.off('warning', note);
  expect(warnings).toEqual([]);
});

test('asks no proxy, whatever the environment says', async () => {
  await using server = await openGatewayServer();
  await using proxy = await openGatewayServer();
  const names = ['HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'NODE_USE_ENV_PROXY'];
  const kept = names.map((name) => [name, process.env[name]] as const);
  for (const name of names) process.env[name] = `http://127.0.0.1:${proxy.port}`;
  try {
    expect(await outcomeOf(providerTo(server.url))).toEqual({ kind: 'accepted' });
  } finally {
    for (const [name, value] of kept) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
  expect(proxy.connections).toBe(0);
});

test('a probe connects and says nothing', async () => {
  await using server = await openGatewayServer();
  expect(await providerTo(server.url).probe?.(waits())).toEqual({ kind: 'ready' });
  expect(server.posts).toEqual([]);
});

test('a probe says where nobody listens, and ends when it is told to', async () => {
  const { url, port } = await (async () => {
    await using server = await openGatewayServer();
    return server;
  })();
  expect(await providerTo(url).probe?.(waits())).toMatchObject({
    problem: `localhost, port ${port} cannot be reached`,
  });

  await using silent = await openSilentServer();
  const probed = await providerTo(`https://localhost:${silent.port}`).probe?.({ signal: AbortSignal.timeout(100) });
  expect(probed).toMatchObject({ kind: 'problem', problem: expect.stringContaining('does not answer in time') });
});

test('carries SMS when the settings name no channel, and tells repetitions where they say so', () => {
  expect(providerTo('https://localhost')).toMatchObject({ name: 'own', channels: ['sms'], deduplicates: false });
  const provider = providerTo('https://localhost', { channels: ['voice', 'email'], deduplicates: true });
  expect(provider).toMatchObject({ channels: ['voice', 'email'], deduplicates: true });
});
