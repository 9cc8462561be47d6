import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { aTenant } from '../../../testing/builders.ts';
import { anSmscxNumber, openSmscx, type Smscx } from '../../../testing/smscx.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Service } from '../../engine/tenancy.ts';

let smscx: Smscx;
let engine: Engine;
beforeAll(async () => {
  smscx = await openSmscx();
  engine = smscx.server.parts.engine;
});
afterAll(() => smscx[Symbol.asyncDispose]());
afterEach(() => {
  vi.restoreAllMocks();
});

type Outcome = Awaited<ReturnType<Engine['createVerification']>>['outcome'];

const window = { count: 5, seconds: 600 };
const wait = { retryAfterSeconds: 30, retryAtMs: 0 };
const outcomes: [outcome: Outcome, said: string][] = [
  [{ kind: 'insufficient-balance' }, '1113 insufficient_credit 400'],
  [{ kind: 'country-not-allowed' }, '2020 invalid_param 400'],
  [{ kind: 'line-not-served' }, '2020 invalid_param 400'],
  [{ kind: 'invalid', field: 'recipient', remedy: 'is none' }, '2020 invalid_param 400'],
  [{ kind: 'invalid', field: 'channel', remedy: 'has no provider' }, '1009 access_denied 403'],
  [{ kind: 'ceiling-not-set' }, '1009 access_denied 403'],
  [{ kind: 'sender-not-approved' }, '1009 access_denied 403'],
  [{ kind: 'ceiling-reached', ...wait }, '1006 rate_limit 429'],
  [{ kind: 'limited', scope: 'recipient', window, ...wait }, '1006 rate_limit 429'],
  [{ kind: 'queue-full', retryAfterSeconds: 1 }, '1006 rate_limit 429'],
];

test.each(outcomes)('a create that comes to %j is answered %s', async (outcome, said) => {
  vi.spyOn(engine, 'createVerification').mockResolvedValue({ outcome, replayed: false });
  expect((await smscx.create()).said).toBe(said);
});

test('a sender that the service does not list gives way to its own', async () => {
  const create = vi
    .spyOn(engine, 'createVerification')
    .mockResolvedValueOnce({ outcome: { kind: 'sender-not-approved' }, replayed: false });
  const { said, body } = await smscx.create({ from: 'Acme' });
  expect([said, create.mock.calls.length]).toEqual(['201', 2]);
  expect((await smscx.server.outbox.message(String(body.otpId))).sender).toBe('Countersign');
});

test.each([
  ['a landline where only messages are served', { kind: 'line-not-served' }],
  ['a country that is not listed', { kind: 'country-not-allowed' }],
] as const)('%s is named before the faults of other fields', async (_, refusal) => {
  vi.spyOn(engine, 'refusalOf').mockResolvedValue(refusal);
  expect((await smscx.create({ ttl: 'soon' })).said).toBe('2020 invalid_param 400');
  expect((await smscx.create({ phoneNumber: '0612345678', ttl: 'soon' })).said).toBe('2002 invalid_param 400');
});

test('a tenant that pays beforehand sees what it has left', async () => {
  vi.spyOn(engine, 'balance').mockResolvedValue({ balanceMicros: 12_500_000, currency: 'USD' });
  const { body } = await smscx.ask('GET', '/account/balance');
  expect(body).toEqual({ balance: 12.5, currency: 'usd', billing: 'prepaid' });
});

test('a request in order is not asked about twice', async () => {
  const beforehand = vi.spyOn(engine, 'refusalOf');
  expect((await smscx.create()).said).toBe('201');
  expect(beforehand).not.toHaveBeenCalled();
});

const callbackUrl = 'https://acme.example/every-otp';

async function serverWithCallback(sender = 'Acme'): Promise<Smscx> {
  const other = await openSmscx();
  const { queries } = other.server.parts.store;
  const service = await queries.service(other.server.alice.tenantId, 'default');
  const withOptions: Service = { ...(service ?? aTenant().service), sender, options: { callbackUrl } };
  vi.spyOn(queries, 'service').mockResolvedValue(withOptions);
  return other;
}

test('what the service says of callbacks holds where a request names no address', async () => {
  await using other = await serverWithCallback();
  expect((await other.create()).body.otpCallbackUrl).toBe(callbackUrl);
  const own = 'https://acme.example/this-otp';
  const { body } = await other.create({ otpCallbackUrl: own });
  expect(body.otpCallbackUrl).toBe(own);
  const stored = await other.server.parts.store.queries.verification(other.server.alice.tenantId, String(body.otpId));
  const ends = ['verified', 'failed', 'expired', 'cancelled'].map((end) => `verification.${end}`);
  expect(stored?.terms).toMatchObject({ placeholder: 'pin', callbackUrl: own, callbackEvents: ends });
});

test('an application shows what its OTPs are like, and is known to its own key alone', async () => {
  await using other = await serverWithCallback();
  const { said, body } = await other.ask('GET', `/applications/${other.application.id}`);
  const otp = { template: 'Your code is {{pin}}', from: 'Acme', pinType: 'numbers', pinLength: 6, ttl: 300 };
  expect([said, body]).toEqual([
    '200',
    {
      applicationId: other.application.id,
      name: 'Development',
      scopes: 'sms groups templates numbers originators reports shortlinks attachments viber whatsapp otp',
      tokenExpiration: '1 day',
      settings: { otp: { ...otp, maxAttempts: 3, otpCallback: callbackUrl } },
    },
  ]);
  const headers = { 'x-api-key': other.foreignKey };
  expect((await other.ask('GET', `/applications/${other.application.id}`, { headers })).said).toBe(
    '1500 not_found 404',
  );
  expect((await other.ask('GET', '/applications/nonsense')).said).toBe('1500 not_found 404');
});

test('an application shows no sender that the PHP library would throw at: one of two letters', async () => {
  await using other = await serverWithCallback('HP');
  const { body } = await other.ask('GET', `/applications/${other.application.id}`);
  expect(body).toMatchObject({ settings: { otp: { from: null, pinLength: 6 } } });
  expect((await other.create()).said).toBe('201');
});

test('in development mode numbers that nobody can own pass, of a country all the same', async () => {
  await using other = await openSmscx({ development: true });
  expect((await other.create({ phoneNumber: '+12005550123' })).body).toMatchObject({ countryIso: 'US' });
  expect((await other.create({ phoneNumber: '+881612345678' })).said).toBe('2020 invalid_param 400');
});

test('what is sent and checked leaves no pin in the log, the database or an answer', async () => {
  const { otpId, pin } = await smscx.pending({ phoneNumber: anSmscxNumber(), pinType: 'alphanumeric', pinLength: 10 });
  await smscx.verify(otpId, `${pin}x`);
  const seen = JSON.stringify([
    smscx.server.log,
    await smscx.server.rows(),
    (await smscx.ask('GET', `/otp/${otpId}`)).body,
  ]);
  expect(seen).not.toContain(pin);
});
