import { isUtf8 } from 'node:buffer';

/** Hard limits of a JSON body: how deep objects and arrays may nest, how many items an array may hold. */
export const jsonLimits = { depth: 8, items: 100 } as const;

export type JsonDefect =
  | 'empty'
  | 'not-utf8'
  | 'syntax'
  | 'too-deep'
  | 'too-many-items'
  | 'duplicate-key'
  | 'forbidden-key';

export type ParsedJson =
  | { readonly kind: 'parsed'; readonly value: unknown }
  | { readonly kind: 'bad-json'; readonly reason: JsonDefect };

/**
 * Reads one JSON text, refusing what two readers could understand differently: bytes that are not UTF-8, a key given
 * twice in one object (compared after unescaping), and the keys that reach into an object's prototype. Never throws.
 *
 * A key given twice is found by counting: the parser keeps one of the two, so the value then holds fewer keys than were
 * written. That costs one pass over the bytes and no memory, however many keys there are.
 */
export function parseStrictJson(bytes: Buffer): ParsedJson {
  if (bytes.length === 0) return refused('empty');
  if (!isUtf8(bytes)) return refused('not-utf8');

  const value = read(bytes);
  if (value === undefined) return refused('syntax');

  const kept = countKeys(value, 0);
  if (typeof kept === 'string') return refused(kept);
  return kept === keysWritten(bytes) ? { kind: 'parsed', value } : refused('duplicate-key');
}

/** @returns undefined when the text is not JSON; JSON itself has no undefined */
function read(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
}

/** Counts the keys of a value and everything in it, or names the first defect. Stops at the depth limit. */
function countKeys(value: unknown, depth: number): number | JsonDefect {
  if (typeof value !== 'object' || value === null) return 0;
  if (depth === jsonLimits.depth) return 'too-deep';
  if (Array.isArray(value)) return countInArray(value, depth + 1);
  return countInObject(value as Readonly<Record<string, unknown>>, depth + 1);
}

function countInArray(items: readonly unknown[], depth: number): number | JsonDefect {
  if (items.length > jsonLimits.items) return 'too-many-items';
  let keys = 0;
  for (const item of items) {
    const inside = countKeys(item, depth);
    if (typeof inside === 'string') return inside;
    keys += inside;
  }
  return keys;
}

function countInObject(object: Readonly<Record<string, unknown>>, depth: number): number | JsonDefect {
  let keys = 0;
  for (const key of Object.keys(object)) {
    if (key === '__proto__' || key === 'constructor' || key === 'prototype') return 'forbidden-key';
    const inside = countKeys(object[key], depth);
    if (typeof inside === 'string') return inside;
    keys += 1 + inside;
  }
  return keys;
}

const QUOTE = 34;
const COLON = 58;
const BACKSLASH = 92;

/** Counts the colons outside strings. Sound only for text that has parsed; none of the three is part of a longer character. */
function keysWritten(bytes: Buffer): number {
  let keys = 0;
  let inText = false;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    if (byte === QUOTE) inText = !inText;
    else if (inText && byte === BACKSLASH) i++;
    else if (!inText && byte === COLON) keys++;
  }
  return keys;
}

function refused(reason: JsonDefect): ParsedJson {
  return { kind: 'bad-json', reason };
}
