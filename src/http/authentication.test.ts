import { afterAll, beforeAll, expect, test } from 'vitest';
import { keys as rings } from '../../testing/builders.ts';
import { makeApiKey, pairOf, readApiKey } from '../domain/api-key.ts';
import type { Scope } from '../domain/scope.ts';
import { liveKeys } from '../engine/key-source.ts';
import { systemRandom } from '../engine/random.ts';
import type { ApiKey } from '../engine/tenancy.ts';
import { createTokens } from '../engine/tokens.ts';
import { keyAuthentication, pairProof } from './authentication.ts';
import { trustedProxies } from './client-address.ts';
import { createHttpServer } from './server.ts';

const log = { error() {}, warn() {}, info() {} };
const key = makeApiKey('live', '0123456789abcdef', 'ab'.repeat(32));
const pair = pairOf(key);
const startMs = Date.UTC(2026, 2, 2);
const now = { ms: startMs };
const row: ApiKey = {
  id: pair.key,
  tenantId: '0192f000-0000-7000-8000-00000000000a',
  hash: readApiKey(key)?.hash.toString('hex') ?? '',
  name: 'backend',
  scopes: ['verifications:send'],
  sources: [],
  createdAtMs: startMs,
};
let known: ApiKey = row;

const proxies = trustedProxies([]);
const taken: string[] = [];
const tokens = createTokens({ keys: liveKeys(rings), random: systemRandom(), nowMs: () => now.ms });
const token = tokens.issueJwt(row, 'smsworks', 3600);
const authenticate = keyAuthentication({
  directory: {
    apiKey: async (id) => (id === known.id ? known : undefined),
    service: async () => undefined,
    forget() {},
  },
  rates: { take: (name) => void taken.push(name) },
  proxies,
  nowMs: () => now.ms,
  used: () => void taken.push('used'),
});

const credentials = {
  key: readApiKey(key),
  pair: pairProof(pair),
  token: tokens.readJwt(token, 'smsworks'),
  'wrong pair': pairProof({ ...pair, secret: 'cd'.repeat(32) }),
  'unknown pair': pairProof({ ...pair, key: 'fedcba9876543210' }),
  'no pair': pairProof({ ...pair, secret: 'no' }),
  'wrong token': tokens.readJwt(tokens.issueJwt({ ...row, hash: 'cd'.repeat(32) }, 'smsworks', 60), 'smsworks'),
};
type Name = keyof typeof credentials;

const app = createHttpServer({ log });
beforeAll(async () => {
  const open = (path: string, scope?: Scope | 'any') =>
    app.get<{ Params: { with: Name } }>(
      `/${path}/:with`,
      { config: scope === undefined ? {} : { scope } },
      async (request) => ({ id: (await authenticate(request, credentials[request.params.with])).id }),
    );
  open('send', 'verifications:send');
  open('check', 'verifications:check');
  open('login', 'any');
  open('closed');
  await app.ready();
});
afterAll(() => app.close());

async function ask(path: string) {
  taken.length = 0;
  const { statusCode } = await app.inject({ url: path });
  return [statusCode, ...taken];
}

test.each(['key', 'pair', 'token'] as const)('a %s passes the same checks as every other credential', async (name) => {
  expect(await ask(`/send/${name}`)).toEqual([200, 'apiKey', 'used']);
  expect(await ask(`/check/${name}`)).toEqual([403]);
  expect(await ask(`/login/${name}`)).toEqual([200, 'apiKey', 'used']);
  expect(await ask(`/closed/${name}`)).toEqual([403]);

  const ends: [sentence: string, changed: ApiKey][] = [
    ['revoked', { ...row, revokedAtMs: now.ms }],
    ['run out', { ...row, expiresAtMs: now.ms }],
    ['made anew under its id', { ...row, hash: 'ee'.repeat(32) }],
  ];
  for (const [, changed] of ends) {
    known = changed;
    expect(await ask(`/send/${name}`)).toEqual([401, 'failedAuthentications']);
  }
  known = { ...row, sources: ['192.0.2.0/24'] };
  expect(await ask(`/send/${name}`)).toEqual([403]);
  known = row;
});

test.each(['wrong pair', 'unknown pair', 'no pair', 'wrong token'] as const)(
  'a %s counts as a failure',
  async (name) => {
    expect(await ask(`/login/${name}`)).toEqual([401, 'failedAuthentications']);
  },
);
