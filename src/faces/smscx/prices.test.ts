import { afterAll, beforeAll, expect, test } from 'vitest';
import { locally } from '../../../testing/administration.ts';
import { openSmscx, type Smscx } from '../../../testing/smscx.ts';
import { priceTable } from '../../domain/price.ts';

let smscx: Smscx;
beforeAll(async () => {
  smscx = await openSmscx({ prices: priceTable('EUR', [{ channel: 'sms', country: 'FR', perPartMicros: 45_000 }]) });
});
afterAll(() => smscx[Symbol.asyncDispose]());

test('who pays beforehand sees what an OTP costs, part by part, and 1113 when it is more than is left', async () => {
  const { server } = smscx;
  const tenant = `/admin/v1/tenants/${server.alice.tenantId}`;
  await locally(server, 'PATCH', tenant, { prepaid: true });
  await locally(server, 'POST', `${tenant}/balance`, { amount: 0.15 });

  const template = `{{pin}} ${'x'.repeat(160)}`;
  expect((await smscx.create({ template })).body).toMatchObject({ parts: 2, cost: 0.09 });
  expect((await smscx.create()).body).toMatchObject({ parts: 1, cost: 0.045 });
  const refused = await smscx.create();
  expect(refused.said).toBe('1113 insufficient_credit 400');
  expect((await smscx.ask('GET', '/account/balance')).body).toMatchObject({ balance: 0.015, currency: 'eur' });
  expect(server.outbox.messages).toHaveLength(2);
});
