import { expect, test } from 'vitest';
import { aService } from '../../testing/builders.ts';
import { agreedTerms } from './agreed-terms.ts';

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
