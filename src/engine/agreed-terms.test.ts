import { expect, test } from 'vitest';
import { aCreate, aService } from '../../testing/builders.ts';
import { noPrices, priceTable } from '../domain/price.ts';
import type { Terms } from '../domain/verification.ts';
import { agreedTerms, termsOf } from './agreed-terms.ts';

const callbackEvents = ['verification.created'];
const own = 'https://acme.example/own';
const ofService = aService({ options: { callbackUrl: 'https://acme.example/all' } });

test.each([
  ['the address that the request names', { callbackUrl: own, callbackEvents }, ofService, { callbackUrl: own }],
  ["the service's where it names none", { callbackEvents }, ofService, { callbackUrl: 'https://acme.example/all' }],
] as const)('tells %s', (_, asked, service, expected) => {
  expect(agreedTerms(asked, service)).toEqual({ ...expected, callbackEvents });
});

test('writes nothing down of callbacks that go nowhere, or that the face does not have', () => {
  expect(agreedTerms({ callbackEvents, sendsMax: 4 }, aService())).toEqual({ sendsMax: 4 });
  expect(agreedTerms({ sendsMax: 4 }, ofService)).toEqual({ sendsMax: 4 });
  expect(agreedTerms(undefined, ofService)).toBeUndefined();
});

const asked: Terms = { placeholder: 'pin' };
const wishes = { terms: asked, priced: { perPartMicros: 1_000_000 } };
const { requested } = aCreate({ requested: { channel: 'sms', country: 'FR', template: '{{pin}}' } });
type Requested = typeof requested;
const [ofBrand, ofLongBrand] = [aService(), aService({ brand: 'x'.repeat(200) })];
const table = priceTable('EUR', [{ channel: 'sms', country: 'FR', perPartMicros: 45_000 }]);
const agreed = (given: Partial<Requested> = {}, service = ofBrand, prices = noPrices, wished = wishes) =>
  termsOf(wished, { ...requested, ...given }, service, prices);

const differences: [what: string, terms: () => ReturnType<typeof agreed>, expected: object][] = [
  ['another template', () => agreed({ template: `{{pin}} ${'x'.repeat(160)}` }), { parts: 2, priceMicros: 2_000_000 }],
  [
    'a longer code',
    () => agreed({ template: `{{pin}}${'x'.repeat(154)}`, code: { ...requested.code, length: 7 } }),
    { parts: 2 },
  ],
  ['a shorter code', () => agreed({ template: `{{pin}}${'x'.repeat(154)}` }), { parts: 1 }],
  ['another channel', () => agreed({ channel: 'voice', template: 'x'.repeat(400) }), { parts: 1 }],
  ['a test number', () => agreed({ test: true }), { parts: 1, priceMicros: 0 }],
  [
    'another price',
    () => agreed({}, ofBrand, noPrices, { ...wishes, priced: { perPartMicros: 7 } }),
    { priceMicros: 7 },
  ],
  ['another table', () => agreed({}, ofBrand, table), { priceMicros: 45_000 }],
  ['another country', () => agreed({ country: 'GB' }, ofBrand, table), { priceMicros: 1_000_000 }],
  ['another service', () => agreed({ template: undefined }, ofLongBrand), { parts: 2 }],
];

test.each(differences)('what was agreed last is nothing to a request with %s', (_, terms, expected) => {
  expect(agreed()).toEqual({ placeholder: 'pin', parts: 1, priceMicros: 1_000_000 });
  expect(terms()).toMatchObject(expected);
  expect(agreed()).toEqual({ placeholder: 'pin', parts: 1, priceMicros: 1_000_000 });
  expect(agreed()).toBe(agreed());
});
