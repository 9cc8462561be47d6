import { expect, test } from 'vitest';
import { codeOf, resealedCode, sealCode } from './code.ts';
import { type KeyRings, UnknownKey } from './keys.ts';
import { openTestCode, resealedTestNumber, sealTestCode } from './test-number.ts';

const ring = (activeId: string, keys: Record<string, Uint8Array>) => ({ activeId, keys });
const older = new Uint8Array(32).fill(1);
const newer = new Uint8Array(32).fill(2);
const rings = (data: KeyRings['data']): KeyRings => ({ pepper: ring('p', {}), data, signing: ring('s', {}) });
const both = rings(ring('d2', { d1: older, d2: newer }));
const onlyNewer = rings(ring('d2', { d2: newer }));
const onlyOlder = rings(ring('d1', { d1: older }));
const nonce = (fill: number) => new Uint8Array(12).fill(fill);

const place = { tenantId: 't', verificationId: 'v', generation: 1 };
const form = { alphabet: 'digits', length: 6 } as const;
const sealed = sealCode('482913', place, older, nonce(1));

test('a code that was sealed anew needs the new key alone', () => {
  const anew = resealedCode({ ...place, keyId: 'd1', sealed }, both, nonce(2));
  expect(anew.keyId).toBe('d2');
  expect(codeOf({ ...place, ...form, ...anew }, onlyNewer)).toBe('482913');
  expect(() => codeOf({ ...place, ...form, ...anew }, onlyOlder)).toThrow(UnknownKey);
});

test.each([
  ['another verification', { verificationId: 'w' }],
  ['another tenant', { tenantId: 'u' }],
  ['another generation', { generation: 2 }],
])('a sealed code in the row of %s is not sealed anew', (_, elsewhere) => {
  expect(() => resealedCode({ ...place, ...elsewhere, keyId: 'd1', sealed }, both, nonce(2))).toThrow();
});

const service = { tenantId: 't', service: 'default' };
const recipient = '+12125550123';
const testNumber = {
  recipient,
  keyId: 'd1',
  sealed: sealTestCode('000000', { ...service, recipient }, older, nonce(3)),
  validUntilMs: 5,
};

test('opens the code of a test number, which it does not show', () => {
  expect(openTestCode(testNumber, service, both)).toBe('000000');
  expect(JSON.stringify(testNumber)).not.toContain('000000');
});

test('a test number that was sealed anew needs the new key alone, and is the same otherwise', () => {
  const anew = resealedTestNumber(testNumber, service, both, nonce(4));
  expect(anew).toEqual({ recipient, keyId: 'd2', sealed: expect.any(String), validUntilMs: 5 });
  expect(openTestCode(anew, service, onlyNewer)).toBe('000000');
});

test.each([
  ['another tenant', testNumber, { ...service, tenantId: 'u' }],
  ['another service', testNumber, { ...service, service: 'other' }],
  ['another number', { ...testNumber, recipient: '+12125550124' }, service],
])('the code of a test number does not open in %s', (_, number, where) => {
  expect(() => openTestCode(number, where, both)).toThrow();
  expect(() => resealedTestNumber(number, where, both, nonce(4))).toThrow();
});
