import { expect, test } from 'vitest';
import { aTenant, tenantId } from '../../testing/builders.ts';
import { openEngine } from '../../testing/engine.ts';

const caller = { tenantId, face: 'native', seesAllFaces: true };

const tenantFor = (countries: readonly string[]) => {
  const tenant = aTenant();
  return { ...tenant, service: { ...tenant.service, countries } };
};

const ofNoCountry = [
  ['satellite', '+881612345678'],
  ['satellite', '+870773111632'],
  ['an international network', '+88213300655'],
  ['an international network', '+883510012345'],
  ['international premium rate', '+979123456789'],
  ['international shared cost', '+80812345678'],
  ['international freephone', '+80012345678'],
] as const;

test.each(ofNoCountry)('a number of %s, %s, is refused where countries are listed', async (_, recipient) => {
  await using given = await openEngine({ tenants: [tenantFor(['FR'])] });
  const { outcome } = await given.engine.createVerification(caller, { recipient });
  expect(outcome).toEqual({ kind: 'country-not-allowed' });
});

test.each([
  ['00881612345678', 'FR'],
  ['00979123456789', 'FR'],
  ['011881612345678', 'US'],
])('written with the international prefix, as %s in %s, it is refused too', async (recipient, country) => {
  await using given = await openEngine({ tenants: [tenantFor(['FR', 'US'])] });
  const { outcome } = await given.engine.createVerification(caller, { recipient, country });
  expect(outcome).toEqual({ kind: 'country-not-allowed' });
});

test.each([
  ['+33612345678', undefined],
  ['+12015550123', { kind: 'country-not-allowed' }],
  ['+3361234567', { kind: 'invalid', field: 'recipient' }],
] as const)('can be asked beforehand what keeps a message from %s, and sends none', async (recipient, refusal) => {
  await using given = await openEngine({ tenants: [tenantFor(['FR'])] });
  const answer = await given.engine.refusalOf(caller, { recipient });
  if (refusal === undefined) expect(answer).toBeUndefined();
  else expect(answer).toMatchObject(refusal);
  expect((await given.engine.verifications(caller, { recipient: '+33612345678', limit: 1 })) as object).toEqual({
    kind: 'page',
    verifications: [],
  });
});

test.each([
  ['+33612345678', 'created'],
  ['+12015550123', 'country-not-allowed'],
  ['ada@example.com', 'created'],
])('where France alone is listed, %s is %s', async (recipient, kind) => {
  await using given = await openEngine({ tenants: [tenantFor(['FR'])], routes: { sms: ['first'], email: ['first'] } });
  const { outcome } = await given.engine.createVerification(caller, { recipient });
  expect(outcome).toMatchObject({ kind });
});
