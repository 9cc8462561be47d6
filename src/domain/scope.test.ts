import { expect, test } from 'vitest';
import { defaultScopes, type KeyBounds, mayGrant, type Scope, scopes, tenantScopes } from './scope.ts';

const cases: [sentence: string, held: readonly Scope[], wanted: readonly Scope[], may: boolean][] = [
  ['gives what it holds', ['verifications:send', 'api-keys:write'], ['verifications:send'], true],
  ['gives all that it holds', tenantScopes, tenantScopes, true],
  ['gives nothing beyond it', ['api-keys:write'], ['verifications:send'], false],
  ['gives nothing of which a part is beyond it', ['api-keys:write'], ['api-keys:write', 'audit:read'], false],
  ['may give nothing at all', [], [], true],
  ['of a tenant does not make an operator', tenantScopes, ['operator'], false],
  ['that may write may not read for that', ['services:write'], ['services:read'], false],
];

test.each(cases)('a key %s', (_, held, wanted, may) => {
  expect(mayGrant({ scopes: held, sources: [] }, { scopes: wanted, sources: [] })).toBe(may);
});

const bound: KeyBounds = { scopes: ['api-keys:write'], sources: ['192.0.2.0/24', '198.51.100.7'], expiresAtMs: 1000 };
const bounds: [sentence: string, wanted: Partial<KeyBounds>, may: boolean][] = [
  ['as long and from the same places', {}, true],
  ['for less long and from fewer places', { sources: ['198.51.100.7'], expiresAtMs: 999 }, true],
  ['for longer', { expiresAtMs: 1001 }, false],
  ['for ever', { expiresAtMs: undefined }, false],
  ['from anywhere', { sources: [] }, false],
  ['from another place besides', { sources: ['198.51.100.7', '203.0.113.1'] }, false],
];

test.each(bounds)('a key that ends and has its places gives to another %s', (_, wanted, may) => {
  expect(mayGrant(bound, { ...bound, ...wanted })).toBe(may);
});

test('a key for a backend can verify people, and manage nothing', () => {
  expect(defaultScopes.every((scope) => scope.startsWith('verifications:'))).toBe(true);
});

test('no key of a tenant can hold the scope of an operator', () => {
  expect(tenantScopes).not.toContain('operator');
  expect([...tenantScopes, 'operator'].sort()).toEqual([...scopes].sort());
});
