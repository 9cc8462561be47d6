import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Ding, openDing } from '../../../testing/ding.ts';
import { aNumber, wrongFor } from '../../../testing/numbers.ts';
import { until } from '../../../testing/until.ts';

let ding: Ding;
beforeAll(async () => {
  ding = await openDing();
});
afterAll(() => ding[Symbol.asyncDispose]());

type State = readonly [name: string, make: () => Promise<string>, check: string, retry: string];

const expire = () => ding.clock.advance(300_000);
const limitedOne = async () => {
  const phone_number = aNumber();
  const template_id = await ding.service({ whilePending: 'separate' });
  for (let sent = 0; sent < 5; sent++) await ding.send({ phone_number, template_id });
  return String((await ding.send({ phone_number, template_id })).body.authentication_uuid);
};
const validatedOne = async () => {
  const { id, code } = await ding.pending();
  expect((await ding.check(id, code)).body).toEqual({ authentication_uuid: id, status: 'valid' });
  return id;
};
const lockedOne = async () => {
  const { id, code } = await ding.pending();
  for (let tries = 0; tries < 5; tries++) {
    expect((await ding.check(id, wrongFor(code))).body).toEqual({ authentication_uuid: id, status: 'invalid' });
  }
  return id;
};
const unsentOne = async () => {
  ding.server.outbox.answer(() => ({ kind: 'refused', reason: 'unknown-number' }));
  const { id } = await ding.pending();
  await until('the message to fail', async () => {
    const [send] = await ding.server.parts.store.queries.sends(ding.customer, id);
    return send?.status === 'failed' || undefined;
  });
  ding.server.outbox.answer(() => ({ kind: 'accepted' }));
  return id;
};
const later = (make: () => Promise<string>) => async () => {
  const id = await make();
  expire();
  return id;
};
const cancelledOne = async () => {
  const { id } = await ding.pending();
  await ding.server.alice.cancel(id);
  return id;
};

const states: State[] = [
  ['validated', validatedOne, 'already_validated', 'already_validated'],
  ['validated, and its time is over', later(validatedOne), 'already_validated', 'already_validated'],
  ['blocked as spam', async () => ding.spam(await limitedOne()), 'without_attempt', 'no_attempt'],
  [
    'blocked as spam, and its time is over',
    later(async () => ding.spam(await limitedOne())),
    'without_attempt',
    'no_attempt',
  ],
  ['blocked by a limit', limitedOne, 'rate_limited', 'rate_limited'],
  ['blocked by a limit, and its time is over', later(limitedOne), 'rate_limited', 'rate_limited'],
  ['locked', lockedOne, 'rate_limited', 'rate_limited'],
  ['locked, and its time is over', later(lockedOne), 'rate_limited', 'rate_limited'],
  ['expired', later(async () => (await ding.pending()).id), 'expired_auth', 'expired_auth'],
  ['without a message that went out', unsentOne, 'without_attempt', 'no_attempt'],
  ['without a message, and its time is over', later(unsentOne), 'expired_auth', 'expired_auth'],
  ['cancelled through another API', cancelledOne, 'expired_auth', 'expired_auth'],
];

test.each(states)('%s: what a check and a retry say, whatever the code', async (_, make, check, retry) => {
  const id = await make();
  // Of those that were never sent there is no code: then any will do.
  const message = ding.server.outbox.messages.find(({ reference }) => reference === `${id}-1`);
  const right = message?.code ?? '123456';
  for (const code of [right, wrongFor(right)]) {
    expect((await ding.check(id, code)).body).toEqual({ authentication_uuid: id, status: check });
  }
  const { status, body } = await ding.retry(id);
  expect([status, body.status]).toEqual([200, retry]);
  expect(Object.keys(body)).toEqual([
    'authentication_uuid',
    'status',
    'created_at',
    'next_retry_at',
    'remaining_retry',
  ]);
  expect(body.remaining_retry).toBeGreaterThanOrEqual(0);
  expect(Number.isNaN(Date.parse(String(body.next_retry_at)))).toBe(false);
});

test('a retry sends a new code, which is right alone, and says when the next one may come', async () => {
  const { id, code, body } = await ding.pending();
  const start = ding.clock.wallMs();
  const at = (seconds: number) => new Date(start + seconds * 1000).toISOString();
  const dates = { authentication_uuid: id, created_at: body.created_at };
  expect((await ding.retry(id)).body).toEqual({
    ...dates,
    status: 'denied',
    next_retry_at: at(30),
    remaining_retry: 3,
  });
  ding.clock.advance(30_000);
  expect((await ding.retry(id)).body).toEqual({
    ...dates,
    status: 'approved',
    next_retry_at: at(90),
    remaining_retry: 2,
  });
  const fresh = await ding.code(id, 2);
  expect(fresh).not.toBe(code);
  expect((await ding.retry(id)).body).toMatchObject({ status: 'denied', remaining_retry: 2 });
  ding.clock.advance(60_000);
  expect((await ding.retry(id)).body).toEqual({
    ...dates,
    status: 'approved',
    next_retry_at: at(210),
    remaining_retry: 1,
  });
  ding.clock.advance(120_000);
  const last = (await ding.retry(id)).body;
  expect(last).toEqual({ ...dates, status: 'approved', next_retry_at: body.expires_at, remaining_retry: 0 });
  ding.clock.advance(30_000);
  expect((await ding.retry(id)).body).toMatchObject({ status: 'denied', remaining_retry: 0 });
  expect((await ding.check(id, fresh)).body.status).toBe('invalid');
  expect((await ding.check(id, await ding.code(id, 4))).body.status).toBe('valid');
});

test('a retry over the limits of the number is rate_limited, with the time at which it is not', async () => {
  const phone_number = aNumber();
  const template_id = await ding.service({ whilePending: 'separate' });
  const { id } = await ding.pending({ phone_number, template_id });
  const start = ding.clock.wallMs();
  for (let sent = 1; sent < 5; sent++) await ding.send({ phone_number, template_id });
  ding.clock.advance(30_000);
  expect((await ding.retry(id)).body).toMatchObject({
    status: 'rate_limited',
    next_retry_at: new Date(start + 600_000).toISOString(),
    remaining_retry: 3,
  });
});

test('twenty retries at once are one message', async () => {
  const { id } = await ding.pending();
  ding.clock.advance(30_000);
  const told = await Promise.all(Array.from({ length: 20 }, () => ding.retry(id)));
  expect(told.filter(({ body }) => body.status === 'approved')).toHaveLength(1);
  expect(told.filter(({ body }) => body.status === 'denied')).toHaveLength(19);
});

test('of twenty right codes at once one is valid', async () => {
  const { id, code } = await ding.pending();
  const told = await Promise.all(Array.from({ length: 20 }, () => ding.check(id, code)));
  const count = (status: string) => told.filter(({ body }) => body.status === status).length;
  expect([count('valid'), count('already_validated')]).toEqual([1, 19]);
});

test('of twenty wrong codes at once five are looked at', async () => {
  const { id, code } = await ding.pending();
  const told = await Promise.all(Array.from({ length: 20 }, () => ding.check(id, wrongFor(code))));
  const count = (status: string) => told.filter(({ body }) => body.status === status).length;
  expect([count('invalid'), count('rate_limited')]).toEqual([5, 15]);
  expect((await ding.check(id, code)).body.status).toBe('rate_limited');
});

test('the right code with spaces around it is right; anything else is merely wrong, and charged', async () => {
  const { id, code } = await ding.pending();
  const wrong = [`${code.slice(0, 3)} ${code.slice(3)}`, 'x', 'a longer text than any code 💥', '0'.repeat(500)];
  for (const typed of wrong) expect((await ding.check(id, typed)).body.status).toBe('invalid');
  expect((await ding.check(id, ` \t${code}\n`)).body.status).toBe('valid');
});

test.each([
  ['an id of nobody', '0b7e0a3c-98a1-4f0e-8f5e-2d6c1f7a4b21', 'invalid_auth_uuid'],
  ['an id that is none', 'x', 'invalid_auth_uuid'],
  ['a number', 7, 'bad_request'],
  ['no id', undefined, 'bad_request'],
])('%s is a 400 for check and retry', async (_, id, code) => {
  for (const told of [await ding.check(id, '123456'), await ding.retry(id)]) {
    expect([told.status, told.body]).toEqual([400, { code, message: expect.any(String), doc_url: expect.any(String) }]);
  }
});

test('nobody reaches what another customer or another API asked for', async () => {
  const { body } = await ding.server.bob.create({ recipient: aNumber() });
  const own = (await ding.server.alice.create({ recipient: aNumber() })).body;
  for (const id of [body.id, own.id]) {
    for (const told of [await ding.check(id, '123456'), await ding.retry(id), await ding.status(id)]) {
      expect([told.status, told.body.code]).toEqual([400, 'invalid_auth_uuid']);
    }
  }
  expect((await ding.server.bob.get(body.id)).body).toMatchObject({ attemptsLeft: 5, sendsLeft: 4 });
});

test.each([
  ['an empty code', ''],
  ['spaces alone', '  '],
  ['a number', 123456],
  ['nothing', undefined],
  ['null', null],
])('%s is a bad request and costs nothing', async (_, typed) => {
  const { id } = await ding.pending();
  expect((await ding.check(id, typed)).body.code).toBe('bad_request');
  expect((await ding.server.alice.get(id)).body.attemptsLeft).toBe(5);
});

test('an id in capital letters is the same one', async () => {
  const { id, code } = await ding.pending();
  expect((await ding.check(id.toUpperCase(), code)).body).toEqual({ authentication_uuid: id, status: 'valid' });
});

test('its retries travel by the channels that the service lists', async () => {
  const template_id = await ding.service(
    { retryChannels: ['whatsapp', 'voice'] },
    { channels: ['sms', 'whatsapp', 'voice'] },
  );
  const { id } = await ding.pending({ template_id });
  for (const seconds of [30, 60, 120]) {
    ding.clock.advance(seconds * 1000);
    await ding.retry(id);
  }
  const channels = await Promise.all([1, 2, 3, 4].map(async (n) => (await ding.server.outbox.message(id, n)).channel));
  expect(channels).toEqual(['sms', 'whatsapp', 'voice', 'voice']);
});
