import { expect, test } from 'vitest';
import { type LatestVerification, latestOf, newAddress, newRecipient, withLatest } from './recipient-state.ts';

const day = 86_400_000;
const now = 50 * day;
const entry = (id: string, createdAtMs = now): LatestVerification => ({ id, createdAtMs });

test('a recipient and an address begin with nothing counted', () => {
  expect(newRecipient('t', '+33612345678')).toMatchObject({ sendTimes: [], latest: {}, failures: { count: 0 } });
  expect(newAddress('t', '192.0.2.1')).toMatchObject({ address: '192.0.2.1', createTimes: [] });
});

test("takes the place of the service's earlier verification", () => {
  expect(withLatest({ default: entry('old') }, 'default', entry('new'))).toEqual({ default: entry('new') });
});

test('finds nothing under a name that every object knows', () => {
  expect(latestOf({ latest: { default: entry('a') } }, 'default')).toEqual(entry('a'));
  expect(latestOf({ latest: { default: entry('a') } }, 'constructor')).toBeUndefined();
  expect(latestOf({ latest: { constructor: entry('b') } }, 'constructor')).toEqual(entry('b'));
});

test('keeps those of other services for a day', () => {
  const latest = { young: entry('a', now - day + 1), old: entry('b', now - day) };
  expect(withLatest(latest, 'default', entry('c'))).toEqual({ young: latest.young, default: entry('c') });
});

test('keeps the 32 newest services at most, the one in use among them', () => {
  const many = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`s${i}`, entry(`v${i}`, now - 50 + i)]));
  const names = Object.keys(withLatest(many, 'default', entry('new', now - 100)));
  expect(names).toHaveLength(32);
  expect(names).toContain('default');
  expect(names).toContain('s49');
  expect(names).not.toContain('s18');
});
