import { EdgeRefusal } from './edge-error.ts';

/* Bodies of vendors who take a number for text and text for a number, and pass over what they do not know. */

/** The fields of a body, by name. */
export type Fields = Readonly<Record<string, unknown>>;

/** @returns undefined for a body that is no object */
export function fieldsOf(body: unknown): Fields | undefined {
  return typeof body === 'object' && body !== null && !Array.isArray(body) ? (body as Fields) : undefined;
}

/** The fields that hold anything: null is as good as absent. */
export function withoutNulls(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}

/** Text, or a whole number as its digits; undefined for anything else. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
  return typeof value === 'string' ? value : undefined;
}

/** A whole number, or one that is spelt as text; undefined for anything else. */
export function wholeOf(value: unknown): number | undefined {
  if (typeof value === 'string') return /^-?[0-9]+$/.test(value) ? Number(value) : undefined;
  return typeof value === 'number' && Number.isInteger(value) ? value : undefined;
}

/** Whether a text can be shown as it is: not longer than that, and without control characters. */
export function isOneLine(text: string, lengthMax: number): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: refusing them is the purpose
  return text.length <= lengthMax && !/[\u0000-\u001f\u007f]/.test(text);
}

/** To be thrown for a field that cannot be read; `remedy` goes on after its name. */
export function unreadable(field: string, remedy: string): EdgeRefusal {
  return new EdgeRefusal({ kind: 'invalid', field, remedy });
}

/** What the vendor says of a request, and when. */
export type Rule<Said, Given = Fields> = readonly [said: Said, isBroken: (fields: Given) => boolean];

/** What is said of the first rule that a request breaks. */
export function firstBroken<Said, Given>(rules: readonly Rule<Said, Given>[], fields: Given): Said | undefined {
  return rules.find(([, isBroken]) => isBroken(fields))?.[0];
}

/** The rules of a whole number that may be left out, `least` and `most` included. */
export function wholeNumberRules<Code>(
  name: string,
  [least, most]: readonly [least: number, most: number],
  [notWhole, tooLow, tooHigh]: readonly [notWhole: Code, tooLow: Code, tooHigh: Code],
): readonly Rule<Code>[] {
  const value = (fields: Fields) => wholeOf(fields[name]);
  return [
    [notWhole, (fields) => fields[name] !== undefined && value(fields) === undefined],
    [tooLow, (fields) => (value(fields) ?? least) < least],
    [tooHigh, (fields) => (value(fields) ?? most) > most],
  ];
}
