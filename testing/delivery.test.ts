import { EventEmitter, once } from 'node:events';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import type { ProviderOutcome } from '../src/engine/provider.ts';
import { readKeyFile } from '../src/main/key-file.ts';
import { virtualClock } from './clock.ts';
import { aNumber, wrongFor } from './numbers.ts';
import { temporaryDirectory } from './process.ts';
import { isLong } from './scale.ts';
import { openServer, type TestServer } from './server.ts';
import { until } from './until.ts';

const accepted: ProviderOutcome = { kind: 'accepted' };

/** The only send of a verification, as an API client sees it. */
async function sendOf({ alice }: TestServer, id: string) {
  const { sends } = (await alice.get(id)).body;
  expect(sends).toHaveLength(1);
  return sends[0];
}

/** Sends by status, as the store counts them. */
async function sendCounts({ parts }: TestServer) {
  return (await parts.store.queries.counts()).sends;
}

/** More than are carried at once, and in the long run more than one process takes upon itself. */
const backlog = isLong ? 1500 : 400;

test(`delivers a backlog of ${backlog} behind a slow provider over a restart, each message once`, {
  timeout: 120_000,
}, async () => {
  using directory = temporaryDirectory();
  const carried: string[] = [];
  const ids: string[] = [];
  {
    await using server = await openServer({ directory: directory.path });
    const gate = new EventEmitter().setMaxListeners(0);
    server.outbox.answer(() => once(gate, 'open').then(() => accepted));
    while (ids.length < backlog) {
      const answers = await Promise.all(
        Array.from({ length: 50 }, () => server.alice.create({ recipient: aNumber() })),
      );
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
      ids.push(...answers.map(({ body }) => body.id));
    }
    expect(await sendCounts(server)).toEqual({ queued: backlog });

    const closed = server.parts.close();
    gate.emit('open');
    await closed;
    carried.push(...server.outbox.messages.map(({ reference }) => reference));
    expect(carried.length).toBeGreaterThan(0);
    expect(carried.length).toBeLessThan(backlog);
  }

  await using server = await openServer({ directory: directory.path });
  await until(
    'the rest to be delivered',
    async () => ((await sendCounts(server)).submitted === backlog ? true : undefined),
    30_000,
  );
  const rest = server.outbox.messages.map(({ reference }) => reference);
  expect([...carried, ...rest].sort()).toEqual(ids.map((id) => `${id}-1`).sort());
  expect(server.log).toEqual([]);
});

/** Waits until a verification's send is shown like this. */
function shown(server: TestServer, id: string, fields: Partial<NonNullable<Awaited<ReturnType<typeof sendOf>>>>) {
  return until(`a send with ${JSON.stringify(fields)}`, async () => {
    const send = await sendOf(server, id);
    const differs = Object.entries(fields).some(([name, value]) => send?.[name as keyof typeof send] !== value);
    return differs ? undefined : send;
  });
}

test('shows a message that is tried again while it waits, and when it has gone out', async () => {
  const clock = virtualClock();
  await using server = await openServer({ clock });
  const outcomes: ProviderOutcome[] = [
    { kind: 'unavailable', reason: 'busy' },
    { kind: 'unavailable', reason: 'line-down' },
  ];
  server.outbox.answer(() => outcomes.shift() ?? accepted);
  const { id } = (await server.alice.create({ recipient: aNumber() })).body;

  const first = await shown(server, id, { tries: 1, status: 'queued', reason: 'busy' });
  expect(first).toMatchObject({ provider: 'outbox', endedAt: null });
  clock.advance(1200);
  await shown(server, id, { tries: 2, status: 'queued', reason: 'line_down' });
  clock.advance(4800);
  const sent = await shown(server, id, { tries: 3, status: 'submitted', reason: null });
  expect(sent).toMatchObject({ possibleDuplicate: false, endedAt: expect.any(String) });

  const [message, ...others] = server.outbox.messages;
  expect(others).toEqual([message, message]);
  expect((await server.alice.check(id, await server.outbox.code(id))).body.result).toBe('verified');
});

const ends: [sentence: string, kind: 'refused' | 'unavailable', tries: number][] = [
  ['refuses it', 'refused', 1],
  ['is never available', 'unavailable', 3],
];

test.each(ends)('says why a message failed whose provider %s', async (_, kind, tries) => {
  const clock = virtualClock();
  await using server = await openServer({ clock });
  server.outbox.answer(() => ({ kind, reason: `said-no-${server.outbox.messages.length}` }));
  const { id } = (await server.alice.create({ recipient: aNumber() })).body;
  for (let tried = 1; tried < tries; tried++) {
    await shown(server, id, { tries: tried, status: 'queued', reason: `said_no_${tried}` });
    clock.advance(6000);
  }
  const failed = await shown(server, id, { tries, status: 'failed', reason: `said_no_${tries}` });
  expect(failed).toMatchObject({ provider: 'outbox', endedAt: expect.any(String) });
  expect(server.outbox.messages).toHaveLength(tries);
});

test('a code whose key is gone is neither checked nor charged, and is checked again once the key is back', async () => {
  await using server = await openServer();
  const { store } = server.parts;
  const recipient = aNumber();
  const { id } = (await server.alice.create({ recipient })).body;
  const code = await server.outbox.code(id);
  const rings = readKeyFile(join(dirname(server.file), 'keys.json'));
  await store.useKeys({ ...rings, pepper: { activeId: 'k-other', keys: { 'k-other': new Uint8Array(32) } } });

  const before = (await server.alice.get(id)).body;
  const rows = await server.rows();
  const refused = [
    await server.alice.check(id, code),
    await server.alice.check(id, '000000', { 'idempotency-key': 'again' }),
    await server.alice.checkRecipient({ recipient, code }),
    await server.alice.create({ recipient: aNumber() }),
  ];
  for (const { status, headers, text } of refused) {
    expect(status).toBe(503);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    expect(JSON.parse(text)).toMatchObject({ code: 'unavailable', reason: 'unknown_key' });
  }
  expect((await server.alice.get(id)).body).toEqual(before);
  expect(await server.rows()).toEqual(rows);

  await store.useKeys(rings);
  const wrong = await server.alice.check(id, wrongFor(code));
  expect(wrong.body).toMatchObject({ result: 'wrong_code', attemptsLeft: 4 });
  expect((await server.alice.check(id, code)).body.result).toBe('verified');
});
