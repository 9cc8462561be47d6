import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LogFields } from '../engine/log.ts';
import { createLog } from './log.ts';

/** What one call writes. */
function lineOf(fields: object, message = 'it happened'): string {
  const lines: string[] = [];
  createLog('info', (line) => lines.push(line)).warn(fields as LogFields, message);
  expect(lines).toHaveLength(1);
  return lines[0] ?? '';
}

const written = (fields: object) => JSON.parse(lineOf(fields)) as Record<string, unknown>;

test('writes listed fields, and of any other its name alone', () => {
  const line = written({ provider: 'first', body: 'QZJXKV', code: '123456', status: 503 });
  expect(line).toMatchObject({ level: 40, msg: 'it happened', provider: 'first', status: 503 });
  expect(line.unlisted).toEqual(['body', 'code']);
  expect(JSON.stringify(line)).not.toMatch(/QZJXKV|123456/);
});

test('writes no object that nobody chose, in a listed field either', () => {
  expect(written({ provider: { secret: 'QZJXKV' }, reasons: [{ secret: 'QZJXKV' }, 'one'] })).toMatchObject({
    provider: 'object',
    reasons: ['object', 'one'],
  });
});

test('of an error it writes name, code, message, stack and cause, and nothing that hangs on it', () => {
  const cause = Object.assign(new Error('the disk is full'), { code: 'ENOSPC', sql: 'QZJXKV' });
  const err = Object.assign(new TypeError('cannot write', { cause }), { code: 'E_WRITE', request: 'QZJXKV' });
  const line = written({ err });
  expect(Object.keys(line.err as object)).toEqual(['name', 'code', 'message', 'stack', 'cause']);
  expect(line.err).toMatchObject({
    name: 'TypeError',
    code: 'E_WRITE',
    message: 'cannot write',
    stack: expect.stringMatching(/log\.test\.ts:\d+:\d+/),
    cause: { name: 'Error', code: 'ENOSPC', message: 'the disk is full' },
  });
  expect(JSON.stringify(line)).not.toContain('QZJXKV');
  expect(written({ err: 'thrown text 123456' }).err).toEqual({ message: 'thrown text [masked]' });
});

const secrets: [what: string, text: string, left: string][] = [
  ['an API key', `key cs_live_${'0123456789abcdef'.repeat(5)}deadbeef!`, 'key [masked]!'],
  ["a user's token", `of cst_${'0a'.repeat(16)}_${'1b'.repeat(32)} again`, 'of [masked] again'],
  [
    'a code at the end of a path',
    'POST /metal/v1/user/otp/verify/k7m2qx9d4r?x=1 failed',
    'POST /metal/v1/user/otp/verify/[masked]?x=1 failed',
  ],
  ['a webhook secret', 'signed with whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'signed with [masked]'],
  ['a bearer token', 'sent Authorization: Bearer abc.def-ghi', 'sent Authorization: Bearer [masked]'],
  ['basic credentials', 'authorization=basic dXNlcjpwYXNz', 'authorization=basic [masked]'],
  ['an e-mail address', 'no mailbox <jane.doe+x@mail.example.com> here', 'no mailbox <[masked]> here'],
  ['a number', 'cannot reach +33612345678 now', 'cannot reach [masked] now'],
  ['a code', 'body was "Your code is 482913."', 'body was "Your code is [masked]."'],
  ['a code of four digits', 'code=4829', 'code=[masked]'],
];

test.each(secrets)('masks %s in the words of an error, and in its stack', (_, text, left) => {
  const { err } = written({ err: new Error(text) }) as { err: { message: string; stack: string } };
  expect(err.message).toBe(left);
  expect(err.stack.split('\n')[0]).toBe(`Error: ${left}`);
  expect(written({ fault: new Error(text).stack }).fault).toContain(left);
});

test.each([
  '550 5.1.1 rejected',
  'HTTP 503 after 12.5 s',
  'row 0192f000-0000-7000-8000-00000000000a',
  'at 0xfeed1234',
  'SQLITE_FULL: 13',
  'version 3.4567',
])('leaves %j as it is', (text) => {
  expect(written({ err: new Error(text) }).err).toMatchObject({ message: text });
});

test('keeps line and column of every frame of a stack', () => {
  const fault = 'Error: no\n    at run (/srv/app/dist/writer.js:1234:5678)\n    at /srv/x.js:20001:7';
  expect(written({ fault }).fault).toBe(fault);
});

test('one call is one line of ASCII-safe JSON, whatever it is told', () => {
  const text = 'one\ntwo\r\u0000\u001b[31m\u009b31m\u2028\u202e"end';
  const line = lineOf({ provider: text, err: new Error(text) }, text);
  expect(line.endsWith('\n')).toBe(true);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
  expect(line.slice(0, -1)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202e]/);
  expect(JSON.parse(line)).toMatchObject({ provider: 'one\ntwo\r\u0000\u001b[31m\\u009b31m\\u2028\\u202e"end' });
});

test('no line is longer than 8 KiB', () => {
  const anything = fc.record({
    err: fc.string({ maxLength: 40 }).map((part) => {
      const deep = new Error(part.repeat(500), { cause: new Error('\u0001'.repeat(6000)) });
      return Object.assign(deep, { stack: `${'€\u0002'.repeat(4000)}` });
    }),
    provider: fc.constant('\u0001'.repeat(10_000)),
    reasons: fc.array(fc.constant('é'.repeat(1000)), { maxLength: 60 }),
    fault: fc.constant('"'.repeat(9000)),
  });
  fc.assert(
    fc.property(anything, fc.nat({ max: 20_000 }), (fields, length) => {
      const line = lineOf(fields, 'm'.repeat(length));
      expect(Buffer.byteLength(line)).toBeLessThanOrEqual(8193);
      expect(JSON.parse(line)).toMatchObject({ level: 40 });
    }),
    { numRuns: 30 },
  );
});

test('writes nothing below its level', () => {
  const lines: string[] = [];
  const log = createLog('warn', (line) => lines.push(line));
  log.info({}, 'one');
  log.warn({}, 'two');
  log.error({}, 'three');
  expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(['two', 'three']);
});
