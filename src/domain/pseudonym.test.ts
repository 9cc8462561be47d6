import { expect, test } from 'vitest';
import { keys, otherTenantId, tenantId } from '../../testing/builders.ts';
import { UnknownKey } from './keys.ts';
import { erasedRecipient, isPseudonym, pseudonymOf } from './pseudonym.ts';

test('is the same for the same recipient, tenant and key, and another for any other', () => {
  const second = { ...keys.pepper.keys, p2: new Uint8Array(32).fill(9) };
  const both = { ...keys, pepper: { activeId: 'p1', keys: second } };
  const made = [
    pseudonymOf(tenantId, '+33612345678', both),
    pseudonymOf(tenantId, '+33612345679', both),
    pseudonymOf(otherTenantId, '+33612345678', both),
    pseudonymOf(tenantId, '+33612345678', both, 'p2'),
  ];
  expect(new Set(made).size).toBe(4);
  expect(pseudonymOf(tenantId, '+33612345678', keys)).toBe(made[0]);
  for (const one of made) expect(one).toMatch(/^#p[12]:[0-9a-f]{32}$/);
});

test('needs its key', () => {
  expect(() => pseudonymOf(tenantId, '+33612345678', keys, 'p9')).toThrow(UnknownKey);
});

test.each([
  ['#p1:00112233445566778899aabbccddeeff', true],
  [erasedRecipient, true],
  ['+33612345678', false],
  ['ada@example.com', false],
  ['#ada@example.com', false],
])('of %s says: a pseudonym %s', (recipient, is) => {
  expect(isPseudonym(recipient)).toBe(is);
});
