import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type GatewayServer, openGatewayServer } from '../../testing/gateway-server.ts';
import { providerTypes } from '../channels/catalog.ts';
import { openOffline } from './offline.ts';
import { type ListeningServer, startServer } from './serve.ts';
import { readSettings, type Settings } from './settings.ts';

let directory = '';
let gateway: GatewayServer;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'cs-serve-'));
  gateway = await openGatewayServer();
});
afterEach(async () => {
  await gateway[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true, force: true });
});

const secret = 'a secret of the gateway, 32 bytes and more';

function settings(): Settings {
  const env = {
    COUNTERSIGN_DATA_DIR: join(directory, 'data'),
    COUNTERSIGN_LISTEN: '127.0.0.1:0',
    COUNTERSIGN_LOG_LEVEL: 'error',
    COUNTERSIGN_PROVIDERS_OWN_TYPE: 'gateway',
    COUNTERSIGN_PROVIDERS_OWN_URL: gateway.url.replace('localhost', '127.0.0.1'),
    COUNTERSIGN_PROVIDERS_OWN_SECRET: secret,
    COUNTERSIGN_ROUTES_SMS: 'own',
  };
  return readSettings({ mode: 'production', env, cwd: directory, providerTypes });
}

const fails = (error: Error) => {
  throw error;
};

async function started(given = settings()): Promise<ListeningServer & AsyncDisposable> {
  const server = await startServer(given, fails);
  return { ...server, [Symbol.asyncDispose]: () => server.close() };
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Asks on the socket of the data directory. */
function onSocket(method: string, path: string, body?: object, headers: Record<string, string> = {}): Promise<Answer> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const type = text === undefined ? {} : { 'content-type': 'application/json' };
  return new Promise((resolve, reject) => {
    const options = { socketPath: join(directory, 'data', 'control.sock'), method, path, timeout: 10_000 };
    const asked = request({ ...options, headers: { ...type, ...headers } }, async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') });
    });
    asked.on('error', reject);
    asked.end(text);
  });
}

type Ask = typeof onSocket;

/** A tenant that may send to France. @returns its id */
async function aTenant(ask: Ask): Promise<string> {
  const { status, text } = await ask('POST', '/admin/v1/tenants', { name: 'Acme', dailySendsMax: 10 });
  expect(status).toBe(201);
  const { id } = JSON.parse(text);
  const path = `/admin/v1/tenants/${id}/services/default`;
  expect((await ask('PATCH', path, { countries: ['FR'] })).status).toBe(200);
  return id;
}

test('a create over the network reaches the gateway, signed', async () => {
  await using server = await started();
  const id = await aTenant(onSocket);
  const { key } = JSON.parse((await onSocket('POST', `/admin/v1/tenants/${id}/api-keys`, { name: 'k' })).text);
  expect(key).toMatch(/^cs_live_/);
  const answer = await fetch(`${server.url}/v1/verifications`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ recipient: '+33612345678' }),
  });
  expect(answer.status).toBe(201);
  await answer.text();
  await server.close();
  const [post] = gateway.posts;
  expect(gateway.posts).toHaveLength(1);
  const { 'webhook-id': messageId, 'webhook-timestamp': at, 'webhook-signature': signature } = post?.headers ?? {};
  const signed = createHmac('sha256', secret).update(`${messageId}.${at}.${post?.body}`).digest('base64');
  expect(signature).toBe(`v1,${signed}`);
  expect(JSON.parse(post?.body ?? '{}')).toMatchObject({ recipient: '+33612345678', channel: 'sms' });
});

test('the socket is for its owner alone, and one that an earlier process left is replaced', async () => {
  const path = join(directory, 'data', 'control.sock');
  {
    await using _ = await started();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(path).isSocket()).toBe(true);
  }
  writeFileSync(path, 'left behind');
  await using _ = await started();
  expect(statSync(path).isSocket()).toBe(true);
  expect((await onSocket('GET', '/admin/v1/status')).status).toBe(200);
});

test('a directory of development mode is refused', async () => {
  const given = settings();
  await (await openOffline({ ...given, mode: 'development' })).close();
  await expect(startServer(given, fails)).rejects.toThrow('development mode');
});

test('a port that is taken is told, and leaves the directory free', async () => {
  const port = Number(new URL(gateway.url).port);
  await expect(startServer({ ...settings(), listen: { host: '127.0.0.1', port } }, fails)).rejects.toThrow(
    'EADDRINUSE',
  );
  await using server = await started();
  expect(server.url).toMatch(/^http:/);
});

test('without a server a command is answered all the same, and waits for the message it caused', async () => {
  const offline = await openOffline(settings());
  const ask: Ask = async (method, url, payload, headers = {}) => {
    const given = { method: method as 'GET', url, headers, ...(payload === undefined ? {} : { payload }) };
    const { statusCode, body } = await offline.control.inject(given);
    return { status: statusCode, text: body };
  };
  const id = await aTenant(ask);
  const made = await ask('POST', '/v1/verifications', { recipient: '+33612345678' }, { 'x-countersign-tenant': id });
  expect(made.status).toBe(201);
  await offline.close();
  expect(gateway.posts).toHaveLength(1);
  await using _ = await started();
  const found = await onSocket('GET', `/v1/verifications/${JSON.parse(made.text).id}`, undefined, {
    'x-countersign-tenant': id,
  });
  expect(JSON.parse(found.text)).toMatchObject({ sends: [{ status: 'submitted' }] });
});
