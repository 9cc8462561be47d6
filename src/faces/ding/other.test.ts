import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Asked, type Ding, openDing } from '../../../testing/ding.ts';
import { aNumber } from '../../../testing/numbers.ts';

/* Lookup and feedback. */

let ding: Ding;
beforeAll(async () => {
  ding = await openDing();
});
afterAll(() => ding[Symbol.asyncDispose]());

const own = () => ({ 'customer-uuid': ding.customer });
const lookup = (number: string, asked: Asked = {}) => ding.ask(`/lookup/${number}`, { headers: own(), ...asked });

test.each([
  ['a percent sign', '%2B33612345678'],
  ['a bare plus', '+33612345678'],
])('a number with %s is looked up', async (_, number) => {
  const { status, body } = await lookup(number);
  expect([status, body]).toEqual([200, { phone_number: '+33612345678', country_code: 'FR', line_type: 'Mobile' }]);
});

test.each([
  ['+33142345678', 'FR', 'FixedLine'],
  ['+33800123456', 'FR', 'TollFree'],
  ['+33899700000', 'FR', 'PremiumRate'],
  ['+33970123456', 'FR', 'Voip'],
  ['+12015550123', 'US', 'Unknown'],
  ['+447012345678', 'GB', 'Service'],
  ['+33000000000', 'FR', 'Unknown'],
])('%s is of %s and a line of kind %s', async (number, country_code, line_type) => {
  expect((await lookup(number)).body).toEqual({ phone_number: number, country_code, line_type });
});

test('a lookup with kinds of lookup is answered with what is known', async () => {
  const { status, body } = await lookup('+33612345678?type=cnam&type=cnam');
  expect([status, Object.keys(body)]).toEqual([200, ['phone_number', 'country_code', 'line_type']]);
});

test('the lookup of the first clients has the number in its body', async () => {
  const post = (fields: object) =>
    ding.ask('/lookup', { method: 'POST', headers: own(), text: JSON.stringify(fields) });
  expect((await post({ phone_number: '+33612345678' })).body).toMatchObject({ line_type: 'Mobile' });
  expect((await post({ phone_number: '0612345678' })).body.code).toBe('invalid_phone_number');
  expect((await post({})).body.code).toBe('bad_request');
});

test.each([
  ['no customer', {}, '+33612345678', 'bad_request'],
  ['another customer', { 'customer-uuid': '5e2d1a7c-0d0e-4b57-9c1b-7f2f2f6a9d10' }, '+33612345678', 'account_invalid'],
  ['another customer and no number', { 'customer-uuid': 'x' }, 'x', 'account_invalid'],
])('a lookup with %s is refused', async (_, headers, number, code) => {
  const { status, body } = await lookup(number, { headers: headers as never });
  expect([status, body.code]).toEqual([400, code]);
});

test.each(['0612345678', '+33', '+1234567890123456', 'ada@example.com', '%20'])('%s is no number', async (number) => {
  expect((await lookup(number)).body.code).toBe('invalid_phone_number');
});

const feedback = (fields: object) => ding.post('/authentication/feedback', { status: 'onboarded', ...fields });

test('feedback is recorded once, and the other word takes its place', async () => {
  const phone_number = aNumber();
  expect((await feedback({ phone_number })).body.code).toBe('no_associated_auth_found');
  await ding.pending({ phone_number });
  const first = await feedback({ phone_number });
  expect([first.status, first.body]).toEqual([200, { uuid: expect.stringMatching(/^[0-9a-f-]{36}$/) }]);
  expect((await feedback({ phone_number })).body.code).toBe('duplicated_feedback_status');
  const other = await feedback({ phone_number, status: 'not_onboarded' });
  expect(other.status).toBe(200);
  expect(other.body.uuid).not.toBe(first.body.uuid);
  expect((await feedback({ phone_number })).status).toBe(200);
});

test('of twenty times the same feedback at once one is recorded', async () => {
  const phone_number = aNumber();
  await ding.pending({ phone_number });
  const told = await Promise.all(Array.from({ length: 20 }, () => feedback({ phone_number })));
  expect(told.filter(({ status }) => status === 200)).toHaveLength(1);
});

test("a number of another API's verification, or of another customer, has had no authentication here", async () => {
  const [one, other] = [aNumber(), aNumber()];
  await ding.server.alice.create({ recipient: one });
  await ding.server.bob.create({ recipient: other });
  for (const phone_number of [one, other]) {
    expect((await feedback({ phone_number })).body.code).toBe('no_associated_auth_found');
  }
});

test.each([
  ['no number', { phone_number: undefined }, 'bad_request'],
  ['a number that is none', { phone_number: '0612345678' }, 'invalid_phone_number'],
  ['a number that cannot be', { phone_number: '+331' }, 'invalid_phone_number'],
  ['a word that is none', { phone_number: '+33612345678', status: 'maybe' }, 'invalid_feedback_status'],
  ['a word of every object', { phone_number: '+33612345678', status: 'constructor' }, 'invalid_feedback_status'],
  ['no word', { phone_number: '+33612345678', status: undefined }, 'bad_request'],
  ['another customer', { phone_number: 'x', customer_uuid: 'x' }, 'account_invalid'],
])('feedback with %s is refused', async (_, fields, code) => {
  const { status, body } = await feedback(fields);
  expect([status, body.code]).toEqual([400, code]);
});
