import { afterAll, beforeAll, expect, test } from 'vitest';
import { virtualClock } from '../../../testing/clock.ts';
import { aNumber, wrongFor } from '../../../testing/numbers.ts';
import { openServer, type TestServer } from '../../../testing/server.ts';
import { until } from '../../../testing/until.ts';

const clock = virtualClock();
let server: TestServer;
beforeAll(async () => {
  server = await openServer({ clock });
});
afterAll(() => server[Symbol.asyncDispose]());

const at = (ms: number) => new Date(ms).toISOString();

/** Ids are ordered by the millisecond they were made in. */
async function anOlder(fields: object = {}) {
  clock.advance(1);
  const { body } = await server.alice.create({ recipient: aNumber(), ...fields });
  return { ...body, code: await server.outbox.code(body.id) };
}

test('tells what happened to a verification and to each of its messages', async () => {
  const { alice } = server;
  const { id, code, recipient } = await anOlder({ reference: 'login-1', metadata: { plan: 'gold' } });
  const startMs = clock.wallMs();
  clock.advance(10_000);
  await alice.check(id, wrongFor(code));
  clock.advance(20_000);
  await alice.resend(id, { channel: 'whatsapp' });
  await server.rows();
  clock.advance(60_000);
  await alice.resend(id, { newCode: true });
  await server.rows();
  clock.advance(5000);
  await alice.check(id, await server.outbox.code(id, 3));

  const { status, body } = await alice.get(id);
  expect(status).toBe(200);
  expect(body).toMatchObject({
    id,
    recipient,
    status: 'verified',
    reference: 'login-1',
    metadata: { plan: 'gold' },
    createdAt: at(startMs),
    endedAt: at(startMs + 95_000),
  });
  expect(body.timeline).toEqual([
    { event: 'created', at: at(startMs) },
    { event: 'wrong_code', at: at(startMs + 10_000) },
    { event: 'send_requested', at: at(startMs + 30_000) },
    { event: 'new_code', at: at(startMs + 90_000) },
    { event: 'verified', at: at(startMs + 95_000) },
  ]);
  const sent = { status: 'submitted', provider: 'outbox', tries: 1, reason: null, possibleDuplicate: false };
  expect(body.sends).toEqual([
    { ...sent, number: 1, channel: 'sms', createdAt: at(startMs), endedAt: at(startMs) },
    { ...sent, number: 2, channel: 'whatsapp', createdAt: at(startMs + 30_000), endedAt: at(startMs + 30_000) },
    { ...sent, number: 3, channel: 'whatsapp', createdAt: at(startMs + 90_000), endedAt: at(startMs + 90_000) },
  ]);
});

test('tells of a message that no provider would carry', async () => {
  const { alice, outbox } = server;
  outbox.answer(() => ({ kind: 'refused', reason: 'invalid-recipient' }));
  const { id } = await anOlder();
  const [send] = await until('the send to fail', async () => {
    const { sends } = (await alice.get(id)).body;
    return sends[0]?.status === 'queued' ? undefined : sends;
  });
  outbox.answer(() => ({ kind: 'accepted' }));
  expect(send).toMatchObject({ status: 'failed', provider: 'outbox', tries: 1, reason: 'invalid_recipient' });
});

test('shows a pending verification as expired from the moment it is', async () => {
  const { alice } = server;
  const { id, expiresAt } = await anOlder();
  clock.advance(299_999);
  expect((await alice.get(id)).body).toMatchObject({ status: 'pending', attemptsLeft: 5, endedAt: null });
  clock.advance(1);
  expect((await alice.get(id)).body).toMatchObject({ status: 'expired', attemptsLeft: 0, endedAt: expiresAt });
});

test('lists the newest first, in pages that miss and repeat none', async () => {
  const { alice } = server;
  const made: string[] = [];
  for (let i = 0; i < 7; i++) made.unshift((await anOlder()).id);

  const seen: string[] = [];
  let cursor: string | null | undefined;
  for (let page = 0; page < 50 && cursor !== null && !seen.includes(made.at(-1) ?? ''); page++) {
    const { status, body } = await alice.list({ limit: '3', ...(cursor === undefined ? {} : { cursor }) });
    expect(status).toBe(200);
    expect(body.verifications.length).toBeLessThanOrEqual(3);
    seen.push(...body.verifications.map(({ id }) => id));
    cursor = body.nextCursor;
    // What comes meanwhile is newer than every page still to come.
    await anOlder();
  }
  expect(seen.slice(0, 7)).toEqual(made);
  expect(new Set(seen).size).toBe(seen.length);
});

test('ends the list with a page that has no cursor', async () => {
  const { alice } = server;
  const recipient = aNumber();
  const ids: string[] = [];
  for (const reference of ['a', 'b', 'c', 'd']) ids.unshift((await anOlder({ recipient, reference })).id);
  const first = (await alice.list({ recipient, limit: '2' })).body;
  expect(first.verifications.map(({ id }) => id)).toEqual(ids.slice(0, 2));
  expect(first.nextCursor).not.toBeNull();
  const second = (await alice.list({ recipient, limit: '2', cursor: first.nextCursor ?? '' })).body;
  expect(second.verifications.map(({ id }) => id)).toEqual(ids.slice(2));
  expect(second.nextCursor).toBeNull();
});

test('lists those of one recipient in any spelling, of one status, or both', async () => {
  const { alice } = server;
  const recipient = aNumber();
  const replaced = await anOlder({ recipient, reference: 'a' });
  const verified = await anOlder({ recipient, reference: 'b' });
  await alice.check(verified.id, verified.code);
  const expired = await anOlder({ recipient, reference: 'c' });
  clock.advance(300_000);
  const pending = await anOlder({ recipient, reference: 'd' });
  const failed = await anOlder({ recipient: aNumber(), maxAttempts: 1 });
  await alice.check(failed.id, wrongFor(failed.code));

  const ids = async (query: Readonly<Record<string, string>>) =>
    (await alice.list(query)).body.verifications.map(({ id }) => id);
  const all = [pending, expired, verified, replaced].map(({ id }) => id);
  expect(await ids({ recipient })).toEqual(all);
  expect(await ids({ recipient: `0${recipient.slice(3)}`, country: 'FR' })).toEqual(all);
  const ofStatus = { pending, expired, verified, cancelled: replaced, failed };
  for (const [status, { id }] of Object.entries(ofStatus)) {
    expect(await ids({ status, limit: '100' })).toContain(id);
    expect(await ids({ status, recipient })).toEqual(status === 'failed' ? [] : [id]);
  }
  expect(await ids({ status: 'refused', recipient })).toEqual([]);
});

test.each([
  ['limit', { limit: '0' }],
  ['limit', { limit: '101' }],
  ['limit', { limit: '1e1' }],
  ['status', { status: 'lost' }],
  ['cursor', { cursor: 'next' }],
  ['cursor', { cursor: '019B76DA-A800-7F1E-B07A-EA50DAB01629' }],
  ['recipient', { recipient: '0612345678' }],
  ['recipient', { recipient: 'x' }],
  ['country', { recipient: '0612345678', country: 'ZZ' }],
  ['page', { page: '2' }],
] as [string, Readonly<Record<string, string>>][])('refuses a bad %s: %j', async (field, query) => {
  const { status, body } = await server.alice.list(query);
  expect(status).toBe(400);
  expect(body).toMatchObject({ code: 'invalid_request', field });
});

test('refuses a filter given twice', async () => {
  const { status, body } = await server.alice.request('GET', '/v1/verifications?status=pending&status=verified');
  expect(status).toBe(400);
  expect(body).toMatchObject({ field: 'status' });
});
