import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalCode } from './code.ts';

const accepted: [typed: string, canonical: string][] = [
  ['123456', '123456'],
  ['0123', '0123'],
  ['0000000000', '0000000000'],
  ['123 456', '123456'],
  ['123-456', '123456'],
  [' 12-34 56 ', '123456'],
  ['- 1 - 2 - 3 - 4 -', '1234'],
  ['abCD23', 'ABCD23'],
  ['ab-cd 23', 'ABCD23'],
];

test.each(accepted)('reads "%s" as %s', (typed, canonical) => {
  expect(canonicalCode(typed)).toBe(canonical);
});

const refused: [sentence: string, typed: string][] = [
  ['nothing', ''],
  ['spaces alone', '      '],
  ['three characters', '123'],
  ['eleven characters', '12345678901'],
  ['full-width digits', '１２３４５６'],
  ['Arabic digits', '١٢٣٤٥٦'],
  ['Devanagari digits', '१२३४५६'],
  ['a new line behind it', '123456\n'],
  ['a new line within', '123\n456'],
  ['a tab', '123\t456'],
  ['a no-break space', '123\u00a0456'],
  ['a long dash', '123–456'],
  ['a NUL', '\u0000'],
  ['a NUL behind it', '123456\u0000'],
  ['an invisible character', '123\u200b456'],
  ['a letter whose capital is an ASCII letter', 'abcdeſ'],
  ['a dotless i', 'abcdeı'],
  ['the Kelvin sign', 'ABCDE\u212a'],
  ['an exponent', '1.5e10'],
  ['a sign', '+123456'],
  ['JSON', '["123456"]'],
  ['a mebibyte of digits', '1'.repeat(2 ** 20)],
  ['a mebibyte of spaces', `123456${' '.repeat(2 ** 20)}`],
];

test.each(refused)('refuses %s', (_, typed) => {
  expect(canonicalCode(typed)).toBeUndefined();
});

test('finds the same code behind every spelling of it', () => {
  const letter = fc.constantFrom(...'0123456789ABCDEFGHJKLMNPQRSTUVWXYZ');
  const separator = fc.constantFrom('', ' ', '-', ' - ');
  const spelled = fc.array(fc.tuple(letter, fc.boolean(), separator), { minLength: 4, maxLength: 10 });
  fc.assert(
    fc.property(spelled, (parts) => {
      const typed = parts.map(([at, small, after]) => (small ? at.toLowerCase() : at) + after).join('');
      expect(canonicalCode(typed)).toBe(parts.map(([at]) => at).join(''));
    }),
  );
});

test('answers 4 to 10 ASCII letters or digits or nothing, whatever was typed, and leaves what it answered alone', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 16 }), (typed) => {
      const code = canonicalCode(typed);
      if (code === undefined) return;
      expect(code).toMatch(/^[0-9A-Z]{4,10}$/);
      expect(canonicalCode(code)).toBe(code);
    }),
  );
});
