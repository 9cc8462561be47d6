import { expect, test } from 'vitest';
import { aService, aTenant, aVerification, keys, tenantId } from '../../testing/builders.ts';
import { openEngine } from '../../testing/engine.ts';
import { sealTestCode } from '../domain/test-number.ts';
import type { FaceWishes } from './face-wishes.ts';
import { resendRoute } from './resend-request.ts';

const caller = { tenantId, face: 'native', seesAllFaces: true };
const everywhere = { tenants: [aTenant({ service: aService({ countries: ['*'] }) })] };

const requests: [
  sentence: string,
  recipient: string,
  channel: 'sms' | 'voice',
  wishes: FaceWishes | undefined,
  kind: string,
][] = [
  ['a mobile number', '+33612345678', 'sms', undefined, 'created'],
  ['a landline, which may take messages', '+33145678901', 'sms', undefined, 'created'],
  ['a landline where a face leaves them out', '+33145678901', 'sms', { onlyMessageLines: true }, 'line-not-served'],
  ['a mobile number there', '+33612345678', 'sms', { onlyMessageLines: true }, 'created'],
  ['a number that may be either there', '+12015550123', 'sms', { onlyMessageLines: true }, 'created'],
  ['freephone there', '+33801234567', 'sms', { onlyMessageLines: true }, 'line-not-served'],
  ['premium rate', '+33891234567', 'sms', undefined, 'line-not-served'],
  ['premium rate by voice', '+33891234567', 'voice', undefined, 'line-not-served'],
  ['shared cost', '+33811234567', 'voice', undefined, 'line-not-served'],
  ['a personal number', '+447012345678', 'sms', undefined, 'line-not-served'],
  ['a pager', '+447640123456', 'sms', undefined, 'line-not-served'],
  ['a satellite phone', '+881612345678', 'sms', undefined, 'line-not-served'],
  ['an international network', '+88213300655', 'sms', undefined, 'line-not-served'],
  ['a number that is only possible, which no range tells', '+33012345678', 'sms', { possibleNumbers: true }, 'created'],
  ['a possible one of a satellite network', '+881012345678', 'sms', { possibleNumbers: true }, 'line-not-served'],
];

test.each(requests)('%s, %s', async (_, recipient, channel, wishes, kind) => {
  await using given = await openEngine(everywhere);
  const { outcome } = await given.engine.createVerification(caller, { recipient, channel, wishes });
  expect(outcome).toMatchObject({ kind });
  expect((await given.store.queries.counts()).verifications).toBe(kind === 'created' ? 1 : 0);
});

test('a country that is not listed is said first', async () => {
  await using given = await openEngine({ tenants: [aTenant({ service: aService({ countries: ['GB'] }) })] });
  const { outcome } = await given.engine.createVerification(caller, { recipient: '+33891234567' });
  expect(outcome).toEqual({ kind: 'country-not-allowed' });
});

test('an address has no line', async () => {
  await using given = await openEngine(everywhere);
  const request = { recipient: 'ada@example.com', wishes: { onlyMessageLines: true } } as const;
  const { outcome } = await given.engine.createVerification(caller, request);
  expect(outcome).toMatchObject({ kind: 'created' });
});

test('a test number is served whatever its line', async () => {
  const [recipient, keyId] = ['+449098790123', keys.data.activeId];
  const place = { tenantId, service: 'default', recipient };
  const sealed = sealTestCode('424242', place, keys.data.keys[keyId] ?? new Uint8Array(), new Uint8Array(12));
  const service = aService({ countries: ['*'], testNumbers: [{ recipient, keyId, sealed }] });
  await using given = await openEngine({ tenants: [aTenant({ service })] });
  const { outcome } = await given.engine.createVerification(caller, { recipient });
  expect(outcome).toMatchObject({ kind: 'created', verification: { test: true } });
});

test.each([
  ['+33612345678', undefined],
  ['+33891234567', 'line-not-served'],
])('another message to %s of an earlier verification: %s', async (recipient, kind) => {
  const route = resendRoute(aVerification({ recipient }), aService({ countries: ['*'] }), undefined, {
    sms: ['first'],
  });
  expect('kind' in route ? route.kind : undefined).toBe(kind);
});
