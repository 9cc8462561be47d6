import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createLog } from '../src/telemetry/log.ts';
import { virtualClock } from './clock.ts';
import { aNumber, wrongFor } from './numbers.ts';
import { startDevelopment, temporaryDirectory } from './process.ts';
import { found } from './secrets.ts';
import { openServer } from './server.ts';
import { until } from './until.ts';

/* Every secret there is goes through a server, in the good ways and in the bad ones, and is then looked for. */

const own = {
  code: 'QZJXKVWMPT',
  idempotencyKey: 'canary-idempotency-key-7f3e',
  providerSecret: 'canary-provider-secret-91bd',
  brand: 'canary text of the message',
  operationsToken: 'canary-operations-token-55aa',
  wrongToken: 'canary-wrong-token-66bb',
  webhookPath: 'canary-webhook-path-88dd',
  userAgent: 'canary-user-agent-77cc',
};

/** The files of a database, whole. */
const filesOf = (file: string) => [file, `${file}-wal`].map((path) => readFileSync(path).toString('latin1')).join('\n');

test('no secret reaches the log, the metrics, or the database but where it belongs', { timeout: 60_000 }, async () => {
  const clock = virtualClock();
  const lines: string[] = [];
  const log = createLog('info', (line) => lines.push(line));
  const { operationsToken } = own;
  using directory = temporaryDirectory();
  const webhookTransport = { post: async () => ({ kind: 'answered', status: 500 }) as const };
  const options = { clock, logged: log, operationsToken, directory: directory.path, webhookTransport };
  await using server = await openServer(options);
  const { alice, bob, outbox, url } = server;
  const [number, address] = [aNumber(), 'canary.person@canary.example'];
  const headers = {
    'idempotency-key': own.idempotencyKey,
    'user-agent': own.userAgent,
    cookie: `session=${own.wrongToken}`,
  };
  const hook = { url: `https://hooks.example/${own.webhookPath}` };
  const endpoint = await alice.request<{ secret: string }>('POST', '/v1/webhook-endpoints', { body: hook });
  const webhookSecret = endpoint.body.secret.slice('whsec_'.length);
  // A provider that quotes, as it breaks, all that it knows.
  outbox.answer(() => {
    const sent = outbox.messages.at(-1);
    const quoted = `${sent?.text} to ${sent?.recipient} with Bearer ${own.providerSecret}`;
    throw Object.assign(new Error(`550 refused: ${quoted}`), { response: quoted, name: 'SmtpError' });
  });
  const templates = { template: `${own.brand} {{code}}` };
  const supplied = (await alice.create({ recipient: number, code: own.code }, headers)).body;
  const mailed = (await alice.create({ recipient: address, ...templates })).body;
  await until('both tries to be settled, so that they are due again', async () => {
    const sends = await Promise.all(
      [supplied, mailed].map(({ id }) => server.parts.store.queries.sends(alice.tenantId, id)),
    );
    return sends.flat().every(({ reason }) => reason !== undefined) || undefined;
  });
  expect(lines.filter((line) => line.includes('of a try')).length).toBe(2);
  outbox.answer(() => ({ kind: 'accepted' }));
  clock.advance(2000);
  await server.rows();
  const code = (await outbox.message(mailed.id)).text.split(' ').at(-1) ?? '';

  await bob.check(supplied.id, own.code);
  await alice.check(supplied.id, wrongFor(own.code), headers);
  await alice.check(supplied.id, `${own.code}!`);
  await alice.request('POST', `/v1/verifications/${supplied.id}/checks?code=${own.code}`, { body: { code: own.code } });
  await alice.request('POST', `/v1/verifications/${supplied.id}/checks`, { raw: `{"code":"${own.code}"` });
  await alice.request('GET', `/v1/${own.code}/${encodeURIComponent(number)}`);
  // Broken inside: what failed is logged, and with what it was doing.
  const { queries } = server.parts.store;
  const { verification } = queries;
  Object.assign(queries, {
    verification: async () => {
      throw new Error(`row of ${number} ${address}: ${alice.apiKey} Basic ${own.wrongToken} code ${code}`, {
        cause: new Error(`Authorization: Bearer ${own.wrongToken}`),
      });
    },
  });
  expect((await alice.get(supplied.id)).status).toBe(500);
  Object.assign(queries, { verification });
  for (const wrong of [own.wrongToken, alice.apiKey]) {
    const asked = { authorization: `Bearer ${wrong}`, 'x-forwarded-for': '192.0.2.1' };
    expect((await fetch(`${url}/metrics`, { headers: asked })).status).toBe(404);
  }
  expect((await alice.check(supplied.id, own.code)).body.result).toBe('verified');
  expect((await alice.check(mailed.id, code)).body.result).toBe('verified');
  await server.rows();

  const metrics = await (await fetch(`${url}/metrics`)).text();
  const text = lines.join('');
  expect(text).toContain('SmtpError');
  expect(text).toMatch(/"recipient":"\+33…\d\d #[0-9a-f]{16}"/);
  expect(text).toMatch(/"recipient":"e-mail #[0-9a-f]{16}"/);
  expect(text).toContain('a request failed');

  const keys = JSON.parse(readFileSync(join(directory.path, 'alice', 'keys.json'), 'utf8')) as Record<
    'pepper' | 'data',
    { keys: Record<string, string> }
  >;
  const raw = [keys.pepper, keys.data].flatMap((ring) =>
    Object.values(ring.keys).map((key) => Buffer.from(key, 'base64')),
  );
  const kept = raw.map((key) => key.toString('latin1'));
  const written = raw.flatMap((key) => [key.toString('base64'), key.toString('hex')]);
  const secrets = [...Object.values(own), webhookSecret, code, alice.apiKey, bob.apiKey, ...written];
  const personal = [number, number.slice(1), address, 'canary.person'];
  expect(found(text, [...secrets, ...personal, ...kept])).toEqual([]);
  expect(found(metrics, [...secrets, ...personal, ...kept, alice.tenantId, supplied.id])).toEqual([]);
  // The recipient and the wording that the caller gave are kept, until they are purged; nothing else.
  const keptOnPurpose = new Set([own.brand, own.webhookPath]);
  const inFiles = filesOf(server.file);
  expect(found(inFiles, [number, address])).toEqual([number, address]);
  expect(
    found(inFiles, [...secrets.filter((secret) => !keptOnPurpose.has(secret) && secret !== code), ...kept]),
  ).toEqual([]);
});

test('development mode keeps its token and its keys to itself', { timeout: 60_000 }, async () => {
  using directory = temporaryDirectory();
  const token = 'canary-development-token-12';
  const env = { COUNTERSIGN_DEV_TOKEN: token, COUNTERSIGN_LOG_LEVEL: 'info' };
  await using server = await startDevelopment(directory.path, env);
  const ask = (path: string, given: string) =>
    fetch(server.url + path, { headers: { authorization: `Bearer ${given}` }, redirect: 'manual' });
  await (await fetch(`${server.url}/?token=${token}`, { redirect: 'manual' })).text();
  await ask('/dev/credentials', own.wrongToken);
  const { native } = (await (await ask('/dev/credentials', token)).json()) as { native: { apiKey: string } };
  await ask(`/v1/verifications?recipient=${own.wrongToken}`, native.apiKey);
  await ask(`/no/${token}`, token);
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  expect(await server.end('SIGTERM')).toEqual({ code: 0, signal: null });
  expect(server.stderr).toMatch(/"msg":"listening".*\n.*"msg":"stopped"/);
  expect(found(server.stderr + metrics, [token, own.wrongToken, native.apiKey])).toEqual([]);
});
