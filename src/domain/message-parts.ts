import type { Channel } from './channel.ts';

/* How many parts a text takes. Source: 3GPP TS 23.038 §6.2.1 (alphabet), TS 23.040 §9.2.3.24.1 (parts of a long text). */

/** A character takes one septet. */
const basic = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?' +
    '¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
);
/** A character takes two: an escape comes before it. */
const extended = new Set('\f^{}\\[~]|€');

/** Units of a text that goes out whole, and of each part of a longer one, whose header takes the rest. */
const septets = { whole: 160, part: 153 };
const utf16 = { whole: 70, part: 67 };

const withParts: ReadonlySet<Channel> = new Set(['sms']);

/** Parts that a text is sent in, at least 1. Other channels than sms have none, which counts as one. */
export function partsOf(channel: Channel, text: string): number {
  if (!withParts.has(channel)) return 1;
  const characters = [...text];
  const short = characters.every((character) => basic.has(character) || extended.has(character));
  return short ? counted(characters, (one) => (basic.has(one) ? 1 : 2), septets) : counted(characters, unitsOf, utf16);
}

const unitsOf = (character: string) => character.length;

function counted(
  characters: readonly string[],
  unitsOf: (character: string) => number,
  room: { readonly whole: number; readonly part: number },
): number {
  let total = 0;
  let parts = 1;
  let inPart = 0;
  for (const character of characters) {
    const units = unitsOf(character);
    total += units;
    // A character is not split: where it does not fit, the part stays shorter.
    if (inPart + units > room.part) {
      parts += 1;
      inPart = 0;
    }
    inPart += units;
  }
  return total <= room.whole ? 1 : parts;
}
