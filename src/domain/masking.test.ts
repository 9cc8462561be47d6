import fc from 'fast-check';
import { expect, test } from 'vitest';
import { maskedRecipient } from './masking.ts';

const key = new Uint8Array(32).fill(7);

test.each([
  ['+33612345678', /^\+33…78 #[0-9a-f]{16}$/],
  ['+12025550123', /^\+1…23 #[0-9a-f]{16}$/],
  ['+99999', /^\+…99 #[0-9a-f]{16}$/],
  ['somebody@example.com', /^e-mail #[0-9a-f]{16}$/],
])('of %s no more is shown than its kind and its end', (recipient, shown) => {
  expect(maskedRecipient(recipient, key)).toMatch(shown);
});

test('is the same for one recipient and key, and another for any other', () => {
  const one = maskedRecipient('+33612345678', key);
  expect(maskedRecipient('+33612345678', key)).toBe(one);
  expect(maskedRecipient('+33698765478', key)).not.toBe(one);
  expect(maskedRecipient('+33612345678', new Uint8Array(32).fill(8))).not.toBe(one);
});

test('never shows an address', () => {
  fc.assert(
    fc.property(fc.emailAddress(), (address) => {
      expect(maskedRecipient(address, key)).toMatch(/^e-mail #[0-9a-f]{16}$/);
    }),
  );
});
