import { expect, test } from 'vitest';
import type { Reply } from '../../../testing/client.ts';
import { virtualClock } from '../../../testing/clock.ts';
import { aNumber, wrongFor } from '../../../testing/numbers.ts';
import { openServer, type TestServer } from '../../../testing/server.ts';
import { emailSpellings, numberSpellings } from '../../../testing/spellings.ts';
import { defaultLimits } from '../../domain/limits.ts';
import type { RatePolicy } from '../../http/rate.ts';
import { defaultRates, type RateName } from '../../http/rates.ts';

/** So wide that only the rate under test is met. */
const wide = (name: string): RatePolicy => ({ name, quota: 1_000_000, windowSeconds: 1 });
const onlyRate = (name: RateName) =>
  Object.fromEntries(
    (Object.keys(defaultRates) as RateName[]).filter((other) => other !== name).map((other) => [other, wide(other)]),
  ) as Partial<Record<RateName, RatePolicy>>;

type Ask = (server: TestServer, id: string) => Promise<Reply<unknown>>;

const impostor: Ask = ({ alice }) =>
  alice.request('GET', '/v1/verifications', { headers: { authorization: 'Bearer nobody' } });

const rates: [rate: RateName, atOnce: number, policy: string, ask: Ask, allowed: number][] = [
  ['apiKey', 100, '"api-key";q=100;w=1', ({ alice }) => alice.list(), 200],
  ['creates', 100, '"tenant-creates";q=20;w=1', ({ alice }) => alice.create({ recipient: aNumber() }), 201],
  ['checks', 200, '"tenant-checks";q=200;w=1', ({ alice }, id) => alice.check(id, '000000'), 200],
  ['statusReads', 60, '"status-reads";q=60;w=60', ({ alice }, id) => alice.get(id), 200],
  ['failedAuthentications', 20, '"failed-authentications";q=20;w=60', impostor, 401],
];

test.each(rates)(
  'lets through as many as the rate %s says, and one more only after the stated time',
  async (...row) => {
    const [rate, atOnce, policy, ask, allowed] = row;
    const clock = virtualClock();
    await using server = await openServer({ clock, rates: onlyRate(rate) });
    const { body } = await aBystander(server);

    const replies: Reply<unknown>[] = [];
    for (let i = 0; i <= atOnce; i++) replies.push(await ask(server, body.id));
    expect(replies.filter(({ status }) => status === allowed)).toHaveLength(atOnce);
    const [refused, ...others] = replies.filter(({ status }) => status === 429);
    expect(others).toEqual([]);
    expect(refused?.body).toMatchObject({ code: 'rate_limited' });
    expect(refused?.headers.get('ratelimit-policy')).toBe(policy);
    const seconds = Number(refused?.headers.get('retry-after'));
    expect(refused?.headers.get('ratelimit')).toBe(`${policy.split(';')[0]};r=0;t=${seconds}`);

    clock.advance(seconds * 1000);
    expect((await ask(server, body.id)).status).toBe(allowed);
  },
);

/** A verification that the rate does not count: made by way of the engine. */
async function aBystander({ parts, alice }: TestServer) {
  const caller = { tenantId: alice.tenantId, face: 'native', seesAllFaces: true };
  const { outcome } = await parts.engine.createVerification(caller, { recipient: aNumber() });
  if (outcome.kind !== 'created') throw new Error(`it was ${outcome.kind}`);
  return { body: outcome.verification };
}

test('sends and charges nothing for what a rate refuses', async () => {
  const one = (name: string) => ({ name, quota: 1, windowSeconds: 60 });
  const clock = virtualClock();
  await using server = await openServer({ clock, rates: { creates: one('creates'), checks: one('checks') } });
  const { alice, outbox } = server;
  const { body } = await alice.create({ recipient: aNumber() });
  const code = await outbox.code(body.id);
  expect((await alice.check(body.id, wrongFor(code))).body.attemptsLeft).toBe(4);
  const before = await server.rows();
  clock.advance(30_000);
  const refused = [
    await alice.create({ recipient: aNumber() }),
    await alice.resend(body.id),
    await alice.check(body.id, wrongFor(code)),
    await alice.checkRecipient({ recipient: body.recipient, code }),
  ];
  expect(refused.map(({ status }) => status)).toEqual([429, 429, 429, 429]);
  expect(await server.rows()).toEqual(before);
  expect(outbox.messages).toHaveLength(1);
});

test('counts each tenant, key and verification apart', async () => {
  const two = (name: string) => ({ name, quota: 2, windowSeconds: 60 });
  await using server = await openServer({ clock: virtualClock(), rates: { creates: two('c'), statusReads: two('s') } });
  const { alice, bob } = server;
  const mine = [await alice.create({ recipient: aNumber() }), await alice.create({ recipient: aNumber() })];
  expect((await alice.create({ recipient: aNumber() })).status).toBe(429);
  expect((await bob.create({ recipient: aNumber() })).status).toBe(201);
  for (const { body } of mine) {
    expect([(await alice.get(body.id)).status, (await alice.get(body.id)).status]).toEqual([200, 200]);
    expect((await alice.get(body.id)).status).toBe(429);
  }
});

test('keeps letting a good key in from where bad ones came', async () => {
  await using server = await openServer({ clock: virtualClock(), rates: {} });
  for (let i = 0; i < 25; i++) await impostor(server, '');
  expect((await impostor(server, '')).status).toBe(429);
  expect((await server.alice.list()).status).toBe(200);
});

test('believes no forwarding header: whatever it says, failures of one peer are counted together', async () => {
  await using server = await openServer({ clock: virtualClock(), rates: {} });
  const statuses: number[] = [];
  for (let i = 0; i <= 20; i++) {
    const address = `203.0.113.${i}`;
    const headers = {
      authorization: 'Bearer nobody',
      'x-forwarded-for': address,
      forwarded: `for=${address}`,
      'x-real-ip': address,
      'x-client-ip': address,
      'true-client-ip': address,
      'cf-connecting-ip': address,
      'x-cluster-client-ip': address,
      via: `1.1 ${address}`,
    };
    statuses.push((await server.alice.request('GET', '/v1/verifications', { headers })).status);
  }
  expect(statuses).toEqual([...Array(20).fill(401), 429]);
});

test('believes no forwarding header about the end user either', async () => {
  await using server = await openServer({ clock: virtualClock() });
  const signals = { ip: '198.51.100.9' };
  const statuses: number[] = [];
  for (let i = 0; i <= 10; i++) {
    const headers = { 'x-forwarded-for': `203.0.113.${i}`, forwarded: `for=203.0.113.${i}` };
    statuses.push((await server.alice.create({ recipient: aNumber(), signals }, headers)).status);
  }
  expect(statuses).toEqual([...Array(10).fill(201), 429]);
  for (let i = 0; i < 12; i++) {
    // Without an address of the end user, none is counted, least of all that of the peer.
    expect((await server.alice.create({ recipient: aNumber() })).status).toBe(201);
  }
});

test('lets five messages to one recipient through in ten minutes, and ten in a day', async () => {
  const clock = virtualClock();
  await using server = await openServer({ clock });
  const recipient = aNumber();
  const create = (reference: string) => server.alice.create({ recipient, reference });
  const expectRefused = async (policy: string, seconds: number) => {
    const refused = await create('one too many');
    expect(refused.status).toBe(429);
    expect(refused.body).toMatchObject({ code: 'recipient_limited' });
    expect(refused.headers.get('ratelimit-policy')).toBe(`"recipient";${policy}`);
    expect(refused.headers.get('ratelimit')).toBe(`"recipient";r=0;t=${seconds}`);
    expect(refused.headers.get('retry-after')).toBe(String(seconds));
  };
  for (let i = 0; i < 5; i++) expect((await create(`first ${i}`)).status).toBe(201);
  await expectRefused('q=5;w=600', 600);
  clock.advance(599_000);
  await expectRefused('q=5;w=600', 1);
  clock.advance(1000);
  for (let i = 0; i < 5; i++) expect((await create(`second ${i}`)).status).toBe(201);
  await expectRefused('q=10;w=86400', 85_800);
  clock.advance(85_799_000);
  await expectRefused('q=10;w=86400', 1);
  clock.advance(1000);
  expect((await create('the next day')).status).toBe(201);
  await server.rows();
  expect(server.outbox.messages).toHaveLength(11);
});

test('lets ten creates of one end user through in ten minutes, and thirty in an hour', async () => {
  const clock = virtualClock();
  await using server = await openServer({ clock });
  const create = () => server.alice.create({ recipient: aNumber(), signals: { ip: '2001:db8:7::1' } });
  for (const windowFull of ['q=10;w=600', 'q=10;w=600', 'q=30;w=3600']) {
    for (let i = 0; i < 10; i++) expect((await create()).status).toBe(201);
    const refused = await create();
    expect(refused.status).toBe(429);
    expect(refused.body).toMatchObject({ code: 'address_limited' });
    expect(refused.headers.get('ratelimit-policy')).toBe(`"address";${windowFull}`);
    const seconds = windowFull === 'q=10;w=600' ? 600 : 2400;
    expect(refused.headers.get('retry-after')).toBe(String(seconds));
    clock.advance(seconds * 1000);
  }
  expect((await create()).status).toBe(201);
  await server.rows();
  expect(server.outbox.messages).toHaveLength(31);
});

const counters: [sentence: string, said: readonly object[]][] = [
  ['thirty spellings of one number', numberSpellings],
  ['thirty spellings of one e-mail address', emailSpellings.map((recipient) => ({ recipient }))],
];

test.each(counters)('has one counter for %s', async (_, said) => {
  expect(said.length).toBeGreaterThanOrEqual(30);
  await using server = await openServer({ clock: virtualClock() });
  const replies: Reply<unknown>[] = [];
  for (const [index, spelled] of said.entries()) {
    replies.push(await server.alice.create({ ...spelled, reference: `login-${index}` }));
  }
  expect(replies.slice(0, 5).map(({ status }) => status)).toEqual([201, 201, 201, 201, 201]);
  for (const { status, body } of replies.slice(5)) {
    expect(status).toBe(429);
    expect(body).toMatchObject({ code: 'recipient_limited' });
  }
  expect((await server.rows()).recipients).toHaveLength(1);
  expect(server.outbox.messages).toHaveLength(5);
});

test.each([
  ['of one IPv4 address', ['192.0.2.7', '::ffff:192.0.2.7', '::FFFF:c000:207', '0:0:0:0:0:ffff:192.0.2.7']],
  ['of one IPv6 network', ['2001:db8::1', '2001:DB8::2', '2001:0db8:0000:0000:ffff::', '2001:db8:0:0:1:2:3:4']],
])('has one counter for all spellings %s', async (_, addresses) => {
  await using server = await openServer({ clock: virtualClock() });
  const statuses: number[] = [];
  for (let i = 0; i <= 10; i++) {
    const ip = addresses[i % addresses.length];
    statuses.push((await server.alice.create({ recipient: aNumber(), signals: { ip } })).status);
  }
  expect(statuses).toEqual([...Array(10).fill(201), 429]);
  expect((await server.rows()).addresses).toHaveLength(1);
});

test('is exact when a hundred creates of one end user arrive at once', async () => {
  const limits = { ...defaultLimits, addressCreates: [{ count: 5, seconds: 600 }] };
  await using server = await openServer({ limits });
  const signals = { ip: '198.51.100.77' };
  const replies = await Promise.all(
    Array.from({ length: 100 }, () => server.alice.create({ recipient: aNumber(), signals })),
  );
  expect(replies.filter(({ status }) => status === 201)).toHaveLength(5);
  expect(replies.filter(({ status }) => status === 429)).toHaveLength(95);
  expect((await server.rows()).verifications).toHaveLength(5);
  expect(server.outbox.messages).toHaveLength(5);
});

test('is exact when a hundred creates for one recipient arrive at once', async () => {
  await using server = await openServer();
  const recipient = aNumber();
  const replies = await Promise.all(
    Array.from({ length: 100 }, (_, index) => server.alice.create({ recipient, reference: `login-${index}` })),
  );
  expect(replies.filter(({ status }) => status === 201)).toHaveLength(5);
  expect(replies.filter(({ status }) => status === 429)).toHaveLength(95);
  expect((await server.rows()).sends).toHaveLength(5);
  expect(server.outbox.messages.length).toBeLessThanOrEqual(5);
});
