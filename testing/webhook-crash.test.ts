import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { times } from './builders.ts';
import { createClient } from './client.ts';
import type { OpenapiDocument } from './conformity.ts';
import { aNumber } from './numbers.ts';
import { built, listening, startProcess, temporaryDirectory } from './process.ts';
import { openReceiver } from './receiver.ts';
import { until } from './until.ts';

/** A server in a process of its own, to be killed. */
function serverIn(directory: string) {
  const options = { dataDir: join(directory, 'data'), providerLog: join(directory, 'provider.log'), delayMs: 1 };
  return listening(startProcess(process.execPath, [built('testing/crash-server.js'), JSON.stringify(options)]));
}

test('a kill between commit and delivery loses no event, and changes no id', { timeout: 60_000 }, async () => {
  using directory = temporaryDirectory();
  // It takes the first calls and never answers: they are under way, and the others behind them, when the server dies.
  await using receiver = await openReceiver(() => undefined);
  const created: string[] = [];
  {
    await using server = await serverIn(directory.path);
    const { tenantId, native } = JSON.parse(readFileSync(join(directory.path, 'data', 'credentials.json'), 'utf8'));
    const document = (await (await fetch(`${server.url}/v1/openapi.json`)).json()) as OpenapiDocument;
    const client = createClient({ url: server.url, tenantId, apiKey: native.apiKey, document, transcript: [] });
    const body = { url: receiver.url, events: ['verification.created'] };
    expect((await client.request('POST', '/v1/webhook-endpoints', { body })).status).toBe(201);
    const answers = await Promise.all(times(30, () => client.create({ recipient: aNumber() })));
    created.push(...answers.map(({ body: { id } }) => id));
    await until('a call to be under way', () => (receiver.received.length > 0 ? true : undefined));
    expect(await server.end('SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' });
  }
  const before = receiver.received.map(({ headers }) => headers['webhook-id']);
  expect(before.length).toBeLessThanOrEqual(4);
  receiver.answer(200);
  await using _ = await serverIn(directory.path);
  const told = () => receiver.received.slice(before.length);
  await until('every event to be told', () => (told().length >= created.length ? true : undefined), 20_000);
  const verifications = told().map(({ text }) => JSON.parse(text).data.verification.id as string);
  expect(verifications.toSorted()).toEqual(created.toSorted());
  const ids = told().map(({ headers }) => headers['webhook-id']);
  expect(before.filter((id) => !ids.includes(id))).toEqual([]);
  expect(new Set(ids).size).toBe(created.length);
});
