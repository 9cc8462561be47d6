import { expect, test } from 'vitest';
import { defaultScopes, mayGrant, type Scope, scopes, tenantScopes } from './scope.ts';

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
  expect(mayGrant(held, wanted)).toBe(may);
});

test('a key for a backend can verify people, and manage nothing', () => {
  expect(defaultScopes.every((scope) => scope.startsWith('verifications:'))).toBe(true);
});

test('no key of a tenant can hold the scope of an operator', () => {
  expect(tenantScopes).not.toContain('operator');
  expect([...tenantScopes, 'operator'].sort()).toEqual([...scopes].sort());
});
