import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { virtualClock } from '../../../testing/clock.ts';
import { aNumber, wrongFor } from '../../../testing/numbers.ts';
import { openServer, type TestServer } from '../../../testing/server.ts';

const clock = virtualClock();
let server: TestServer;
beforeAll(async () => {
  server = await openServer({ clock });
});
afterAll(() => server[Symbol.asyncDispose]());

let keys = 0;
const aKey = () => ({ 'idempotency-key': `key-${++keys}` });

async function aPending(fields: object = {}) {
  const { body } = await server.alice.create({ recipient: aNumber(), ...fields });
  return { ...body, code: await server.outbox.code(body.id) };
}

/* Every POST, with something to say and, where that can be, something else to say. */
const posts: [sentence: string, path: (id: string) => string, status: number, body: object, other?: object][] = [
  ['a create', () => '/v1/verifications', 201, { recipient: aNumber() }, { recipient: aNumber() }],
  ['a wrong code', (id) => `/v1/verifications/${id}/checks`, 200, { code: 'WRONG' }, { code: 'WRONGER' }],
  ['a resend', (id) => `/v1/verifications/${id}/sends`, 201, {}, { newCode: true }],
  ['a cancel', (id) => `/v1/verifications/${id}/cancel`, 200, {}],
];

test.each(posts)('answers %s sent twice with one key as it did the first time, and does it once', async (...row) => {
  const [, path, status, body, other] = row;
  const { alice, outbox } = server;
  const { id } = await aPending();
  clock.advance(30_000);
  const headers = aKey();
  const first = await alice.request('POST', path(id), { body, headers });
  expect(first.status).toBe(status);
  expect(first.headers.has('idempotency-replayed')).toBe(false);

  const before = await server.rows();
  const sent = outbox.messages.length;
  clock.advance(31_000);
  const second = await alice.request('POST', path(id), { body, headers });
  expect(second.status).toBe(status);
  expect(second.text).toBe(first.text);
  expect(second.headers.get('location')).toBe(first.headers.get('location'));
  expect(second.headers.get('idempotency-replayed')).toBe('true');

  if (other !== undefined) {
    const different = await alice.request('POST', path(id), { body: other, headers });
    expect(different.status).toBe(422);
    expect(different.body).toMatchObject({ code: 'idempotency_key_reused', field: 'Idempotency-Key' });
  }
  expect(await server.rows()).toEqual(before);
  expect(outbox.messages).toHaveLength(sent);
});

test('replays the answer to a check by recipient, and never its code', async () => {
  const { alice } = server;
  const { recipient, code } = await aPending();
  const headers = aKey();
  const first = await alice.checkRecipient({ recipient, code }, headers);
  const second = await alice.checkRecipient({ recipient, code }, headers);
  expect([first.body.result, second.body.result]).toEqual(['verified', 'verified']);
  expect(second.headers.get('idempotency-replayed')).toBe('true');
  expect((await alice.checkRecipient({ recipient, code: wrongFor(code) }, headers)).status).toBe(422);
  expect((await alice.checkRecipient({ recipient, code })).body.result).toBe('already_verified');
});

test('charges a wrong code once, however often it is repeated with its key', async () => {
  const { alice } = server;
  const { id, code } = await aPending();
  const headers = aKey();
  for (let i = 0; i < 10; i++) expect((await alice.check(id, wrongFor(code), headers)).body.attemptsLeft).toBe(4);
  expect((await alice.get(id)).body.attemptsLeft).toBe(4);
});

test('refuses a key that names another verification', async () => {
  const { alice } = server;
  const [one, two] = [await aPending(), await aPending()];
  const headers = aKey();
  await alice.cancel(one.id, headers);
  expect((await alice.cancel(two.id, headers)).status).toBe(422);
  expect((await alice.get(two.id)).body.status).toBe('pending');
});

test('keeps the keys of routes and tenants apart', async () => {
  const { alice, bob } = server;
  const headers = aKey();
  const recipient = aNumber();
  const mine = await alice.create({ recipient }, headers);
  const theirs = await bob.create({ recipient: aNumber() }, headers);
  expect(theirs.status).toBe(201);
  expect(theirs.headers.has('idempotency-replayed')).toBe(false);
  expect(theirs.body.id).not.toBe(mine.body.id);
  const cancelled = await alice.cancel(mine.body.id, headers);
  expect(cancelled.status).toBe(200);
  expect(cancelled.headers.has('idempotency-replayed')).toBe(false);
});

test.each([
  ['an empty one', ''],
  ['one with a space', 'two words'],
  ['one with a tab', 'two\twords'],
  ['one with an umlaut', 'schlüssel'],
  ['one of 256 characters', 'k'.repeat(256)],
])('refuses a bad key: %s', async (_, key) => {
  const { alice } = server;
  const headers = { 'idempotency-key': key };
  const { id, recipient } = await aPending();
  const before = await server.rows();
  const replies = [
    await alice.create({ recipient: aNumber() }, headers),
    await alice.check(id, '123456', headers),
    await alice.checkRecipient({ recipient, code: '123456' }, headers),
    await alice.resend(id, {}, headers),
    await alice.cancel(id, headers),
  ];
  for (const { status, body } of replies) {
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'invalid_request', field: 'Idempotency-Key' });
  }
  expect(await server.rows()).toEqual(before);
});

test('takes a key of 255 visible characters', async () => {
  const headers = { 'idempotency-key': '~'.repeat(254).padStart(255, '!') };
  const said = { recipient: aNumber() };
  const [first, second] = [await server.alice.create(said, headers), await server.alice.create(said, headers)];
  expect([first.status, second.status]).toEqual([201, 201]);
  expect(second.body).toEqual(first.body);
});

test('keeps no refusal of the moment: the same key works once it has passed', async () => {
  const { alice } = server;
  const { id } = await aPending();
  const headers = aKey();
  expect((await alice.resend(id, {}, headers)).status).toBe(429);
  clock.advance(30_000);
  const { status, headers: answered } = await alice.resend(id, {}, headers);
  expect(status).toBe(201);
  expect(answered.has('idempotency-replayed')).toBe(false);
});

test('keeps no invalid request: the same key works once it is mended', async () => {
  const { alice } = server;
  const headers = aKey();
  expect((await alice.create({ recipient: 'nobody' }, headers)).status).toBe(400);
  expect((await alice.create({ recipient: aNumber() }, headers)).status).toBe(201);
});

test('forgets a key after a day', async () => {
  const { alice, parts } = server;
  const headers = aKey();
  const said = { recipient: aNumber() };
  const { body: first } = await alice.create(said, headers);
  clock.advance(86_399_000);
  await parts.sweeper.maintain();
  expect((await alice.create(said, headers)).body.id).toBe(first.id);
  clock.advance(1000);
  await parts.sweeper.maintain();
  const late = await alice.create(said, headers);
  expect(late.status).toBe(201);
  expect(late.body.id).not.toBe(first.id);
});

test('keeps what a caller says out of what it remembers', async () => {
  const { alice } = server;
  const headers = { 'idempotency-key': 'a-key-of-my-own' };
  const code = 'QZ7KX4WM2P';
  const { body } = await alice.create({ recipient: aNumber(), code }, headers);
  await alice.check(body.id, code, headers);
  const remembered = JSON.stringify((await server.rows()).idempotency);
  expect(remembered).toContain(body.id.slice(0, 8));
  expect(remembered).not.toContain(code);
  expect(remembered).not.toContain('a-key-of-my-own');
});

test('settles a lost answer: after a restart the same request gives the same id, and one message', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'countersign-test-'));
  const [said, headers] = [{ recipient: aNumber() }, aKey()];
  try {
    const made = await loseAnAnswer(directory, said, headers);
    await using after = await openServer({ directory, clock });
    const { status, body, headers: answered } = await after.alice.create(said, headers);
    expect(status).toBe(201);
    expect(answered.get('idempotency-replayed')).toBe('true');
    expect((await after.alice.list()).body.verifications.map(({ id }) => id)).toEqual([body.id]);
    expect(made).toEqual([]);
    expect(await after.outbox.code(body.id)).toMatch(/^[0-9]{6}$/);
    await after.rows();
    expect(after.outbox.messages).toHaveLength(1);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});

/** A create is committed, its answer is lost, and the process ends. @returns what was sent before it did */
async function loseAnAnswer(directory: string, said: { recipient: string }, headers: Record<string, string>) {
  await using dying = await openServer({ directory, clock });
  const { store } = dying.parts;
  const { commitBatch } = store;
  vi.spyOn(store, 'commitBatch').mockImplementationOnce(async (commands) => {
    await commitBatch(commands);
    throw new Error('the answer is lost');
  });
  const reply = await dying.alice.create(said, headers);
  expect(reply.status).toBe(503);
  expect(reply.body).toMatchObject({ code: 'unavailable', reason: 'outcome_unknown' });
  return dying.outbox.messages;
}
