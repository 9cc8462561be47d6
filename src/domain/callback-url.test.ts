import { expect, test } from 'vitest';
import { callbackUrlProblem, hostOf, isWebUrl, strictCallbackUrls } from './callback-url.ts';

const rows: [url: string, strict: RegExp | undefined, anywhere: RegExp | undefined][] = [
  ['https://example.com', undefined, undefined],
  ['https://example.com:443/events?a=1&b=2', undefined, undefined],
  ['https://EXAMPLE.com/x', undefined, undefined],
  [`https://example.com/${'a'.repeat(2028)}`, undefined, undefined],
  [`https://example.com/${'a'.repeat(2029)}`, /at most 2048 characters/, /at most 2048 characters/],
  ['http://example.com', /must begin with https/, undefined],
  ['ftp://example.com', /must begin with https/, /must begin with https/],
  ['file:///etc/passwd', /must be an address/, /must be an address/],
  ['gopher://example.com', /must begin with https/, /must begin with https/],
  ['javascript:alert(1)', /must be an address/, /must be an address/],
  ['example.com/events', /must be an address/, /must be an address/],
  ['https://', /must be an address/, /must be an address/],
  ['', /must be an address/, /must be an address/],
  ['https://user@example.com', /user name/, /user name/],
  ['https://user:secret@example.com', /user name/, /user name/],
  ['https://:secret@example.com', /user name/, /user name/],
  ['https://example.com/#part', /fragment/, /fragment/],
  ['https://example.com/#', /fragment/, /fragment/],
  ['https://127.0.0.1/', /not an IP address/, undefined],
  ['https://2130706433/', /not an IP address/, undefined],
  ['https://0x7f.1/', /not an IP address/, undefined],
  ['https://0177.0.0.1/', /not an IP address/, undefined],
  ['https://127.1/', /not an IP address/, undefined],
  ['https://１２７.0.0.1/', /not an IP address/, undefined],
  ['https://[::1]/', /not an IP address/, undefined],
  ['https://[::ffff:127.0.0.1]/', /not an IP address/, undefined],
  ['https://example.com:8443/', /port 443; an operator can allow others/, undefined],
  ['https://example.com:80/', /port 443/, undefined],
];

test.each(rows)('%s', (url, strict, anywhere) => {
  const problems = [
    callbackUrlProblem(url, strictCallbackUrls),
    callbackUrlProblem(url, { anywhere: true, ports: [] }),
  ];
  for (const [index, expected] of [strict, anywhere].entries()) {
    if (expected === undefined) expect(problems[index]).toBeUndefined();
    else expect(problems[index]).toMatch(expected);
  }
});

test('an operator can allow ports, and only those', () => {
  const rules = { anywhere: false, ports: [8443, 9443] };
  expect(callbackUrlProblem('https://example.com:8443/', rules)).toBeUndefined();
  expect(callbackUrlProblem('https://example.com/', rules)).toBeUndefined();
  expect(callbackUrlProblem('https://example.com:444/', rules)).toContain('443 or one of 8443, 9443');
});

test('names what calls to one receiver have in common', () => {
  expect(hostOf('https://EXAMPLE.com:443/a')).toBe('example.com');
  expect(hostOf('http://localhost:8080/a')).toBe('localhost:8080');
  expect(hostOf('nothing')).toBeUndefined();
});

test.each([
  ['https://example.com/events', true],
  ['http://127.0.0.1:8080', true],
  ['HTTPS://EXAMPLE.com', true],
  [`https://example.com/${'a'.repeat(2028)}`, true],
  [`https://example.com/${'a'.repeat(2029)}`, false],
  ['ftp://example.com', false],
  ['javascript:alert(1)', false],
  ['example.com/events', false],
  ['https://user@example.com', false],
  ['https://:secret@example.com', false],
  ['', false],
])('that %s is an address of the web is %s', (text, expected) => {
  expect(isWebUrl(text)).toBe(expected);
});
