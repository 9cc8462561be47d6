import { expect, test } from 'vitest';
import { challengedFactor, type Factor, type FactorKind, type FactorWish, isForgotten } from './factor.ts';

const of = (id: string, kind: FactorKind, status: Factor['status'] = 'active'): Factor => ({
  tenantId: 't',
  userId: 'u',
  id,
  kind,
  status,
  createdAtMs: 0,
});
const [app, number, address] = [of('app', 'totp'), of('number', 'sms'), of('address', 'email')];
const [newNumber, newApp] = [of('new number', 'sms', 'pending'), of('new app', 'totp', 'pending')];

const wishes: [what: string, factors: readonly Factor[], wish: FactorWish, id: string | undefined][] = [
  ['an app, whatever else there is', [number, app, address], {}, 'app'],
  ['the newest that a message reaches, without an app', [number, address, newApp], {}, 'address'],
  ['no app that is disabled', [number, of('app', 'totp', 'disabled')], {}, 'number'],
  ['one that is disabled where nothing else is left', [newNumber, of('app', 'totp', 'disabled')], {}, 'app'],
  ['none that is disabled by name', [of('app', 'totp', 'disabled')], { factorId: 'app' }, undefined],
  ['the newest that the channel reaches', [number, address, app], { channel: 'voice' }, 'number'],
  ['the newest address for e-mail', [address, of('second', 'email'), number], { channel: 'email' }, 'second'],
  ['nothing that is pending', [newNumber, newApp], {}, undefined],
  ['nothing where nothing is reached', [app, address], { channel: 'sms' }, undefined],
  ['the one that is named', [app, number], { factorId: 'number' }, 'number'],
  ['the one that is named, and no other for it', [app, newNumber], { factorId: 'new number' }, undefined],
];
test.each(wishes)('a challenge asks for %s', (_, factors, wish, id) => {
  expect(challengedFactor(factors, wish)?.id).toBe(id);
});

test('a factor is forgotten a day after it was enrolled, unless it was activated', () => {
  expect(isForgotten(newApp, 86_399_999)).toBe(false);
  expect(isForgotten(newApp, 86_400_000)).toBe(true);
  expect(isForgotten(app, 86_400_000)).toBe(false);
});
