import { expect, test } from 'vitest';
import { parseResponse } from './response.ts';

const whole = 'HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"id":"x"';

test('is read when its last byte is there, and not before', () => {
  for (let length = 0; length < whole.length; length++) {
    expect(parseResponse(whole.slice(0, length))).toBeUndefined();
  }
  expect(parseResponse(whole)).toEqual({ status: 201, body: '{"id":"x"' });
});

const refused: [sentence: string, text: string][] = [
  ['has no length', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'],
  ['goes on after its end', `${whole}}`],
  ['is longer than 64 KiB', 'x'.repeat(65_537)],
];

test.each(refused)('is refused when it %s', (_, text) => {
  expect(() => parseResponse(text)).toThrow();
});
