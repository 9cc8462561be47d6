import { expect, test } from 'vitest';
import { codePolicyProblem, defaultCodePolicy } from './policy.ts';
import type { CodePolicy } from './verification.ts';

const policy = (given: Partial<CodePolicy>): CodePolicy => ({ ...defaultCodePolicy, ...given });

test('the default is six digits, 300 seconds and five attempts, and needs no flag', () => {
  expect(defaultCodePolicy).toEqual({ length: 6, alphabet: 'digits', ttlSeconds: 300, attemptsMax: 5 });
  expect(codePolicyProblem(defaultCodePolicy, false)).toBeUndefined();
});

const flagged: [sentence: string, given: Partial<CodePolicy>, field: string | undefined][] = [
  ['3 characters', { length: 3, alphabet: 'alphanumeric' }, 'codeLength'],
  ['4 characters', { length: 4, alphabet: 'alphanumeric' }, undefined],
  ['5 digits', { length: 5 }, undefined],
  ['10 digits', { length: 10 }, undefined],
  ['11 digits', { length: 11 }, 'codeLength'],
  ['a length that is no whole number', { length: 6.5 }, 'codeLength'],
  ['a length that is no number', { length: Number.NaN }, 'codeLength'],
  ['59 seconds', { ttlSeconds: 59 }, 'ttlSeconds'],
  ['60 seconds', { ttlSeconds: 60 }, undefined],
  ['61 seconds', { ttlSeconds: 61 }, undefined],
  ['1,799 seconds', { ttlSeconds: 1799 }, undefined],
  ['1,800 seconds', { ttlSeconds: 1800 }, undefined],
  ['1,801 seconds', { ttlSeconds: 1801 }, 'ttlSeconds'],
  ['no attempt', { attemptsMax: 0 }, 'maxAttempts'],
  ['one attempt', { attemptsMax: 1 }, undefined],
  ['2 attempts', { attemptsMax: 2 }, undefined],
  ['9 attempts', { attemptsMax: 9 }, undefined],
  ['10 attempts', { attemptsMax: 10 }, undefined],
  ['11 attempts', { attemptsMax: 11 }, 'maxAttempts'],
  ['4 digits and 10 attempts, just the allowed odds', { length: 4, attemptsMax: 10 }, undefined],
];

test.each(flagged)('with the compatibility flag, judges %s', (_, given, field) => {
  expect(codePolicyProblem(policy(given), true)?.field).toBe(field);
});

const unflagged: [sentence: string, given: Partial<CodePolicy>, field: string | undefined][] = [
  ['5 digits', { length: 5 }, 'codeLength'],
  ['6 digits', { length: 6 }, undefined],
  ['4 letters, fewer codes than a million', { length: 4, alphabet: 'letters' }, 'codeLength'],
  ['5 letters', { length: 5, alphabet: 'letters' }, undefined],
  ['4 letters and digits, 32^4 codes', { length: 4, alphabet: 'alphanumeric' }, undefined],
  ['599 seconds', { ttlSeconds: 599 }, undefined],
  ['600 seconds', { ttlSeconds: 600 }, undefined],
  ['601 seconds', { ttlSeconds: 601 }, 'ttlSeconds'],
  ['4 digits and 10 attempts', { length: 4, attemptsMax: 10 }, 'codeLength'],
];

test.each(unflagged)('without the flag, judges %s', (_, given, field) => {
  expect(codePolicyProblem(policy(given), false)?.field).toBe(field);
});

test('says how long a code must be for its alphabet', () => {
  expect(codePolicyProblem(policy({ length: 4 }), false)?.remedy).toContain('at least 6');
  expect(codePolicyProblem(policy({ length: 4, alphabet: 'letters' }), false)?.remedy).toContain('at least 5');
});
