import { expect, test } from 'vitest';
import { aService, aTenant, keys, tenantId } from '../../testing/builders.ts';
import { openEngine, scripted, type TestEngine, type TestEngineOptions } from '../../testing/engine.ts';
import { until } from '../../testing/until.ts';
import { priceTable } from '../domain/price.ts';
import { sealTestCode } from '../domain/test-number.ts';
import type { VerificationRequest } from './create-request.ts';
import type { FaceWishes } from './face-wishes.ts';

const caller = { tenantId, face: 'native', seesAllFaces: true };
const by = { name: 'operator' };
const recipient = '+33612345678';
const euros = 1_000_000;
const prices = priceTable('EUR', [
  { channel: 'sms', country: 'FR', perPartMicros: 45_000 },
  { channel: 'voice', country: '*', perPartMicros: 90_000 },
]);

async function termsOf(given: TestEngine, request: Partial<VerificationRequest>) {
  const { outcome } = await given.engine.createVerification(caller, { recipient, ...request });
  if (outcome.kind !== 'created') throw new Error(`not created: ${outcome.kind}`);
  return outcome.verification.terms;
}

async function pay(given: TestEngine, amountMicros: number) {
  await given.committer.commit({ kind: 'change-tenant', tenantId, by, changes: { prepaid: true } }, 'change');
  await given.committer.commit({ kind: 'change-balance', tenantId, by, amountMicros }, 'change');
}

const priced: FaceWishes = { priced: { perPartMicros: euros } };
const own = { ...priced, ownRanges: true } as const;
const long = (code: string) => `${'a'.repeat(150)}${code}`;

const cases: [sentence: string, options: TestEngineOptions, request: Partial<VerificationRequest>, terms: unknown][] = [
  ['without prices nothing is said of them', {}, {}, undefined],
  ['a face that asks has its own price', {}, { wishes: priced }, { parts: 1, priceMicros: euros }],
  ['the table goes before it', { prices }, { wishes: priced }, { parts: 1, priceMicros: 45_000 }],
  ['with prices every message has one', { prices }, {}, { parts: 1, priceMicros: 45_000 }],
  ['another channel costs something else', { prices }, { channel: 'voice' }, { parts: 1, priceMicros: 90_000 }],
  ['a country that is not listed costs nothing', { prices }, { recipient: '+12015550123' }, undefined],
  [
    'a longer text costs more: the code counts with the length that it has',
    {},
    { wishes: priced, template: long('{{code}}'), codeLength: 10 },
    { parts: 1, priceMicros: euros },
  ],
  [
    'one letter more',
    {},
    { wishes: priced, template: long('a{{code}}'), codeLength: 10 },
    { parts: 2, priceMicros: 2 * euros },
  ],
  [
    'a placeholder of the face is the code, and other braces stay',
    {},
    { wishes: { ...own, terms: { placeholder: 'pin' } }, template: '{{code}} {{pin}}' },
    { placeholder: 'pin', parts: 1, priceMicros: euros },
  ],
  [
    'braces that stay count two each',
    {},
    { wishes: { ...own, terms: { placeholder: 'pin' } }, template: `{{pin}}${'{'.repeat(78)}` },
    { placeholder: 'pin', parts: 2, priceMicros: 2 * euros },
  ],
  [
    'a text in another alphabet',
    {},
    { wishes: priced, template: `${'ё'.repeat(65)}{{code}}` },
    { parts: 2, priceMicros: 2 * euros },
  ],
];

test.each(cases)('%s', async (_, options, request, terms) => {
  await using given = await openEngine(options);
  expect(await termsOf(given, request)).toEqual(terms);
});

test('the brand of the service counts', async () => {
  const service = aService({ brand: 'Ё' });
  await using given = await openEngine({ tenants: [aTenant({ service })] });
  expect(await termsOf(given, { wishes: priced })).toEqual({ parts: 2, priceMicros: 2 * euros });
});

test('a test number costs nothing, and its message has parts all the same', async () => {
  const [number, keyId] = ['+33639981234', keys.data.activeId];
  const place = { tenantId, service: 'default', recipient: number };
  const sealed = sealTestCode('424242', place, keys.data.keys[keyId] ?? new Uint8Array(), new Uint8Array(12));
  const service = aService({ testNumbers: [{ recipient: number, keyId, sealed }] });
  await using given = await openEngine({ prices, tenants: [aTenant({ service })] });
  expect(await termsOf(given, { recipient: number })).toEqual({ parts: 1, priceMicros: 0 });
});

test('a tenant sees what it has left, and what each message takes', async () => {
  await using given = await openEngine({ prices });
  expect(await given.engine.balance(caller)).toEqual({ currency: 'EUR' });
  await pay(given, 200_000);
  const { outcome } = await given.engine.createVerification(caller, { recipient });
  expect(outcome).toMatchObject({ kind: 'created', balanceMicros: 155_000 });
  expect(await given.engine.balance(caller)).toEqual({ currency: 'EUR', balanceMicros: 155_000 });
  const id = 'verification' in outcome ? outcome.verification.id : '';
  given.clock.advance(30_000);
  const again = await given.engine.resendVerification(caller, id, { channel: 'voice' });
  expect(again.outcome).toMatchObject({ kind: 'sent', verification: { terms: { priceMicros: 45_000 } } });
  expect(await given.engine.balance(caller)).toMatchObject({ balanceMicros: 65_000 });
  given.clock.advance(60_000);
  const third = await given.engine.resendVerification(caller, id, { channel: 'voice' });
  expect(third.outcome).toMatchObject({ kind: 'insufficient-balance' });
});

test('where the table has no price, another message costs what the first one did', async () => {
  await using given = await openEngine();
  await pay(given, 2 * euros);
  const { outcome } = await given.engine.createVerification(caller, { recipient, wishes: priced });
  given.clock.advance(30_000);
  const id = 'verification' in outcome ? outcome.verification.id : '';
  const again = await given.engine.resendVerification(caller, id, {});
  expect(again.outcome).toMatchObject({ kind: 'sent' });
  expect(await given.engine.balance(caller)).toMatchObject({ balanceMicros: 0 });
});

test('a message that every provider refuses costs nothing in the end', async () => {
  await using given = await openEngine({ prices, providers: [scripted('first', ['refused'])] });
  await pay(given, 45_000);
  const { outcome } = await given.engine.createVerification(caller, { recipient });
  expect(outcome).toMatchObject({ kind: 'created', balanceMicros: 0 });
  await until('the price to be given back', async () => {
    const { balanceMicros } = await given.engine.balance(caller);
    return balanceMicros === 45_000 ? true : undefined;
  });
});
