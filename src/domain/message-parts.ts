import type { Channel } from './channel.ts';

/* How many parts a text takes. Source: 3GPP TS 23.038 §6.2.1 (alphabet), TS 23.040 §9.2.3.24.1 (parts of a long text). */

/** A character takes one septet. */
const basic = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?' +
    '¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
);
/** A character takes two: an escape comes before it. */
const extended = new Set('\f^{}\\[~]|€');
/** The same by the number of a character, 0 for all others: none of these is past the euro sign, or in two halves. */
const septetsByCode = new Uint8Array(0x20ad);
for (const character of basic) septetsByCode[character.charCodeAt(0)] = 1;
for (const character of extended) septetsByCode[character.charCodeAt(0)] = 2;

/** Units of a text that goes out whole, and of each part of a longer one, whose header takes the rest. */
const septets = { whole: 160, part: 153 };
const utf16 = { whole: 70, part: 67 };

const withParts: ReadonlySet<Channel> = new Set(['sms']);

/** Parts that a text is sent in, at least 1. Other channels than sms have none, which counts as one. */
export function partsOf(channel: Channel, text: string): number {
  if (!withParts.has(channel)) return 1;
  const total = septetsOf(text);
  if (total === undefined) return counted(text, unitsOf, text.length, utf16);
  return counted(text, (one) => (basic.has(one) ? 1 : 2), total, septets);
}

const unitsOf = (character: string) => character.length;

/** How many septets a text takes; undefined when it has other characters. */
function septetsOf(text: string): number | undefined {
  let total = 0;
  for (let at = 0; at < text.length; at++) {
    const units = septetsByCode[text.charCodeAt(at)] ?? 0;
    if (units === 0) return undefined;
    total += units;
  }
  return total;
}

/** @param total - units of the whole text: mostly they fit, and where parts begin need not be asked */
function counted(
  text: string,
  unitsOf: (character: string) => number,
  total: number,
  room: { readonly whole: number; readonly part: number },
): number {
  if (total <= room.whole) return 1;
  let parts = 1;
  let inPart = 0;
  for (const character of text) {
    const units = unitsOf(character);
    // A character is not split: where it does not fit, the part stays shorter.
    if (inPart + units > room.part) {
      parts += 1;
      inPart = 0;
    }
    inPart += units;
  }
  return parts;
}
