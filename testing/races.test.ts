import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import type { Reply } from './client.ts';
import { virtualClock } from './clock.ts';
import { aNumber, wrongFor } from './numbers.ts';
import { isLong, scaled } from './scale.ts';
import { openServer, type TestServer } from './server.ts';
import { until } from './until.ts';

/* What holds however requests cross each other, over real HTTP and a real database file. */

const times = <T>(count: number, work: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => work(index)));

/** The same in waves, so that the server's connections suffice. */
async function inWaves<T>(count: number, work: (index: number) => Promise<T>): Promise<T[]> {
  const done: T[] = [];
  for (let from = 0; from < count; from += waveSize) {
    done.push(...(await times(Math.min(waveSize, count - from), (index) => work(from + index))));
  }
  return done;
}

const waveSize = 50;

const tally = (values: readonly unknown[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const value of values) counts[String(value)] = (counts[String(value)] ?? 0) + 1;
  return counts;
};

/** Asks again while the server is too busy to have looked at the request at all. */
async function insist<Body>(ask: () => Promise<Reply<Body>>): Promise<Reply<Body>> {
  return until('an answer', async () => {
    const reply = await ask();
    const { reason } = reply.body as { reason?: unknown };
    return reply.status === 503 && reason === 'overloaded' ? undefined : reply;
  });
}

async function aPending({ alice, outbox }: TestServer, fields: object = {}) {
  const { body } = await insist(() => alice.create({ recipient: aNumber(), ...fields }));
  return { ...body, code: await outbox.code(body.id) };
}

test('evaluates five wrong codes and no more, however many arrive at once', async () => {
  await using server = await openServer();
  const { id, code } = await aPending(server);
  const count = isLong ? 1000 : 200;
  const replies = await times(count, () => insist(() => server.alice.check(id, wrongFor(code))));
  expect(tally(replies.map(({ status }) => status))).toEqual({ 200: count });
  expect(tally(replies.map(({ body }) => body.result))).toEqual({ wrong_code: 5, exhausted: count - 5 });
  const left = replies.filter(({ body }) => body.result === 'wrong_code').map(({ body }) => body.attemptsLeft);
  expect(left.sort()).toEqual([0, 1, 2, 3, 4]);
  expect((await server.alice.check(id, code)).body.result).toBe('exhausted');
  const { timeline, status } = (await server.alice.get(id)).body;
  expect(status).toBe('failed');
  expect(tally(timeline.map(({ event }) => event))).toEqual({ created: 1, wrong_code: 5, failed: 1 });
});

test('verifies once when the right code arrives two hundred times at once', async () => {
  await using server = await openServer();
  const { id, code } = await aPending(server);
  const replies = await times(200, () => insist(() => server.alice.check(id, code)));
  expect(tally(replies.map(({ body }) => body.result))).toEqual({ verified: 1, already_verified: 199 });
  expect((await server.alice.get(id)).body.timeline.map(({ event }) => event)).toEqual(['created', 'verified']);
});

test('verifies once when the right code arrives among wrong ones, or never', async () => {
  await using server = await openServer();
  await inWaves(scaled(200), async (index) => {
    const { id, code } = await aPending(server);
    const typed = Array.from({ length: 12 }, (_, place) => (place === index % 12 ? code : wrongFor(code)));
    const replies = await Promise.all(typed.map((text) => insist(() => server.alice.check(id, text))));
    const { verified = 0, wrong_code = 0, ...rest } = tally(replies.map(({ body }) => body.result));
    expect(wrong_code).toBeLessThanOrEqual(5);
    expect(verified).toBe(wrong_code === 5 ? 0 : 1);
    expect(rest).toEqual(verified === 1 ? { already_verified: 11 - wrong_code } : { exhausted: 7 });
    expect((await server.alice.get(id)).body.status).toBe(verified === 1 ? 'verified' : 'failed');
  });
});

test('makes one verification and one message of a hundred creates with one idempotency key', async () => {
  await using server = await openServer();
  const said = { recipient: aNumber(), reference: 'login-1' };
  const headers = { 'idempotency-key': 'one-of-a-hundred' };
  const replies = await times(100, () => insist(() => server.alice.create(said, headers)));
  expect(tally(replies.map(({ status }) => status))).toEqual({ 201: 100 });
  expect(new Set(replies.map(({ text }) => text)).size).toBe(1);
  expect(tally(replies.map((reply) => reply.headers.get('idempotency-replayed')))).toEqual({ null: 1, true: 99 });
  const rows = await server.rows();
  expect([rows.verifications?.length, rows.sends?.length, rows.idempotency?.length]).toEqual([1, 1, 1]);
  expect(server.outbox.messages).toHaveLength(1);
});

test('makes one verification and one message of a hundred equal creates without a key', async () => {
  await using server = await openServer();
  const said = { recipient: aNumber(), reference: 'login-1' };
  const replies = await times(100, () => insist(() => server.alice.create(said)));
  expect(tally(replies.map(({ status }) => status))).toEqual({ 200: 99, 201: 1 });
  expect(new Set(replies.map(({ body }) => body.id)).size).toBe(1);
  expect(tally(replies.map(({ body }) => body.sent))).toEqual({ true: 1, false: 99 });
  expect((await server.rows()).sends).toHaveLength(1);
  expect(server.outbox.messages).toHaveLength(1);
});

test('leaves one verification pending when logins of one recipient overtake each other', async () => {
  await using server = await openServer();
  const recipient = aNumber();
  const replies = await times(5, (index) => server.alice.create({ recipient, reference: `login-${index}` }));
  expect(tally(replies.map(({ status }) => status))).toEqual({ 201: 5 });
  const { verifications } = (await server.alice.list({ recipient })).body;
  expect(tally(verifications.map(({ status }) => status))).toEqual({ pending: 1, cancelled: 4 });
});

test('sends one message when many resends arrive at once', async () => {
  const clock = virtualClock();
  await using server = await openServer({ clock });
  const { id } = await aPending(server);
  clock.advance(30_000);
  const replies = await times(50, () => insist(() => server.alice.resend(id)));
  expect(tally(replies.map(({ status }) => status))).toEqual({ 201: 1, 429: 49 });
  expect((await server.rows()).sends).toHaveLength(2);
  expect(server.outbox.messages).toHaveLength(2);
});

test('lets a check and a cancel not both win: the answers say what is stored', async () => {
  await using server = await openServer();
  const { alice } = server;
  await inWaves(scaled(1000), async (index) => {
    const { id, code } = await aPending(server);
    const check = () => insist(() => alice.check(id, code));
    const cancel = () => insist(() => alice.cancel(id));
    const checkFirst = index % 2 === 0;
    const early = checkFirst ? check() : undefined;
    const cancelling = cancel();
    const [checked, cancelled] = [await (early ?? check()), await cancelling];
    const { status } = (await alice.get(id)).body;
    if (checked.body.result === 'verified') {
      expect([cancelled.status, status]).toEqual([409, 'verified']);
      expect(cancelled.body).toMatchObject({ code: 'verification_ended', verificationStatus: 'verified' });
    } else {
      expect([checked.body.result, cancelled.status, status]).toEqual(['cancelled', 200, 'cancelled']);
    }
  });
});

test('verifies no code that ran out, whichever moment it arrives in', async () => {
  const clock = virtualClock();
  await using server = await openServer({ clock });
  const { alice } = server;
  const all = await times(scaled(1000), () => aPending(server));
  const expiresAt = new Date(clock.wallMs() + 300_000).toISOString();
  expect(tally(all.map((made) => made.expiresAt))).toEqual({ [expiresAt]: all.length });
  clock.advance(300_000 - 10);

  // Twenty milliseconds pass while the checks come in: the code dies in the middle of them.
  const checks: Promise<Reply<{ readonly result: string }>>[] = [];
  for (const [index, { id, code }] of all.entries()) {
    if (index % (all.length / 20) === 0 && index > 0) clock.advance(1);
    checks.push(insist(() => alice.check(id, code)));
    if (index % 5 === 0) await checks.at(-1);
    else await nextTurn();
  }
  const results = (await Promise.all(checks)).map(({ body }) => body.result);
  const { verified = 0, expired = 0 } = tally(results);
  expect(verified + expired).toBe(all.length);
  expect(verified).toBeGreaterThan(0);
  expect(expired).toBeGreaterThan(0);
  for (const [index, { id }] of all.entries()) {
    const { status, endedAt } = (await alice.get(id)).body;
    expect(status).toBe(results[index]);
    if (status === 'expired') expect(endedAt).toBe(expiresAt);
    else expect(Date.parse(endedAt ?? '')).toBeLessThan(Date.parse(expiresAt));
  }
});

test('sheds creates before checks when there is too much to do, and loses nothing it took', async () => {
  const clock = virtualClock();
  await using server = await openServer({ clock });
  const { alice, parts } = server;
  const { id, code, recipient } = await aPending(server, { maxAttempts: 10 });
  const gate = await foundSlow(server, (ms) => clock.advance(ms));
  const everyOneOf = (...asked: readonly { readonly count: number; answered(): number }[]) =>
    until('every request to wait or be refused', () => {
      const unanswered = asked.reduce((sum, { count, answered }) => sum + count - answered(), 0);
      return parts.committer.waiting + gate.holding() === unanswered + 1 ? unanswered : undefined;
    });

  gate.close();
  const held = alice.create({ recipient: aNumber() });
  await gate.held();
  const creates = watched(200, () => alice.create({ recipient: aNumber() }));
  const takenCreates = await everyOneOf(creates);
  expect(takenCreates).toBeGreaterThan(0);
  expect(takenCreates).toBeLessThan(200);

  const checks = watched(200, () => alice.checkRecipient({ recipient, code: wrongFor(code) }));
  const taken = await everyOneOf(creates, checks);
  expect(taken).toBeGreaterThan(takenCreates);
  expect(taken).toBeLessThan(takenCreates + 200);
  gate.open();

  const made = [await held, ...(await creates.replies)];
  expect(tally(made.map(({ status }) => status))).toEqual({ 201: takenCreates + 1, 503: 200 - takenCreates });
  const answers = await checks.replies;
  const takenChecks = answers.filter(({ status }) => status !== 503);
  expect(takenChecks).toHaveLength(taken - takenCreates);
  for (const { status, body, headers } of [...made, ...answers]) {
    if (status !== 503) continue;
    expect(body).toMatchObject({ code: 'unavailable', reason: 'overloaded' });
    expect(headers.get('retry-after')).toMatch(/^[1-5]$/);
  }

  // What was taken is there, once; what was shed left nothing. One was there before, and one found the store slow.
  const rows = await server.rows();
  expect([rows.verifications?.length, rows.sends?.length]).toEqual([takenCreates + 3, takenCreates + 3]);
  for (const { status, body } of made) if (status === 201) await server.outbox.message(body.id);
  const wrong = takenChecks.filter(({ body }) => body.result === 'wrong_code').length;
  expect((await alice.get(id)).body.attemptsLeft).toBe(10 - wrong);
  expect((await alice.create({ recipient: aNumber() })).status).toBe(201);
});

/** Requests under way, and how many of them have been answered so far. */
function watched<Body>(count: number, ask: () => Promise<Reply<Body>>) {
  let answered = 0;
  const replies = times(count, async () => {
    const reply = await ask();
    answered += 1;
    return reply;
  });
  return { count, replies, answered: () => answered };
}

/** Lets the store be found slow, by a batch that takes ten seconds. @returns how to hold back the batches after it */
async function foundSlow({ parts: { store, committer }, alice }: TestServer, advance: (ms: number) => void) {
  const { commitBatch } = store;
  let opened = Promise.resolve();
  let open = () => {};
  let holding = 0;
  vi.spyOn(store, 'commitBatch').mockImplementation(async (commands) => {
    holding += commands.length;
    await opened;
    holding -= commands.length;
    return commitBatch(commands);
  });
  const gate = {
    close() {
      opened = new Promise((resolve) => {
        open = resolve;
      });
    },
    open: () => open(),
    /** Commands held back. */
    holding: () => holding,
    held: () => until('a batch to be held', () => (holding > 0 ? true : undefined)),
  };
  gate.close();
  const slow = alice.create({ recipient: aNumber() });
  await gate.held();
  advance(10_000);
  gate.open();
  await slow;
  await until('nothing to be under way', async () => {
    const { queued = 0 } = (await store.queries.counts()).sends;
    return queued === 0 && committer.waiting === 0 ? true : undefined;
  });
  return gate;
}
