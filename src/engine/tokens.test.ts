import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { keys as rings } from '../../testing/builders.ts';
import { hmac } from '../domain/bytes.ts';
import { type KeyRings, withActiveKey, withoutKey } from '../domain/keys.ts';
import { liveKeys } from './key-source.ts';
import { systemRandom } from './random.ts';
import type { ProvenKey } from './tenancy.ts';
import { createTokens } from './tokens.ts';

const startMs = Date.UTC(2026, 2, 2, 9, 15);
const day = 86_400;
const apiKey = {
  id: '0123456789abcdef',
  tenantId: '0192f000-0000-7000-8000-00000000000a',
  hash: 'ab'.repeat(32),
};
const others: [sentence: string, key: ProvenKey][] = [
  ['another tenant', { ...apiKey, tenantId: '0192f000-0000-7000-8000-00000000000b' }],
  ['a key that was made anew', { ...apiKey, hash: 'cd'.repeat(32) }],
  ['another key of the tenant', { ...apiKey, id: 'fedcba9876543210' }],
];

function given(now = { ms: startMs }, first: KeyRings = rings) {
  const keys = liveKeys(first);
  return { now, keys, tokens: createTokens({ keys, random: systemRandom(), nowMs: () => now.ms }) };
}

/** As we would sign it, had we lost our mind: any header and payload, under the right key. */
function signed(header: string, payload: string, key: ProvenKey = apiKey): string {
  const ringKey = rings.signing.keys[rings.signing.activeId] ?? new Uint8Array(32);
  const macKey = hmac(ringKey, 'jwt', key.tenantId, key.id, key.hash);
  const said = [header, payload].map((text) => Buffer.from(text).toString('base64url')).join('.');
  return `${said}.${createHmac('sha256', macKey).update(said).digest('base64url')}`;
}

const header = '{"alg":"HS256","typ":"JWT","kid":"s1"}';
const iat = startMs / 1000;
const claims = {
  sub: apiKey.tenantId,
  key: apiKey.id,
  iss: 'countersign',
  aud: 'smsworks',
  iat,
  exp: iat + day,
  jti: '0192f000-0000-7000-8000-00000000000c',
};
const payload = JSON.stringify(claims);

const isTaken = (token: string, from = given(), key: ProvenKey = apiKey) =>
  from.tokens.readJwt(token, 'smsworks')?.isOf(key) ?? false;

test('what is signed by hand as we sign is taken: the cases below differ in one thing each', () => {
  expect(isTaken(signed(header, payload))).toBe(true);
});

test('a token names its API key and says nothing secret', () => {
  const { tokens } = given();
  const token = tokens.issueJwt(apiKey, 'smsworks', day);
  const [head = '', body = ''] = token.split('.').map((part) => Buffer.from(part, 'base64url').toString());
  expect(head).toBe(header);
  expect(JSON.parse(body)).toEqual({ ...claims, jti: expect.stringMatching(/^[0-9a-f-]{36}$/) });
  expect(tokens.readJwt(token, 'smsworks')?.id).toBe(apiKey.id);
  expect(isTaken(token)).toBe(true);
  expect(tokens.issueJwt(apiKey, 'smsworks', day)).not.toBe(token);
});

test.each(others)('a token is none of %s', (_, key) => {
  const from = given();
  const token = from.tokens.issueJwt(apiKey, 'smsworks', day);
  const access = from.tokens.issueAccess(apiKey, ['otp'], day);
  // Remembered as genuine for its own key, and for no other.
  expect(isTaken(token, from)).toBe(true);
  expect(from.tokens.readAccess(access)?.isOf(apiKey)).toBe(true);
  expect(isTaken(token, from, key)).toBe(false);
  expect(from.tokens.readAccess(access)?.isOf(key)).toBe(false);
});

const headers: [sentence: string, header: string][] = [
  ['alg none', '{"alg":"none","typ":"JWT","kid":"s1"}'],
  ['alg None', '{"alg":"None","typ":"JWT","kid":"s1"}'],
  ['alg in lower case', '{"alg":"hs256","typ":"JWT","kid":"s1"}'],
  ['alg HS512', '{"alg":"HS512","typ":"JWT","kid":"s1"}'],
  ['alg RS256', '{"alg":"RS256","typ":"JWT","kid":"s1"}'],
  ['no alg', '{"typ":"JWT","kid":"s1"}'],
  ['another typ', '{"alg":"HS256","typ":"at+jwt","kid":"s1"}'],
  ['no typ', '{"alg":"HS256","kid":"s1"}'],
  ['no kid', '{"alg":"HS256","typ":"JWT"}'],
  ['a kid that no ring holds', '{"alg":"HS256","typ":"JWT","kid":"s2"}'],
  ['a kid of another ring', '{"alg":"HS256","typ":"JWT","kid":"p1"}'],
  ['a kid that objects inherit', '{"alg":"HS256","typ":"JWT","kid":"constructor"}'],
  ['a path for a kid', '{"alg":"HS256","typ":"JWT","kid":"../../dev/null"}'],
  ['SQL for a kid', `{"alg":"HS256","typ":"JWT","kid":"s1' or '1'='1"}`],
  ['a list for a kid', '{"alg":"HS256","typ":"JWT","kid":["s1"]}'],
  ['a number for a kid', '{"alg":"HS256","typ":"JWT","kid":1}'],
  ['a kid given twice', '{"alg":"HS256","typ":"JWT","kid":"s2","kid":"s1"}'],
  ['an alg given twice', '{"alg":"none","alg":"HS256","typ":"JWT","kid":"s1"}'],
  ['jku', '{"alg":"HS256","typ":"JWT","kid":"s1","jku":"https://example.com/keys"}'],
  ['jwk', '{"alg":"HS256","typ":"JWT","kid":"s1","jwk":{"kty":"oct","k":"AA"}}'],
  ['x5u', '{"alg":"HS256","typ":"JWT","kid":"s1","x5u":"https://example.com/cert"}'],
  ['x5c', '{"alg":"HS256","typ":"JWT","kid":"s1","x5c":["AA"]}'],
  ['crit', '{"alg":"HS256","typ":"JWT","kid":"s1","crit":["exp"]}'],
  ['b64', '{"alg":"HS256","typ":"JWT","kid":"s1","b64":false}'],
  ['cty of a nested token', '{"alg":"HS256","typ":"JWT","kid":"s1","cty":"JWT"}'],
  ['space between', '{"alg": "HS256","typ":"JWT","kid":"s1"}'],
  ['another order', '{"typ":"JWT","alg":"HS256","kid":"s1"}'],
  ['an escape for a letter', '{"\\u0061lg":"HS256","typ":"JWT","kid":"s1"}'],
  ['a list', '["HS256","JWT","s1"]'],
  ['nothing', '{}'],
  ['no JSON', 'HS256'],
];

test.each(headers)('refuses a header with %s, signed with the right key', (_, text) => {
  expect(isTaken(signed(text, payload))).toBe(false);
});

const payloads: [sentence: string, payload: string][] = [
  ['another iss', JSON.stringify({ ...claims, iss: 'somebody' })],
  ['another aud', JSON.stringify({ ...claims, aud: 'ding' })],
  ['a list for aud', JSON.stringify({ ...claims, aud: ['smsworks'] })],
  ['a foreign tenant', JSON.stringify({ ...claims, sub: '0192f000-0000-7000-8000-00000000000b' })],
  ['a tenant that is no id', JSON.stringify({ ...claims, sub: 'a' })],
  ['another API key', JSON.stringify({ ...claims, key: 'fedcba9876543210' })],
  ['no sub', JSON.stringify({ ...claims, sub: undefined })],
  ['no iat', JSON.stringify({ ...claims, iat: undefined })],
  ['no jti', JSON.stringify({ ...claims, jti: undefined })],
  ['no exp', JSON.stringify({ ...claims, exp: undefined })],
  ['null for exp', JSON.stringify({ ...claims, exp: null })],
  ['text for exp', JSON.stringify({ ...claims, exp: String(claims.exp) })],
  ['a fraction for exp', JSON.stringify({ ...claims, exp: claims.exp + 0.5 })],
  ['a huge exp', JSON.stringify({ ...claims, exp: 1e15 })],
  ['an exp beyond all numbers', payload.replace(String(claims.exp), '1e999')],
  ['an exp 25 years and a second on', JSON.stringify({ ...claims, exp: iat + 788_400_001 })],
  ['an exp in the past', JSON.stringify({ ...claims, iat: iat - 10, exp: iat - 1 })],
  ['an iat 31 s ahead', JSON.stringify({ ...claims, iat: iat + 31 })],
  ['an nbf', JSON.stringify({ ...claims, nbf: iat })],
  ['an exp given twice', payload.replace('"exp"', '"exp":1,"exp"')],
  ['space between', payload.replace(',', ', ')],
  ['__proto__', payload.replace('{', '{"__proto__":{},')],
  ['a token in it', JSON.stringify(signed(header, payload))],
  ['a list', '[]'],
  ['null', 'null'],
  ['no JSON', 'sub'],
];

test.each(payloads)('refuses a payload with %s, signed with the right key', (_, text) => {
  expect(isTaken(signed(header, text))).toBe(false);
});

test('an iat half a minute ahead is taken', () => {
  expect(isTaken(signed(header, JSON.stringify({ ...claims, iat: iat + 30 })))).toBe(true);
});

const good = signed(header, payload);
const [goodHeader = '', goodPayload = '', goodMac = ''] = good.split('.');
const spellings: [sentence: string, token: string][] = [
  ['nothing', ''],
  ['two dots alone', '..'],
  ['no signature', `${goodHeader}.${goodPayload}.`],
  ['the signature left out', `${goodHeader}.${goodPayload}`],
  ['a fourth part', `${good}.e30`],
  ['a dot behind', `${good}.`],
  ['a dot before', `.${good}`],
  ['five parts, as an encrypted one has', `${good}.e30.e30`],
  ['padding', `${good}=`],
  ['the other alphabet', good.replaceAll('-', '+').replaceAll('_', '/').replace(goodMac, '+'.repeat(43))],
  ['a space before', ` ${good}`],
  ['a new line behind', `${good}\n`],
  ['half a signature', good.slice(0, -20)],
  ['a signature of zeros', `${goodHeader}.${goodPayload}.${'A'.repeat(43)}`],
  ['a signature with a byte more', `${good}AA`],
  ['four kilobytes', `${good}${'A'.repeat(4096)}`],
  ['a megabyte of dots', '.'.repeat(2 ** 20)],
];

test.each(spellings)('refuses a token with %s', (_, token) => {
  expect(isTaken(token)).toBe(false);
});

test('refuses a token with any one character changed, the bits that encode nothing among them', () => {
  for (let at = 0; at < good.length; at++) {
    const changed = `${good.slice(0, at)}${good[at] === 'B' ? 'C' : 'B'}${good.slice(at + 1)}`;
    expect(isTaken(changed)).toBe(false);
  }
  const last = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const taken = [...last].filter((letter) => isTaken(good.slice(0, -1) + letter));
  expect(taken).toEqual([good.at(-1)]);
});

test('a token lives to the millisecond before its end, also when it was remembered', () => {
  const from = given();
  const token = from.tokens.issueJwt(apiKey, 'smsworks', 60);
  const access = from.tokens.issueAccess(apiKey, [], 60);
  for (const [laterMs, taken] of [
    [0, true],
    [59_999, true],
    [60_000, false],
    [60_001, false],
  ] as const) {
    from.now.ms = startMs + laterMs;
    expect(isTaken(token, from)).toBe(taken);
    expect(from.tokens.readAccess(access)?.isOf(apiKey) ?? false).toBe(taken);
  }
});

test('a token lives up to 25 years, and no longer one is issued', () => {
  const { tokens } = given();
  expect(isTaken(tokens.issueJwt(apiKey, 'smsworks', 788_400_000))).toBe(true);
  expect(() => tokens.issueJwt(apiKey, 'smsworks', 788_400_001)).toThrow(RangeError);
  expect(() => tokens.issueJwt(apiKey, 'smsworks', Number.NaN)).toThrow(RangeError);
});

test('a rotation of the signing ring leaves older tokens valid until their key is retired, at once then', () => {
  const from = given();
  const older = from.tokens.issueJwt(apiKey, 'smsworks', day);
  const olderAccess = from.tokens.issueAccess(apiKey, ['otp'], day);
  from.keys.use(withActiveKey(rings, 'signing', 's2', new Uint8Array(32).fill(9)));
  const newer = from.tokens.issueJwt(apiKey, 'smsworks', day);
  expect([older, newer].map((token) => isTaken(token, from))).toEqual([true, true]);
  expect(from.tokens.readAccess(olderAccess)?.isOf(apiKey)).toBe(true);

  from.keys.use(withoutKey(from.keys.current(), 'signing', 's1'));
  expect([older, newer].map((token) => isTaken(token, from))).toEqual([false, true]);
  expect(from.tokens.readAccess(olderAccess)?.isOf(apiKey) ?? false).toBe(false);
});

test('an access token is text without meaning that names its key and what it may do', () => {
  const { tokens } = given();
  const access = tokens.issueAccess(apiKey, ['otp', 'sms'], day);
  expect(access).toMatch(/^csa_[A-Za-z0-9_-]{100,300}$/);
  expect(tokens.readAccess(access)).toMatchObject({ id: apiKey.id, scopes: ['otp', 'sms'] });
  expect(tokens.issueAccess(apiKey, ['otp', 'sms'], day)).not.toBe(access);
});

test('refuses an access token with any one character changed, and what never was one', () => {
  const { tokens } = given();
  const access = tokens.issueAccess(apiKey, ['otp'], day);
  const isAccess = (text: string) => tokens.readAccess(text)?.isOf(apiKey) ?? false;
  expect(isAccess(access)).toBe(true);
  for (let at = 0; at < access.length; at++) {
    expect(isAccess(`${access.slice(0, at)}${access[at] === 'B' ? 'C' : 'B'}${access.slice(at + 1)}`)).toBe(false);
  }
  const never = ['', 'csa_', `${access}=`, `${access}A`, access.slice(0, -4), 'csa_e30', `csa_${'A'.repeat(5000)}`];
  for (const text of [...never, good, tokens.issueJwt(apiKey, 'smsworks', day)]) expect(isAccess(text)).toBe(false);
  expect(isTaken(access)).toBe(false);
});
