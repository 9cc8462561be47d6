import { expect, test } from 'vitest';
import { aSend, aVerification, keys, noLimits } from '../../testing/builders.ts';
import { startMs } from '../../testing/clock.ts';
import type { Verification } from '../domain/verification.ts';
import { announced } from './announced.ts';
import type { CommandBase, Decider, Loaded, Writes } from './command.ts';

const callback = { callbackUrl: 'https://example.com/', callbackEvents: ['verification.created', 'send.created'] };

/** What nobody but a listener makes a decider look at. */
function loadedWith(current?: Verification): { loaded: Loaded; looks: string[] } {
  const looks: string[] = [];
  const look =
    <T>(name: string, value: T) =>
    () => {
      looks.push(name);
      return value;
    };
  const loaded = {
    endpoints: look('endpoints', []),
    deliveries: look('deliveries', []),
    verification: look('verification', current),
    send: look('send', undefined),
  } as unknown as Loaded;
  return { loaded, looks };
}

const deciding = (writes: Writes): Decider<CommandBase, string> =>
  announced({ reads: () => ({}), decide: () => ({ writes, outcome: 'done' }) });

function decided(writes: Writes, loaded: Loaded) {
  const command = { kind: 'any', tenantId: aVerification().tenantId };
  const answer = deciding(writes).decide(command, loaded, { nowMs: startMs, wallMs: startMs, keys, limits: noLimits });
  if (answer === 'stale') throw new Error('it is stale');
  return answer;
}

test('where nobody listens a decision goes through as it is, and one look into memory is all', () => {
  const verification = aVerification();
  const writes = { newVerifications: [verification], newSends: [aSend({ verificationId: verification.id })] };
  const { loaded, looks } = loadedWith();
  expect(decided(writes, loaded).writes).toBe(writes);
  expect(looks).toEqual(['endpoints']);
});

test('a verification that was only written down as refused makes no event', () => {
  const verification = aVerification({ status: 'refused', terms: callback });
  const writes = { newVerifications: [verification], newSends: [aSend({ verificationId: verification.id })] };
  const { loaded } = loadedWith();
  expect(decided(writes, loaded)).toEqual({ writes, outcome: 'done' });
});

test('a change that is none makes no event', () => {
  const verification = aVerification({ terms: { ...callback, callbackEvents: ['verification.verified'] } });
  const writes = { verifications: [{ ...verification, attemptsUsed: 1 }] };
  const { loaded } = loadedWith(verification);
  expect(decided(writes, loaded).writes).toBe(writes);
});

test('callbacks of one host have one destination, whatever the path', () => {
  const destinations = ['https://example.com/a', 'https://EXAMPLE.com:443/b?c'].map((callbackUrl) => {
    const terms = { ...callback, callbackUrl };
    const { loaded } = loadedWith();
    const { webhooks } = decided({ newVerifications: [aVerification({ terms })] }, loaded).writes;
    return webhooks?.newDeliveries?.map(({ destination }) => destination);
  });
  expect(destinations).toEqual([['callback:example.com'], ['callback:example.com']]);
});
