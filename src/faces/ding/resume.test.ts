import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Ding, openDing } from '../../../testing/ding.ts';
import { aNumber } from '../../../testing/numbers.ts';

let ding: Ding;
beforeAll(async () => {
  ding = await openDing();
});
afterAll(() => ding[Symbol.asyncDispose]());

test('another send for the number is the same authentication with the same dates, a new code, and the old one dead', async () => {
  const phone_number = aNumber();
  const { id, code, body } = await ding.pending({ phone_number, correlation_id: 'a' });
  ding.clock.advance(30_000);
  const again = await ding.send({ phone_number, correlation_id: 'b' });
  expect(again.body).toEqual(body);
  const fresh = await ding.code(id, 2);
  expect(fresh).not.toBe(code);
  expect((await ding.check(id, code)).body.status).toBe('invalid');
  expect((await ding.check(id, fresh)).body.status).toBe('valid');
  expect((await ding.status(id)).body.correlation_id).toBe('a');
});

test('before the pause has passed it is rate_limited, sends nothing, and the code stays right', async () => {
  const phone_number = aNumber();
  const { id, code, body } = await ding.pending({ phone_number });
  expect((await ding.send({ phone_number })).body).toEqual({ ...body, status: 'rate_limited' });
  ding.clock.advance(29_999);
  expect((await ding.send({ phone_number })).body.status).toBe('rate_limited');
  expect((await ding.check(id, code)).body.status).toBe('valid');
});

test('with all messages used up it is rate_limited', async () => {
  const phone_number = aNumber();
  const { body } = await ding.pending({ phone_number });
  for (const seconds of [30, 60, 120]) {
    ding.clock.advance(seconds * 1000);
    expect((await ding.send({ phone_number })).body).toEqual(body);
  }
  ding.clock.advance(60_000);
  expect((await ding.send({ phone_number })).body).toEqual({ ...body, status: 'rate_limited' });
});

test.each([
  ['validated', async (id: string) => ding.check(id, await ding.code(id))],
  ['expired', async () => ding.clock.advance(300_000)],
])('once it is %s another send makes another one', async (_, end) => {
  const phone_number = aNumber();
  const { id } = await ding.pending({ phone_number });
  await end(id);
  const again = await ding.send({ phone_number });
  expect(again.body.status).toBe('pending');
  expect(again.body.authentication_uuid).not.toBe(id);
});

test('a customer who switches it off gets another one each time, both alive', async () => {
  const phone_number = aNumber();
  const template_id = await ding.service({ whilePending: 'separate' });
  const [one, other] = [
    await ding.pending({ phone_number, template_id }),
    await ding.pending({ phone_number, template_id }),
  ];
  expect(one.id).not.toBe(other.id);
  expect((await ding.check(one.id, one.code)).body.status).toBe('valid');
  expect((await ding.check(other.id, other.code)).body.status).toBe('valid');
});

test('twenty sends at once after the pause are one message', async () => {
  const phone_number = aNumber();
  const { id } = await ding.pending({ phone_number });
  ding.clock.advance(30_000);
  const sent = await Promise.all(Array.from({ length: 20 }, () => ding.send({ phone_number })));
  expect(new Set(sent.map(({ body }) => body.authentication_uuid))).toEqual(new Set([id]));
  expect(sent.filter(({ body }) => body.status === 'pending')).toHaveLength(1);
});

test('does not resume what another API has asked for', async () => {
  const recipient = aNumber();
  const { body } = await ding.server.alice.create({ recipient });
  expect((await ding.send({ phone_number: recipient })).body.authentication_uuid).not.toBe(body.id);
});

test('the sixth message for a number is rate_limited under an id of its own, which stays so', async () => {
  const phone_number = aNumber();
  const template_id = await ding.service({ whilePending: 'separate' });
  for (let sent = 0; sent < 5; sent++) await ding.send({ phone_number, template_id });
  const ids: unknown[] = [];
  for (let refused = 0; refused < 6; refused++) {
    const { status, body } = await ding.send({ phone_number, template_id });
    expect([status, body.status, Object.keys(body)]).toEqual([
      200,
      'rate_limited',
      ['authentication_uuid', 'status', 'created_at', 'expires_at'],
    ]);
    ids.push(body.authentication_uuid);
  }
  expect(new Set(ids).size).toBe(3);
  expect(new Set(ids.slice(2)).size).toBe(1);
  const [id] = ids;
  expect((await ding.check(id, '123456')).body).toEqual({ authentication_uuid: id, status: 'rate_limited' });
  expect((await ding.retry(id)).body).toMatchObject({ status: 'rate_limited', remaining_retry: 0 });
  ding.clock.advance(600_000);
  expect((await ding.check(id, '123456')).body.status).toBe('rate_limited');
  expect((await ding.retry(id)).body.status).toBe('rate_limited');
  expect((await ding.status(id)).body).toMatchObject({ uuid: id, phone_number, events: [] });
  expect((await ding.server.alice.get(String(id))).body).toMatchObject({ status: 'refused', refusal: 'limited' });
  expect((await ding.server.alice.check(String(id), '123456')).body.result).toBe('refused');
});

test('an address has its limit over numbers, and over all of its /64', async () => {
  const from = (ip: string) => ding.send({ ip });
  for (let sent = 0; sent < 10; sent++) expect((await from(`2001:db8:7:7::${sent}`)).body.status).toBe('pending');
  expect((await from('2001:db8:7:7:ffff::1')).body.status).toBe('rate_limited');
  expect((await from('2001:db8:7:8::1')).body.status).toBe('pending');
});
