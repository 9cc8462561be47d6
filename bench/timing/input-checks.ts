import { readApiKey } from '../../src/domain/api-key.ts';
import { canonicalCode } from '../../src/domain/code.ts';
import { parseRecipient } from '../../src/domain/recipient.ts';
import { templateProblem } from '../../src/domain/template.ts';
import { addressKey } from '../../src/http/client-address.ts';
import { parseStrictJson } from '../../src/http/strict-json.ts';
import { median } from '../measure.ts';
import type { Figure } from './figure.ts';

/** As long as a request may be. */
const LONGEST = 16_384;
const RUNS = 200;
const WARM_UP = 50;

interface InputCheck {
  readonly name: string;
  readonly run: (text: string) => unknown;
  /** What costs it most, one piece after another. */
  readonly pieces: readonly string[];
  /** Stands before the pieces; empty when absent, as is `tail`. */
  readonly head?: string;
  readonly tail?: string;
  /** Longer text is refused at once, so it is also run on texts of just this length. */
  readonly lengthMax?: number;
  /** Besides those made of pieces. */
  readonly texts?: readonly string[];
}

const phone = (text: string) => parseRecipient(text, { country: 'FR', fictitious: true });

const checks: readonly InputCheck[] = [
  { name: 'parseRecipient', run: phone, pieces: ['1', '0', '+', ' ', '(', '1-', '1 (', '/.'], lengthMax: 40 },
  { name: 'parseRecipient', run: phone, pieces: ['a', 'a.', '.', '@', '-', '1'], tail: '@a.fr', lengthMax: 254 },
  { name: 'parseRecipient', run: phone, pieces: ['a', 'a.', '-', 'é', 'é.', 'xn--'], head: 'a@', lengthMax: 254 },
  { name: 'canonicalCode', run: canonicalCode, pieces: [' ', '-', 'a', ' a', '1', '1 ', 'ß'], lengthMax: 64 },
  { name: 'parseStrictJson', run: json, pieces: ['[', '{"a":', '[],', '1', '-', '"', '\\', ' ', '"\\u'] },
  { name: 'parseStrictJson', run: json, pieces: ['"a":0,', '"\\u0061":0,', '"a":{"a":0},'], head: '{', tail: '"b":0}' },
  { name: 'parseStrictJson', run: json, pieces: [], texts: [manyKeys()] },
  { name: 'parseStrictJson', run: json, pieces: ['0,', '"",', '{},', '{"a":[0]},'], head: '[', tail: '0]' },
  { name: 'parseStrictJson', run: json, pieces: ['1', 'a', '\\\\', '\\"', '\\u00e9', ':', 'é'], head: '"', tail: '"' },
  { name: 'parseStrictJson', run: json, pieces: ['1', '0', '9'], head: '1.', tail: 'e-999' },
  {
    name: 'templateProblem',
    run: templateProblem,
    pieces: ['{{code}}', '{{code', '{', '}}', 'a', 'http', 'www', '{{co{{code}}de}}'],
    head: '{{code}}',
    lengthMax: 320,
  },
  { name: 'addressKey', run: addressKey, pieces: ['1:', ':', '::', '0:0:', '1.', '%', 'f'], head: '::', lengthMax: 80 },
  { name: 'readApiKey', run: readApiKey, pieces: ['a', '0', '_', 'cs_', 'cs_a_', 'A'], head: 'cs_a_', lengthMax: 101 },
];

function json(text: string): unknown {
  return parseStrictJson(Buffer.from(text));
}

/** An object of 16 KiB with as many keys as fit, all of them different. */
function manyKeys(): string {
  return `{${Array.from({ length: 1_700 }, (_, index) => `"${index}a":0`).join()}}`;
}

/** The longest time that each check of input takes over texts made to be hard for it. */
export function inputCheckFigures(): Figure[] {
  const names = [...new Set(checks.map(({ name }) => name))];
  return names.map((name) => {
    const runs = checks
      .filter((one) => one.name === name)
      .flatMap((one) => textsFor(one).map((text) => timesOf(one.run, text)));
    const medianMs = Math.max(...runs.map(median)).toFixed(3);
    const over = `${runs.length} texts of up to 16 KiB, ${RUNS} runs each; no median above ${medianMs} ms`;
    return { name: `${name}: longest run`, value: Math.max(...runs.flat()), unit: 'ms', below: 5, over };
  });
}

function textsFor({ pieces, head = '', tail = '', lengthMax, texts = [] }: InputCheck): string[] {
  const lengths = lengthMax === undefined ? [LONGEST] : [LONGEST, lengthMax];
  const filled = (piece: string, length: number) => {
    const room = length - Buffer.byteLength(head + tail);
    return head + piece.repeat(Math.floor(room / Buffer.byteLength(piece))) + tail;
  };
  return [...texts, ...lengths.flatMap((length) => pieces.map((piece) => filled(piece, length)))];
}

function timesOf(run: (text: string) => unknown, text: string): number[] {
  for (let i = 0; i < WARM_UP; i++) run(text);
  return Array.from({ length: RUNS }, () => {
    const fromMs = performance.now();
    run(text);
    return performance.now() - fromMs;
  });
}
