import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ProviderOutcome } from '../src/engine/provider.ts';
import { locally } from './administration.ts';
import { times } from './builders.ts';
import { aNumber } from './numbers.ts';
import { openServer, type TestServer } from './server.ts';
import { until } from './until.ts';

const turn = async (server: TestServer, stopped: boolean) => {
  const { status, body } = await locally(server, 'PUT', '/admin/v1/sending', { stopped });
  expect([status, body]).toEqual([200, { stopped }]);
};
const isStopped = async (server: TestServer) => (await locally(server, 'GET', '/admin/v1/status')).body.sendingStopped;

const sends = async ({ parts }: TestServer) => (await parts.store.queries.counts()).sends;

test('after the answer to a stop no provider is called, whatever is under way; a release sends what is worth it', async () => {
  await using server = await openServer();
  const accepted: (() => void)[] = [];
  server.outbox.answer(
    () => new Promise<ProviderOutcome>((resolve) => accepted.push(() => resolve({ kind: 'accepted' }))),
  );
  // More than may be under way at once, so that some wait in memory.
  const create = async () => (await server.alice.create({ recipient: aNumber() })).body;
  const first = await Promise.all(times(300, create));
  await until('the provider to be busy', () => (server.outbox.messages.length === 256 ? true : undefined));

  const creating = Promise.all(times(40, create));
  await turn(server, true);
  const begun = server.outbox.messages.length;
  // What is under way ends now, and would make room for what waits.
  for (const accept of accepted) accept();
  const later = [...(await creating), ...(await Promise.all(times(10, create)))];
  await until('what was under way to end', async () => ((await sends(server)).submitted === begun ? true : undefined));
  // Each look at what is due passes the stop switch first.
  await server.parts.sweeper.obeySwitch();
  expect([server.outbox.messages.length, await isStopped(server)]).toEqual([begun, true]);
  expect(await sends(server)).toEqual({ submitted: begun, queued: 350 - begun });

  const known = first.find(({ id }) => server.outbox.messages.some(({ reference }) => reference === `${id}-1`));
  const code = await server.outbox.code(known?.id ?? '');
  expect((await server.alice.check(known?.id ?? '', code)).body).toMatchObject({ result: 'verified' });
  const [ended, ...others] = later;
  await server.alice.cancel(ended?.id ?? '');

  server.outbox.answer(() => ({ kind: 'accepted' }));
  await turn(server, false);
  await until('the rest to be sent', async () => ((await sends(server)).queued === undefined ? true : undefined));
  expect(await sends(server)).toEqual({ submitted: 349, dropped: 1 });
  const sent = server.outbox.messages.map(({ reference }) => reference);
  expect(new Set(sent).size).toBe(349);
  expect(sent).toEqual(expect.arrayContaining(others.map(({ id }) => `${id}-1`)));
  expect(sent).not.toContain(`${ended?.id}-1`);
});

test('a server that starts while sending is stopped sends nothing from its first moment on', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'countersign-stopped-'));
  try {
    {
      await using server = await openServer({ directory });
      await turn(server, true);
    }
    await using server = await openServer({ directory });
    const made = await Promise.all(times(20, () => server.alice.create({ recipient: aNumber() })));
    expect(made.every(({ status }) => status === 201)).toBe(true);
    expect([await isStopped(server), await sends(server)]).toEqual([true, { queued: 20 }]);
    expect(server.outbox.messages).toEqual([]);
    await turn(server, false);
    await until('all to be sent', async () => ((await sends(server)).submitted === 20 ? true : undefined));
    const { body } = await locally<{ entries: { action: string }[] }>(server, 'GET', '/admin/v1/audit');
    expect(body.entries.map(({ action }) => action)).toEqual(['stop-sending', 'resume-sending']);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
