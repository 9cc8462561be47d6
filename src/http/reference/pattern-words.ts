/*
 * Regular expressions in words, for the simple ones that inputs have: a run of characters of one kind, several such runs
 * one after the other, or a choice between them.
 */

const kinds: Readonly<Record<string, readonly [one: string, many: string]>> = {
  '0-9': ['digit', 'digits'],
  'A-Z': ['capital letter', 'capital letters'],
  'a-z': ['small letter', 'small letters'],
  'A-Za-z': ['letter', 'letters'],
  'a-zA-Z': ['letter', 'letters'],
  ' ': ['space', 'spaces'],
  '-': ['hyphen', 'hyphens'],
  _: ['underscore', 'underscores'],
  '.': ['full stop', 'full stops'],
};

const onOneLine = '^[^\\x00-\\x1f\\x7f]*$';

/** @returns undefined when the pattern is not one of the simple ones */
export function patternInWords(pattern: string): string | undefined {
  if (pattern === onOneLine) return 'on one line, no control characters';
  const inner = /^\^(.*)\$$/.exec(pattern)?.[1];
  if (inner === undefined) return undefined;
  const choices = (/^\(([^()]*)\)$/.exec(inner)?.[1] ?? inner).split('|');
  const worded = choices.map(runsInWords);
  return worded.includes(undefined) ? undefined : worded.join(', or ');
}

function runsInWords(text: string): string | undefined {
  const runs = [...text.matchAll(/\[([^\]^\\]+)\](\{[0-9,]+\}|[*+?])?/g)];
  if (runs.length === 0 || runs.map(([whole]) => whole).join('') !== text) return undefined;
  const worded = runs.map(([, characters = '', times]) => runInWords(characters, times));
  return worded.includes(undefined) ? undefined : worded.join(', then ');
}

function runInWords(characters: string, times: string | undefined): string | undefined {
  const parts = partsOf(characters);
  if (parts === undefined) return undefined;
  const [least = '', most] = times === undefined ? ['1'] : countsOf(times);
  const isOne = least === '1' && most === undefined;
  const named = parts.map(([one, many]) => (isOne ? one : many));
  return `${amount(least, most)}${listed(named, isOne ? 'or' : 'and')}`;
}

/** The names of the ranges and characters in a class; longer ones first, so that A-Za-z are letters. */
function partsOf(characters: string): (readonly [string, string])[] | undefined {
  const parts: (readonly [string, string])[] = [];
  let rest = characters;
  for (const [range, names] of Object.entries(kinds).sort(([a], [b]) => b.length - a.length)) {
    if (!rest.includes(range) || (range === '-' && rest !== '-')) continue;
    parts.push(names);
    rest = rest.replace(range, '');
  }
  return rest === '' ? parts : undefined;
}

function countsOf(times: string): [least: string, most?: string] {
  if (times === '*') return ['0', ''];
  if (times === '+') return ['1', ''];
  if (times === '?') return ['0', '1'];
  const [least = '', most] = times.slice(1, -1).split(',');
  return most === undefined ? [least] : [least, most];
}

/** An empty `most` is no bound at all. */
function amount(least: string, most: string | undefined): string {
  if (most === undefined) return least === '1' ? 'one ' : `${least} `;
  if (most === '') return least === '0' ? '' : `at least ${least} `;
  return least === '0' ? `up to ${most} ` : `${least} to ${most} `;
}

function listed(names: readonly string[], last: string): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} ${last} ${names.at(-1)}`;
}
