import { expect, test } from 'vitest';
import { aService, aTenant, freshId, noLimits, tenantId } from '../../testing/builders.ts';
import { openEngine, scripted, type TestEngine } from '../../testing/engine.ts';
import { emailSpellings, numberSpellings } from '../../testing/spellings.ts';
import { until } from '../../testing/until.ts';
import { defaultLimits } from '../domain/limits.ts';
import type { Caller } from './caller.ts';
import type { VerificationRequest } from './create-request.ts';
import type { Snapshot } from './snapshot.ts';

const caller: Caller = { tenantId, face: 'native', seesAllFaces: true };
const recipient = '+33612345678';

async function created(
  { engine }: TestEngine,
  request: Partial<VerificationRequest> = {},
  by = caller,
): Promise<Snapshot> {
  const { outcome } = await engine.createVerification(by, { recipient, ...request });
  if (!('verification' in outcome)) throw new Error(`not created: ${JSON.stringify(outcome)}`);
  return outcome.verification;
}

test('makes a verification of the service defaults from a recipient alone', async () => {
  await using given = await openEngine();
  expect(await created(given)).toMatchObject({
    recipient,
    country: 'FR',
    channel: 'sms',
    status: 'pending',
    attemptsLeft: 5,
    sendsLeft: 4,
    expiresAtMs: given.clock.wallMs() + 300_000,
  });
});

test.each([
  ['one number', numberSpellings],
  ['one e-mail address', emailSpellings.map((spelling) => ({ recipient: spelling }))],
])('every spelling of %s meets one counter', async (_, spellings: readonly VerificationRequest[]) => {
  const first = scripted('first', ['accepted']);
  await using given = await openEngine({ providers: [first], limits: { ...defaultLimits } });
  const requests = spellings.map((spelling, at) => ({ ...spelling, reference: `login ${at}` }));
  const answers = await Promise.all(requests.map((request) => given.engine.createVerification(caller, request)));
  const kinds = answers.map(({ outcome }) => outcome.kind);
  expect(kinds.filter((kind) => kind === 'created')).toHaveLength(5);
  expect(kinds.filter((kind) => kind === 'limited')).toHaveLength(spellings.length - 5);
  expect(new Set(first.calls.map((message) => message.recipient)).size).toBe(1);
});

test('a text that cannot be a code is refused and charges nothing', async () => {
  await using given = await openEngine();
  const { id } = await created(given);
  for (const code of ['', '123', '１２３４５６', '١٢٣٤٥٦', '123456\n', '\u0000', '["123456"]', '1'.repeat(2 ** 20)]) {
    const byId = await given.engine.checkVerification(caller, id, { code });
    expect(byId.outcome).toMatchObject({ kind: 'invalid', field: 'code' });
    const byRecipient = await given.engine.checkRecipient(caller, { recipient, code });
    expect(byRecipient.outcome).toMatchObject({ kind: 'invalid', field: 'code' });
  }
  expect((await given.store.queries.verification(tenantId, id))?.attemptsUsed).toBe(0);
});

test('a code typed with spaces, hyphens and small letters is the same code', async () => {
  await using given = await openEngine();
  const { id } = await created(given, { code: 'K7Q2ZX' });
  const { outcome } = await given.engine.checkVerification(caller, id, { code: ' k7q-2zx ' });
  expect(outcome.kind).toBe('verified');
});

const invalid: [sentence: string, request: Partial<VerificationRequest>, field: string][] = [
  ['an unknown service', { service: 'other' }, 'service'],
  ['no recipient', { recipient: 'nobody' }, 'recipient'],
  ['e-mail to a number', { channel: 'email' }, 'channel'],
  ['SMS to an e-mail address', { recipient: 'ada@example.com', channel: 'sms' }, 'channel'],
  ['a channel that the service does not have', { channel: 'whatsapp' }, 'channel'],
  ['a channel that no provider carries', { channel: 'voice' }, 'channel'],
  ['a code too short', { codeLength: 3 }, 'codeLength'],
  ['a life too long', { ttlSeconds: 601 }, 'ttlSeconds'],
  ['too many attempts', { maxAttempts: 11 }, 'maxAttempts'],
  ['a code of its own with a letter outside ASCII', { code: 'é23456' }, 'code'],
  ['a code of its own that is too easy to guess', { code: '1234' }, 'code'],
  ['a template without its code', { template: 'hello' }, 'template'],
  ['metadata of more than a kilobyte', { metadata: { text: 'é'.repeat(510) } }, 'metadata'],
];

test.each(invalid)('refuses %s, naming the field, and stores nothing', async (_, request, field) => {
  await using given = await openEngine({ routes: { sms: ['first'], email: ['first'] } });
  const { outcome } = await given.engine.createVerification(caller, { recipient, ...request });
  expect(outcome).toMatchObject({ kind: 'invalid', field });
  expect((await given.store.queries.counts()).verifications).toBe(0);
});

test('a code of its own may be short where the service says so', async () => {
  await using given = await openEngine({ tenants: [aTenant({ service: aService({ weakCodes: true }) })] });
  const { id } = await created(given, { code: '1234' });
  expect((await given.engine.checkVerification(caller, id, { code: '1234' })).outcome.kind).toBe('verified');
});

test('sends a code of its own to the person, and no other', async () => {
  const first = scripted('first', ['accepted']);
  await using given = await openEngine({ providers: [first] });
  await created(given, { code: 'K7Q2ZX' });
  await until('the message', () => first.calls[0]);
  expect(first.calls[0]?.text).toMatch(/^K7Q2ZX /);
});

const ding: Caller = { tenantId, face: 'ding', seesAllFaces: false };

test('a face sees only its own verifications; the native one sees all', async () => {
  await using given = await openEngine();
  const { engine } = given;
  const native = await created(given);
  const other = await created(given, { recipient: '+33612345679' }, ding);
  expect((await engine.verification(ding, native.id)).kind).toBe('not-found');
  expect((await engine.checkVerification(ding, native.id, { code: '000000' })).outcome.kind).toBe('not-found');
  expect((await engine.checkRecipient(ding, { recipient, code: '000000' })).outcome.kind).toBe('not-found');
  expect((await engine.resendVerification(ding, native.id, {})).outcome.kind).toBe('not-found');
  expect((await engine.cancelVerification(ding, native.id, {})).outcome.kind).toBe('not-found');
  expect(await engine.verifications(ding, { limit: 10 })).toMatchObject({ verifications: [{ id: other.id }] });
  expect((await engine.verification(caller, other.id)).kind).toBe('found');
  expect(await engine.verifications(caller, { limit: 10 })).toMatchObject({ verifications: [{}, {}] });
  expect(await engine.verification(caller, native.id)).toMatchObject({ verification: { attemptsLeft: 5 } });
});

test('another message goes over another channel when the service and a provider have it', async () => {
  await using given = await openEngine({ routes: { sms: ['first'], voice: ['first'] } });
  const { id } = await created(given);
  given.clock.advance(30_000);
  const refused = await given.engine.resendVerification(caller, id, { channel: 'email' });
  expect(refused.outcome).toMatchObject({ kind: 'invalid', field: 'channel' });
  const { outcome } = await given.engine.resendVerification(caller, id, { channel: 'voice' });
  expect(outcome).toMatchObject({ kind: 'sent', verification: { channel: 'voice', sendsLeft: 3 } });
});

test('a create that finds its verification pending sends over the channel it asked for, by its providers', async () => {
  const [first, second] = [scripted('first', ['accepted']), scripted('second', ['accepted'])];
  await using given = await openEngine({ providers: [first, second], routes: { sms: ['first'], voice: ['second'] } });
  const { id } = await created(given);
  given.clock.advance(30_000);
  const { outcome } = await given.engine.createVerification(caller, { recipient, channel: 'voice' });
  expect(outcome).toMatchObject({ kind: 'resumed', sent: true, verification: { id, channel: 'voice' } });
  expect(await until('the call', () => second.calls[0])).toMatchObject({ channel: 'voice', reference: `${id}-2` });
});

test('unknown ids are unknown to every operation', async () => {
  await using given = await openEngine({ limits: noLimits });
  const { engine } = given;
  const id = freshId();
  expect((await engine.verification(caller, id)).kind).toBe('not-found');
  expect((await engine.checkVerification(caller, id, { code: '000000' })).outcome.kind).toBe('not-found');
  expect((await engine.resendVerification(caller, id, {})).outcome.kind).toBe('not-found');
  expect((await engine.cancelVerification(caller, id, {})).outcome.kind).toBe('not-found');
});

test('marks the answer to a repeated request, and answers it alike', async () => {
  const first = scripted('first', ['accepted']);
  await using given = await openEngine({ providers: [first] });
  const request = { recipient, idempotencyKey: 'once' };
  const one = await given.engine.createVerification(caller, request);
  given.clock.advance(60_000);
  const two = await given.engine.createVerification(caller, request);
  expect([one.replayed, two.replayed]).toEqual([false, true]);
  expect(JSON.stringify(two.outcome)).toBe(JSON.stringify(one.outcome));
  const other = await given.engine.createVerification(caller, { ...request, reference: 'x' });
  expect(other.outcome.kind).toBe('idempotency-mismatch');
  await given.delivery.close();
  expect(first.calls).toHaveLength(1);
});
