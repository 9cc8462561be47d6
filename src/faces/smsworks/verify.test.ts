import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type VirtualClock, virtualClock } from '../../../testing/clock.ts';
import { openServer, type TestServer } from '../../../testing/server.ts';
import { errorOf, freshMobile, type SmsworksClient, smsworksOf } from '../../../testing/smsworks.ts';

let server: TestServer;
let clock: VirtualClock;
let client: SmsworksClient;
let begunMs: number;
beforeAll(async () => {
  clock = virtualClock();
  server = await openServer({ clock });
  client = await smsworksOf(server);
});
beforeEach(() => {
  // Wrong passcodes of the test before count no longer.
  clock.advance(660_000);
  begunMs = clock.wallMs();
});
afterAll(() => server[Symbol.asyncDispose]());

const at = (afterMs: number) => new Date(begunMs + afterMs).toISOString();
const unknown = [404, { message: 'No OTP has this passcode', ...errorOf(404) }];

test('the right passcode is VERIFIED, with the fields of the vendor and no other', async () => {
  const destination = freshMobile();
  const { id, passcode } = await client.sent({ destination, validity: 300, metadata: { order: 'A-17' } });
  clock.advance(101_512);
  const { status, body } = await client.verify({ passcode });
  expect([status, body]).toEqual([
    200,
    {
      destination,
      status: 'VERIFIED',
      passcode: Number(passcode),
      validity: 300,
      metadata: { order: 'A-17' },
      created: at(0),
      expires: at(300_000),
      modified: at(101_512),
    },
  ]);
  expect((await client.get(id)).body).toEqual(body);
});

test('a pending one reads SENT and hides its passcode, however often it is read', async () => {
  const { id, passcode } = await client.sent({ validity: 90.5 });
  clock.advance(1000);
  for (let read = 0; read < 3; read++) {
    const { status, body, text } = await client.get(id);
    expect([status, Object.keys(body).includes('passcode')]).toEqual([200, false]);
    expect(body).toMatchObject({
      status: 'SENT',
      validity: 90.5,
      created: at(0),
      modified: at(0),
      expires: at(90_500),
    });
    expect(text).not.toContain(passcode);
  }
  expect((await client.verify({ passcode })).status).toBe(200);
});

test('a used passcode is as unknown as one that never was', async () => {
  const { passcode } = await client.sent();
  await client.verify({ passcode });
  for (const typed of [passcode, '1000']) {
    const { status, body } = await client.verify({ passcode: typed });
    expect([status, body]).toEqual(unknown);
  }
});

test('a passcode is right to the millisecond before its time is over; then EXPIRED, as often as it is asked', async () => {
  const [early, late] = [await client.sent({ validity: 1 }), await client.sent({ validity: 1 })];
  clock.advance(999);
  expect((await client.verify({ passcode: early.passcode })).body.status).toBe('VERIFIED');
  clock.advance(1);
  for (let asked = 0; asked < 2; asked++) {
    const { status, body } = await client.verify({ passcode: late.passcode });
    expect(status).toBe(200);
    expect(body).toMatchObject({ status: 'EXPIRED', passcode: Number(late.passcode), modified: at(1000) });
  }
  const { body } = await client.get(late.id);
  expect([body.status, Object.keys(body).includes('passcode')]).toEqual(['EXPIRED', false]);
});

test('one that ran out is found for a day', async () => {
  const { passcode } = await client.sent({ validity: 60 });
  clock.advance(60_000 + 86_400_000 - 1);
  expect((await client.verify({ passcode })).body.status).toBe('EXPIRED');
  clock.advance(1);
  await server.parts.sweeper.maintain();
  expect((await client.verify({ passcode })).status).toBe(404);
});

test('the passcode of a verified one is shown for a day, and one that the caller chose never again', async () => {
  const generated = await client.sent();
  const chosen = await client.sent({ passcode: '98765' });
  expect((await client.verify({ passcode: generated.passcode })).body.passcode).toBe(Number(generated.passcode));
  expect((await client.verify({ passcode: '98765' })).body.passcode).toBe(98_765);
  expect((await client.get(generated.id)).body.passcode).toBe(Number(generated.passcode));
  expect((await client.get(chosen.id)).body).not.toHaveProperty('passcode');
  clock.advance(86_400_000);
  expect((await client.get(generated.id)).body).not.toHaveProperty('passcode');
});

const ownCodes: [passcode: string, shown: number | undefined][] = [
  ['0012', 12],
  ['123456789012345', 123_456_789_012_345],
  ['1234567890123456', undefined],
  ['abCD12', undefined],
  ['12345678901234567890', undefined],
];

test.each(ownCodes)('the passcode %s is shown as %s, and matched as text', async (passcode, shown) => {
  await client.send({ passcode });
  if (shown !== undefined && String(shown) !== passcode)
    expect((await client.verify({ passcode: shown })).status).toBe(404);
  const { status, body } = await client.verify({ passcode });
  expect([status, body.passcode]).toEqual([200, shown]);
});

test('a passcode is compared exactly, upper and lower case apart', async () => {
  await client.send({ passcode: 'abCD12' });
  for (const typed of ['ABCD12', 'abcd12', ' abCD12', 'abCD12 ', 'ab-CD12', 'abCD1', 'abCD123'])
    expect((await client.verify({ passcode: typed })).status).toBe(404);
  expect((await client.verify({ passcode: 'abCD12' })).status).toBe(200);
});

test('a number stands for its digits', async () => {
  const { passcode } = await client.sent();
  expect((await client.verify({ passcode: Number(passcode) })).body.status).toBe('VERIFIED');
});

test.each([undefined, null, '', true, [], {}, ['123456'], -1, 1.5, 1e300])(
  'the passcode %j is 400',
  async (passcode) => {
    const { status, body } = await client.verify({ passcode });
    expect([status, body]).toMatchObject([400, errorOf(400)]);
    expect(body.message).toMatch(/^passcode /);
  },
);

test('a passcode of a megabyte’s beginning, of spaces or of other digits is unknown, and nothing breaks', async () => {
  for (const passcode of ['x'.repeat(10_000), '      ', '１２３４５６', '\u0000', "' or 1=1 --"])
    expect((await client.verify({ passcode })).status).toBe(404);
  expect(server.log).toEqual([]);
});

test('of a passcode that the caller gave twice the newest counts; an id or a destination says which', async () => {
  const destinations = [freshMobile(), freshMobile(), freshMobile()];
  const ids: unknown[] = [];
  for (const destination of destinations)
    ids.push((await client.send({ destination, passcode: 'Same1' })).body.messageid);
  const verified = async (fields: object) => (await client.verify({ passcode: 'Same1', ...fields })).body.destination;

  expect((await client.verify({ passcode: 'Same1', messageid: 'none' })).status).toBe(404);
  expect((await client.verify({ passcode: 'Same1', destination: freshMobile() })).status).toBe(404);
  expect((await client.verify({ passcode: 'Other1', messageid: ids[0] })).status).toBe(404);
  expect((await client.verify({ passcode: 'Same1', destination: 'nowhere' })).status).toBe(400);
  expect(await verified({ messageid: ids[0] })).toBe(destinations[0]);
  expect(await verified({ destination: `+${destinations[1]}` })).toBe(destinations[1]);
  expect(await verified({})).toBe(destinations[2]);
  expect((await client.verify({ passcode: 'Same1' })).status).toBe(404);
});

test('of fifty right passcodes at once one is VERIFIED', async () => {
  const { passcode } = await client.sent();
  const answers = await Promise.all(Array.from({ length: 50 }, () => client.verify({ passcode })));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(49).fill(404)]);
});

test('a hundred wrong passcodes are 404, then 429 whatever comes, and ten more each minute', async () => {
  const { passcode } = await client.sent({ validity: 3600 });
  const guess = async (count: number) => {
    const answers = await Promise.all(Array.from({ length: count }, () => client.verify({ passcode: '1000' })));
    return answers.filter(({ status }) => status === 404).length;
  };
  expect(await guess(150)).toBe(100);
  const refused = await client.verify({ passcode });
  expect([refused.status, refused.body]).toMatchObject([429, errorOf(429)]);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await (await smsworksOf(server, server.bob)).verify({ passcode: '1000' })).status).toBe(404);
  clock.advance(60_000);
  expect((await client.verify({ passcode })).body.status).toBe('VERIFIED');
  expect(await guess(30)).toBe(10);
});

test('ids that are none, of nobody, or of another face are 404', async () => {
  const native = await server.alice.create({ recipient: '+33612345678' });
  const ids = ['1', 'send', '0192f000-0000-7000-8000-0000000000ff', native.body.id, '%2F..%2F', 'x'.repeat(500)];
  for (const id of ids) {
    const { status, body } = await client.ask('GET', `/otp/${id}`);
    expect([status, body]).toMatchObject([404, errorOf(404)]);
  }
});

test('of a person who was forgotten nothing is found', async () => {
  const destination = freshMobile();
  const { id, passcode } = await client.sent({ destination });
  await client.verify({ passcode });
  const person = { tenantId: server.alice.tenantId, recipient: `+${destination}` };
  await server.parts.store.maintain({ kind: 'erase-recipient', ...person }, 100);
  expect([(await client.get(id)).status, (await client.verify({ passcode })).status]).toEqual([404, 404]);
});

test('what a native key did to it reads in the words of the vendor', async () => {
  const [cancelled, checked] = [await client.sent(), await client.sent()];
  await server.alice.cancel(cancelled.id);
  expect((await client.get(cancelled.id)).body.status).toBe('EXPIRED');
  expect((await client.verify({ passcode: cancelled.passcode })).status).toBe(404);
  expect((await server.alice.check(checked.id, checked.passcode)).body).toMatchObject({ result: 'verified' });
  const { body } = await client.get(checked.id);
  expect(body).toMatchObject({ status: 'VERIFIED', passcode: Number(checked.passcode) });
});

test('a recipient that has to wait is 429', async () => {
  const destination = freshMobile();
  for (let round = 0; round < 2; round++) {
    const { body } = await server.alice.create({ recipient: `+${destination}`, reference: String(round) });
    for (let tried = 0; tried < 5; tried++) await server.alice.check(body.id, '0000');
  }
  const { passcode } = await client.sent({ destination });
  const refused = await client.verify({ passcode });
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '30']);
});
