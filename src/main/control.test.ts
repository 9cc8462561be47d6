import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { locally } from '../../testing/administration.ts';
import { aNumber } from '../../testing/numbers.ts';
import { openServer, type TestServer } from '../../testing/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const tenant = () => ({ 'x-countersign-tenant': server.alice.tenantId });
const lastEntry = async () =>
  (await locally<{ entries: Record<string, unknown>[] }>(server, 'GET', '/admin/v1/audit?limit=100')).body.entries.at(
    -1,
  );

/** The lines of a streamed answer. */
async function lines(path: string, payload?: object): Promise<Record<string, Record<string, unknown>>[]> {
  const { status, text } = await locally(server, 'POST', path, payload);
  expect(status).toBe(200);
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

test('the native API is there for a tenant that is named', async () => {
  const body = { recipient: aNumber() };
  const made = await locally(server, 'POST', '/v1/verifications', body, tenant());
  expect(made.status).toBe(201);
  expect((await server.alice.get(String(made.body.id))).status).toBe(200);
  expect((await server.bob.get(String(made.body.id))).status).toBe(404);
});

test.each([undefined, '', 'x', '../etc', 'A'.repeat(36)])('a tenant has to be named for it: %j', async (name) => {
  const headers: Record<string, string> = name === undefined ? {} : { 'x-countersign-tenant': name };
  const { status, body } = await locally(server, 'GET', '/v1/verifications', undefined, headers);
  expect([status, body.field]).toEqual([400, 'x-countersign-tenant']);
});

test.each([
  ['ada', 'operator ada'],
  ['ada.l-1_x', 'operator ada.l-1_x'],
  ['ada lovelace', 'operator'],
  ['', 'operator'],
  ['x'.repeat(65), 'operator'],
])('the trail names the account that worked: %j', async (account, actor) => {
  await locally(server, 'PUT', '/admin/v1/sending', { stopped: false }, { 'x-countersign-operator': account });
  expect(await lastEntry()).toMatchObject({ actor, action: 'resume-sending', address: null });
});

test('a backup is streamed: how far it is, and at last where it lies', async () => {
  const file = join(dirname(server.file), 'copy.db');
  const said = await lines('/admin/v1/backup', { file });
  expect(said.at(-1)).toEqual({ result: { file, bytes: expect.any(Number) } });
  expect(said.slice(0, -1).every((line) => 'progress' in line)).toBe(true);
  expect(existsSync(file)).toBe(true);
  expect(await lastEntry()).toMatchObject({ action: 'backup', target: 'server' });

  const before = await lastEntry();
  expect((await lines('/admin/v1/backup', { file })).at(-1)).toMatchObject({
    problem: { code: expect.stringMatching(/^backup_/), detail: expect.any(String) },
  });
  expect(await lastEntry()).toEqual(before);
});

test.each([
  ['/admin/v1/purge', {}, 'purge'],
  ['/admin/v1/keys/rewrap', {}, 'rewrap'],
])('%s ends with a result, which the trail has too', async (path, payload, action) => {
  const result = (await lines(path, payload)).at(-1)?.result;
  expect(result).toHaveProperty('rows');
  expect(await lastEntry()).toMatchObject({ action, after: result });
});

test('an erasure says how much it was, and the trail not whom it concerned', async () => {
  const recipient = aNumber();
  const { body } = await server.alice.create({ recipient });
  const last = (await lines('/admin/v1/erasures', { recipient })).at(-1);
  expect(last?.result?.rows).toBeGreaterThan(0);
  expect((await server.alice.get(body.id)).text).not.toContain(recipient);
  const entry = await lastEntry();
  expect(entry).toMatchObject({ action: 'erase-recipient' });
  expect(JSON.stringify(entry)).not.toContain(recipient);
  expect((await lines('/admin/v1/erasures', { recipient: 'nobody' })).at(-1)).toMatchObject({
    problem: { code: 'invalid_request' },
  });
});

test('keys are replaced and dropped, unless they are needed', async () => {
  type Keys = { keys: { ring: string; id: string; active: boolean; rows: number }[] };
  const dataKeys = async () =>
    (await locally<Keys>(server, 'GET', '/admin/v1/keys')).body.keys.filter(({ ring }) => ring === 'data');
  const [old] = await dataKeys();
  const active = await locally(server, 'DELETE', `/admin/v1/keys/data/${old?.id}`);
  expect([active.status, active.body.code]).toEqual([409, 'key_active']);
  const { body } = await locally(server, 'POST', '/admin/v1/keys/data/rotate');
  expect(body).toMatchObject({ ring: 'data' });
  expect(await lastEntry()).toMatchObject({ action: 'rotate-key', after: { active: body.id } });
  expect((await locally(server, 'DELETE', `/admin/v1/keys/data/${old?.id}`)).body).toEqual({
    ring: 'data',
    id: old?.id,
  });
  expect((await dataKeys()).map(({ id, active: is }) => [id, is])).toEqual([[body.id, true]]);
  expect((await locally(server, 'POST', '/admin/v1/keys/other/rotate')).status).toBe(400);
});

test('says how the server is', async () => {
  const { status, body } = await locally(server, 'GET', '/admin/v1/status');
  expect([status, body]).toMatchObject([
    200,
    { mode: 'production', sendingStopped: false, clock: { confirmed: true } },
  ]);
});

test('the trail is read page by page, and verified', async () => {
  for (let at = 0; at < 4; at++) await locally(server, 'PUT', '/admin/v1/sending', { stopped: false });
  type Page = { entries: { number: number }[]; next: number | null };
  const numbers: number[] = [];
  let next: number | null = 0;
  for (let page = 0; page < 100 && next !== null; page++) {
    const { body }: { body: Page } = await locally(server, 'GET', `/admin/v1/audit?after=${next}&limit=2`);
    expect(body.entries.length).toBeLessThanOrEqual(2);
    numbers.push(...body.entries.map(({ number }) => number));
    next = body.next;
  }
  expect(numbers).toEqual(numbers.map((_, at) => at + 1));
  expect(numbers.length).toBeGreaterThan(3);
  const { body } = await locally<{ ok: boolean; trails: object[] }>(server, 'GET', '/admin/v1/audit/verification');
  expect(body.ok).toBe(true);
  expect(body.trails).toContainEqual(expect.objectContaining({ entries: numbers.length, problem: null }));
  for (const query of ['limit=0', 'limit=101', 'after=-1', 'after=x', 'from=1'])
    expect([query, (await locally(server, 'GET', `/admin/v1/audit?${query}`)).status]).toEqual([query, 400]);
});

test("a tenant's trail says who changed what from where, to its own keys alone", async () => {
  await server.alice.request('PATCH', '/v1/services/default', { body: { brand: 'Renamed' } });
  type Page = { entries: Record<string, unknown>[] };
  const { entries } = (await server.alice.request<Page>('GET', '/v1/audit?limit=100')).body;
  expect(entries.at(-1)).toMatchObject({
    actor: `api-key ${server.alice.apiKey.split('_')[2]}`,
    action: 'change-service',
    target: 'service default',
    before: { brand: 'Countersign' },
    after: { brand: 'Renamed' },
    address: '127.0.0.1',
    requestId: expect.any(String),
  });
  expect((await server.bob.request<Page>('GET', '/v1/audit')).body.entries).toEqual([]);
});
