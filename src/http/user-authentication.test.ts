import type { FastifyRequest } from 'fastify';
import { expect, test } from 'vitest';
import type { KnownSession } from '../engine/sessions.ts';
import { trustedProxies } from './client-address.ts';
import { createRateLimiter, defaultRates } from './rates.ts';
import { userAuthentication } from './user-authentication.ts';

const known = { session: { id: 's1' }, user: { id: 'u1' } } as KnownSession;
const from = (remoteAddress: string) => ({ headers: {}, socket: { remoteAddress } }) as unknown as FastifyRequest;

function open() {
  return userAuthentication({
    sessions: { ofToken: async (text) => (text === 'good' ? known : undefined) },
    rates: createRateLimiter(defaultRates, () => 0),
    proxies: trustedProxies([]),
  });
}

test('the token of an open session says whose request it is', async () => {
  expect(await open()(from('192.0.2.1'), 'good')).toBe(known);
});

test.each([['none'], ['another']])('with %s token nobody is known', async (what) => {
  const token = what === 'none' ? undefined : 'bad';
  await expect(open()(from('192.0.2.1'), token)).rejects.toMatchObject({ edge: { kind: 'unauthorized' } });
});

test('after twenty that are refused an address waits, no other does, and who is known is let in', async () => {
  const authenticate = open();
  for (let bad = 0; bad < 20; bad++) {
    await expect(authenticate(from('192.0.2.1'), 'bad')).rejects.toMatchObject({ edge: { kind: 'unauthorized' } });
  }
  await expect(authenticate(from('192.0.2.1'), 'bad')).rejects.toMatchObject({ edge: { kind: 'rate-limited' } });
  await expect(authenticate(from('192.0.2.2'), 'bad')).rejects.toMatchObject({ edge: { kind: 'unauthorized' } });
  expect(await authenticate(from('192.0.2.1'), 'good')).toBe(known);
});
