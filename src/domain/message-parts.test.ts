import fc from 'fast-check';
import { expect, test } from 'vitest';
import { channels } from './channel.ts';
import { partsOf } from './message-parts.ts';

const texts: [sentence: string, text: string, parts: number][] = [
  ['nothing', '', 1],
  ['160 characters of the basic alphabet', 'a'.repeat(160), 1],
  ['161 of them', 'a'.repeat(161), 2],
  ['306 of them, which fill two parts', 'a'.repeat(306), 2],
  ['307 of them', 'a'.repeat(307), 3],
  ['459 of them, which fill three', 'a'.repeat(459), 3],
  ['460 of them', 'a'.repeat(460), 4],
  ['all letters and signs of the alphabet', '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ¡ÄÖÑÜ§¿äöñüà'.repeat(3), 1],
  ['80 euro signs, which take two septets each', '€'.repeat(80), 1],
  ['81 of them: 76 in the first part, since none is split', '€'.repeat(81), 2],
  ['152 of them, which fill two parts', '€'.repeat(152), 2],
  ['153 of them', '€'.repeat(153), 3],
  ['an escape that would begin in the last place of a part', `${'a'.repeat(152)}€${'a'.repeat(151)}`, 2],
  ['the same and one more', `${'a'.repeat(152)}€${'a'.repeat(152)}`, 3],
  ['brackets and braces', '[{~|^}]\\'.repeat(10), 1],
  ['a grave accent, which the alphabet has not', `${'a'.repeat(70)}\``, 2],
  ['70 characters with one of another alphabet', `${'a'.repeat(69)}ё`, 1],
  ['71 of them', `${'a'.repeat(70)}ё`, 2],
  ['134 of them, which fill two parts', 'ё'.repeat(134), 2],
  ['135 of them', 'ё'.repeat(135), 3],
  ['35 emoji, of two units each', '😀'.repeat(35), 1],
  ['36 of them: 33 in the first part, since none is split', '😀'.repeat(36), 2],
  ['66 of them', '😀'.repeat(66), 2],
  ['67 of them', '😀'.repeat(67), 3],
  ['half an emoji', `${'a'.repeat(69)}\ud83d`, 1],
];

test.each(texts)('%s', (_, text, parts) => {
  expect(partsOf('sms', text)).toBe(parts);
});

test.each(channels.filter((channel) => channel !== 'sms'))('%s has no parts, which is one', (channel) => {
  expect(partsOf(channel, 'ё'.repeat(1000))).toBe(1);
});

test('another character never makes fewer parts', () => {
  const character = fc.oneof(
    fc.constantFrom('a', '€', '^'),
    fc.string({ minLength: 1, maxLength: 1, unit: 'grapheme' }),
  );
  fc.assert(
    fc.property(fc.array(character, { maxLength: 400 }), character, (text, one) => {
      const parts = partsOf('sms', text.join(''));
      return parts >= 1 && partsOf('sms', text.join('') + one) >= parts;
    }),
  );
});
