import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Client, Reply } from '../../../testing/client.ts';
import { aNumber, wrongFor } from '../../../testing/numbers.ts';
import { openServer, type TestServer } from '../../../testing/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openServer();
});
afterAll(() => server[Symbol.asyncDispose]());

async function aPending(owner: Client, fields: object = {}) {
  const { body } = await owner.create({ recipient: aNumber(), ...fields });
  return { ...body, code: await server.outbox.code(body.id) };
}

/* Every route that takes an id. */
const routes: [route: string, ask: (client: Client, id: string, code: string) => Promise<Reply<unknown>>][] = [
  ['a look', (client, id) => client.get(id)],
  ['a check', (client, id, code) => client.check(id, code)],
  ['a resend', (client, id) => client.resend(id)],
  ['a resend with a new code', (client, id) => client.resend(id, { newCode: true, channel: 'voice' })],
  ['a cancel', (client, id) => client.cancel(id)],
];

const states: [state: string, make: () => Promise<{ id: string; code: string }>][] = [
  ['pending', () => aPending(server.alice)],
  [
    'verified',
    async () => {
      const made = await aPending(server.alice);
      await server.alice.check(made.id, made.code);
      return made;
    },
  ],
  [
    'failed',
    async () => {
      const made = await aPending(server.alice, { maxAttempts: 1 });
      await server.alice.check(made.id, wrongFor(made.code));
      return made;
    },
  ],
  [
    'cancelled',
    async () => {
      const made = await aPending(server.alice);
      await server.alice.cancel(made.id);
      return made;
    },
  ],
];

const crossings = routes.flatMap(([route, ask]) => states.map(([state, make]) => [route, state, ask, make] as const));

test.each(crossings)(
  'answers %s at a %s verification of another tenant with 404, and changes nothing',
  async (...row) => {
    const [, , ask, make] = row;
    const { id, code } = await make();
    const before = await server.rows();
    const reply = await ask(server.bob, id, code);
    expect(reply.status).toBe(404);
    expect(reply.body).toMatchObject({ code: 'not_found' });
    expect(await server.rows()).toEqual(before);
  },
);

const malformed = [
  'x',
  '0',
  'null',
  'undefined',
  '019b76da-a800-7f1e-b07a-ea50dab0162',
  '019b76da-a800-7f1e-b07a-ea50dab01629a',
  '019b76daa8007f1eb07aea50dab01629',
  '%7B019b76da-a800-7f1e-b07a-ea50dab01629%7D',
  "1'%20or%20'1'='1",
  '%00',
  '%F0%9F%98%80',
  '..%2F..%2Fetc%2Fpasswd',
  'z'.repeat(65),
  'z'.repeat(101),
  'z'.repeat(500),
];

test.each(routes)('answers %s at an unknown, a foreign and a malformed id alike, byte for byte', async (_, ask) => {
  const { alice, bob } = server;
  const foreign = await aPending(alice);
  const ids = [foreign.id, foreign.id.toUpperCase(), '019b76da-a800-7f1e-b07a-ea50dab01629', ...malformed];
  const texts = new Set<string>();
  for (const id of ids) {
    const reply = await ask(bob, id, foreign.code);
    expect(reply.status).toBe(404);
    texts.add(withoutRequestId(reply));
  }
  expect([...texts]).toEqual([
    '{"type":"urn:countersign:problem:not_found","title":"Not found","status":404,"code":"not_found",' +
      '"detail":"There is nothing at this address for this credential.","requestId":"*"}',
  ]);
});

test.each(routes)('answers %s at an id of its own only in the spelling it was given in', async (_, ask) => {
  const { alice } = server;
  const { id, code } = await aPending(alice);
  const before = await server.rows();
  const bare = id.replaceAll('-', '');
  for (const spelled of [id.toUpperCase(), bare, `${id}0`, `${id}%20`, `%7B${id}%7D`, `urn:uuid:${id}`, `0${id}`]) {
    expect([spelled, (await ask(alice, spelled, code)).status]).toEqual([spelled, 404]);
  }
  expect(await server.rows()).toEqual(before);
});

/** The head as well, but for what tells one moment from another. */
test.each(routes)('gives %s at an unknown and a foreign id the same header fields', async (_, ask) => {
  const foreign = await aPending(server.alice);
  const heads: [name: string, value: string][][] = [];
  for (const id of [foreign.id, '019b76da-a800-7f1e-b07a-ea50dab01629', 'x']) {
    const { headers } = await ask(server.bob, id, foreign.code);
    heads.push([...headers].filter(([name]) => !['date', 'x-request-id', 'content-length'].includes(name)));
  }
  expect(heads[1]).toEqual(heads[0]);
  expect(heads[2]).toEqual(heads[0]);
});

function withoutRequestId({ text, headers }: Reply<unknown>): string {
  return text.replace(headers.get('x-request-id') ?? '', '*');
}

test('gives two tenants with one recipient and one reference a verification each', async () => {
  const { alice, bob } = server;
  const said = { recipient: aNumber(), reference: 'login-1', codeLength: 10 };
  const [mine, theirs] = [await aPending(alice, said), await aPending(bob, said)];
  expect(theirs).toMatchObject({ recipient: mine.recipient, reference: 'login-1', resumed: false, attemptsLeft: 5 });
  expect(theirs.id).not.toBe(mine.id);
  expect(theirs.code).not.toBe(mine.code);

  expect((await bob.checkRecipient({ ...asked(said), code: mine.code })).body).toMatchObject({
    result: 'wrong_code',
    attemptsLeft: 4,
  });
  expect((await alice.get(mine.id)).body.attemptsLeft).toBe(5);
  expect((await alice.checkRecipient({ ...asked(said), code: mine.code })).body.result).toBe('verified');
  expect((await bob.get(theirs.id)).body.status).toBe('pending');
  expect((await bob.cancel(theirs.id)).status).toBe(200);
  expect((await alice.get(mine.id)).body.status).toBe('verified');
});

function asked({ recipient, reference }: { recipient: string; reference: string }) {
  return { recipient, reference };
}

test('knows no verification of a recipient that only another tenant has', async () => {
  const { recipient, code, id } = await aPending(server.alice);
  const before = await server.rows();
  const reply = await server.bob.checkRecipient({ recipient, code });
  expect(reply.status).toBe(404);
  expect(await server.rows()).toEqual(before);
  expect((await server.alice.get(id)).body).toMatchObject({ status: 'pending', attemptsLeft: 5 });
});

test('counts the messages, the addresses and the wrong codes of each tenant apart', async () => {
  const { alice, bob } = server;
  const recipient = aNumber();
  const signals = { ip: '203.0.113.77' };
  for (let i = 0; i < 5; i++) await alice.create({ recipient, signals, reference: `login-${i}` });
  for (let i = 0; i < 5; i++) await alice.create({ recipient: aNumber(), signals });
  expect((await alice.create({ recipient, reference: 'one more' })).body).toMatchObject({ code: 'recipient_limited' });
  expect((await alice.create({ recipient: aNumber(), signals })).body).toMatchObject({ code: 'address_limited' });
  const theirs = await bob.create({ recipient, signals });
  expect(theirs.status).toBe(201);

  const other = aNumber();
  const [mine, also] = [
    await aPending(alice, { recipient: other, maxAttempts: 10 }),
    await aPending(bob, { recipient: other }),
  ];
  for (let i = 0; i < 10; i++) await alice.check(mine.id, wrongFor(mine.code));
  expect((await alice.check(mine.id, mine.code)).status).toBe(429);
  expect((await bob.check(also.id, also.code)).body.result).toBe('verified');
});

test('lists only its own, whatever the filter or the cursor', async () => {
  const { alice, bob } = server;
  const recipient = aNumber();
  const mine = [await aPending(alice, { recipient }), await aPending(alice)];
  const theirs = [await aPending(bob, { recipient }), await aPending(bob)];
  const ids = async (query: Readonly<Record<string, string>>) =>
    (await bob.list({ limit: '100', ...query })).body.verifications.map(({ id }) => id);

  expect(await ids({ recipient })).toEqual([theirs[0]?.id]);
  const queries = [
    {},
    { status: 'pending' },
    { cursor: mine[1]?.id ?? '' },
    { cursor: 'ffffffff-ffff-ffff-ffff-ffffffffffff' },
  ];
  const own = JSON.stringify((await server.rows()).verifications?.filter((row) => row.includes(bareTenant(bob))));
  for (const query of queries) {
    const listed = await ids(query as Readonly<Record<string, string>>);
    for (const id of listed) expect(own).toContain(id.replaceAll('-', ''));
    for (const { id } of mine) expect(listed).not.toContain(id);
  }
  expect(await ids({})).toEqual(expect.arrayContaining(theirs.map(({ id }) => id)));
});

function bareTenant({ tenantId }: Client): string {
  return tenantId.replaceAll('-', '');
}

const impostors: [sentence: string, header: (key: string) => Record<string, string>][] = [
  ['no key', () => ({ authorization: '' })],
  ['another scheme', (key) => ({ authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}` })],
  ['the key alone', (key) => ({ authorization: key })],
  ['a key with its last character changed', (key) => ({ authorization: `Bearer ${wrongFor(key)}` })],
  [
    'a key with its secret changed',
    (key) => ({ authorization: `Bearer ${wrongFor(key.slice(0, -8))}${key.slice(-8)}` }),
  ],
  ['a key in capitals', (key) => ({ authorization: `Bearer ${key.toUpperCase()}` })],
  ['the id of a key', (key) => ({ authorization: `Bearer ${key.split('_')[2]}` })],
  ['a key elsewhere', (key) => ({ authorization: '', 'x-api-key': key })],
];

test.each(impostors)('lets nobody in with %s', async (_, header) => {
  const { alice } = server;
  const { id, code } = await aPending(alice);
  const headers = header(alice.apiKey);
  const before = await server.rows();
  const replies = [
    await alice.request('GET', '/v1/verifications', { headers }),
    await alice.request('GET', `/v1/verifications/${id}`, { headers }),
    await alice.request('POST', '/v1/verifications', { headers, body: { recipient: aNumber() } }),
    await alice.request('POST', '/v1/checks', { headers, body: { recipient: aNumber(), code } }),
    await alice.request('POST', `/v1/verifications/${id}/checks`, { headers, body: { code } }),
    await alice.request('POST', `/v1/verifications/${id}/sends`, { headers }),
    await alice.request('POST', `/v1/verifications/${id}/cancel`, { headers }),
  ];
  for (const { status, body, headers: answered } of replies) {
    expect(status).toBe(401);
    expect(body).toMatchObject({ code: 'unauthorized' });
    expect(answered.get('www-authenticate')).toBe('Bearer');
  }
  expect(await server.rows()).toEqual(before);
});

test('takes the tenant from the key alone', async () => {
  const { alice, bob } = server;
  const { id } = await aPending(alice);
  const headers = { 'x-tenant-id': alice.tenantId, tenant: alice.tenantId, cookie: `tenant_id=${alice.tenantId}` };
  expect((await bob.request('GET', `/v1/verifications/${id}`, { headers })).status).toBe(404);
  const reply = await bob.request('GET', `/v1/verifications/${id}?tenantId=${alice.tenantId}`);
  expect(reply.status).toBe(400);
});
