import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type JsonDefect, parseStrictJson } from './strict-json.ts';

const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
const array = (items: number) => `[${Array.from({ length: items }, () => '1').join(',')}]`;

const refused: [sentence: string, text: string | Buffer, reason: JsonDefect][] = [
  ['no bytes', '', 'empty'],
  ['only white space', ' \n', 'syntax'],
  ['a text that stops early', '{"a":', 'syntax'],
  ['trailing data', '{"a":1}{"a":1}', 'syntax'],
  ['a byte order mark', '\ufeff{}', 'syntax'],
  ['a comment', '{"a":1/**/}', 'syntax'],
  ['NaN', '{"a":NaN}', 'syntax'],
  ['a raw control character', '"a\u0001"', 'syntax'],
  ['an overlong encoding', Buffer.from([0x22, 0xc0, 0xaf, 0x22]), 'not-utf8'],
  ['half a character', Buffer.from([0x22, 0xe2, 0x82, 0x22]), 'not-utf8'],
  ['an encoded surrogate', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), 'not-utf8'],
  ['depth 9', nested(9), 'too-deep'],
  ['depth 9 in objects', `${'{"a":'.repeat(9)}1${'}'.repeat(9)}`, 'too-deep'],
  ['depth 8,000', nested(8_000), 'too-deep'],
  ['101 items', array(101), 'too-many-items'],
  ['101 items deep down', `{"a":[{"b":${array(101)}}]}`, 'too-many-items'],
  ['a key given twice', '{"a":1,"b":2,"a":3}', 'duplicate-key'],
  ['a key given twice with the same value', '{"a":1,"a":1}', 'duplicate-key'],
  ['a key given twice in different escapes', '{"a":1,"\\u0061":2}', 'duplicate-key'],
  ['an empty key given twice', '{"":1,"":2}', 'duplicate-key'],
  ['a key given twice deep down', '[{"x":{"a":1,"a":2}}]', 'duplicate-key'],
  ['a key given twice that hides an object', '{"a":{"b":{"c":1}},"a":2}', 'duplicate-key'],
  ['a key given twice between colons and quotes', '{"a:\\"":":","b":"\\\\","a:\\"":1}', 'duplicate-key'],
  ['__proto__', '{"__proto__":{"admin":true}}', 'forbidden-key'],
  ['an escaped __proto__', '{"\\u005f_proto__":1}', 'forbidden-key'],
  ['constructor', '{"a":[{"constructor":{"prototype":{}}}]}', 'forbidden-key'],
  ['prototype', '{"prototype":1}', 'forbidden-key'],
];

test.each(refused)('refuses %s', (_sentence, text, reason) => {
  expect(parseStrictJson(Buffer.from(text))).toEqual({ kind: 'bad-json', reason });
});

const accepted: [sentence: string, text: string][] = [
  ['depth 8', nested(8)],
  ['100 items', array(100)],
  ['equal keys in different objects', '{"a":{"a":1},"b":{"a":2}}'],
  ['colons and quotes inside strings', '{"a:b":"\\"c\\":\\\\","d":"\\\\\\":"}'],
  ['forbidden words as values', '["__proto__","constructor"]'],
  ['white space everywhere', ' { "a" : [ 1 , 2 ] } '],
  ['a bare null', 'null'],
  ['characters outside the basic plane', '{"😀":"\\ud83d\\ude00"}'],
];

test.each(accepted)('accepts %s', (_sentence, text) => {
  expect(parseStrictJson(Buffer.from(text))).toEqual({ kind: 'parsed', value: JSON.parse(text) });
});

test('agrees with the platform on every value without those defects', () => {
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof({ depthSize: 'small', maxDepth: 7 }, fc.jsonValue({ maxDepth: 0 }), tie('array'), tie('object')),
    array: fc.array(tie('value'), { maxLength: 6 }),
    object: fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('a:b', '"', '\\', '\\"')), tie('value'), {
      maxKeys: 6,
    }),
  }));
  const harmless = (text: string) => !/"(?:__proto__|constructor|prototype)":/.test(text);
  const texts = value.map((one) => JSON.stringify(one)).filter(harmless);
  fc.assert(
    fc.property(texts, (text) => {
      expect(parseStrictJson(Buffer.from(text))).toEqual({ kind: 'parsed', value: JSON.parse(text) });
    }),
    { numRuns: 1_000 },
  );
});

test('finds any key that is written twice, wherever it stands', () => {
  const member = fc.tuple(fc.string(), fc.jsonValue({ maxDepth: 2 }));
  fc.assert(
    fc.property(fc.array(member, { maxLength: 8 }), member, fc.nat(), (members, [key, value], at) => {
      const forbidden = ['__proto__', 'constructor', 'prototype'];
      fc.pre(JSON.stringify([members, key, value]).match(/__proto__|constructor|prototype/) === null);
      fc.pre(!forbidden.includes(key));
      const all = [[key, value] as const, ...members];
      all.splice(at % (all.length + 1), 0, [key, 1]);
      const text = `{${all.map(([name, held]) => `${JSON.stringify(name)}:${JSON.stringify(held)}`).join(',')}}`;
      expect(parseStrictJson(Buffer.from(text))).toEqual({ kind: 'bad-json', reason: 'duplicate-key' });
    }),
    { numRuns: 500 },
  );
});

test('answers any bytes at all without throwing', () => {
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 64 }), fc.string().map(Buffer.from)), (bytes) => {
      expect(['parsed', 'bad-json']).toContain(parseStrictJson(Buffer.from(bytes)).kind);
    }),
    { numRuns: 2_000 },
  );
});

const worst: [sentence: string, unit: string][] = [
  ['brackets', '['],
  ['quotes', '"'],
  ['backslashes', '\\'],
  ['objects', '{"a":'],
  ['colons', ':'],
  ['half characters', '\xff'],
];

test.each(worst)('finishes with 16 KiB of %s', (_sentence, unit) => {
  const bytes = Buffer.alloc(16 * 1024, unit, 'latin1');
  expect(parseStrictJson(bytes).kind).toBe('bad-json');
});

test('finishes with as many different keys as fit into 16 KiB', () => {
  const keys = Array.from({ length: 1_900 }, (_, i) => `"${i.toString(36)}":1`);
  const all = parseStrictJson(Buffer.from(`{${keys.join(',')}}`));
  const twice = parseStrictJson(Buffer.from(`{${keys.join(',')},"0":1}`));
  expect([all.kind, twice.kind]).toEqual(['parsed', 'bad-json']);
});
