import { expect, test } from 'vitest';
import { locally } from '../../../testing/administration.ts';
import { openDing } from '../../../testing/ding.ts';
import { priceTable } from '../../domain/price.ts';

test('who pays beforehand is told negative_balance when a message costs more than is left', async () => {
  await using ding = await openDing({
    prices: priceTable('EUR', [{ channel: 'sms', country: '*', perPartMicros: 45_000 }]),
  });
  const tenant = `/admin/v1/tenants/${ding.server.alice.tenantId}`;
  await locally(ding.server, 'PATCH', tenant, { prepaid: true });
  expect(await ding.send()).toMatchObject({ status: 400, body: { code: 'negative_balance' } });
  await locally(ding.server, 'POST', `${tenant}/balance`, { amount: 0.05 });
  expect(await ding.send()).toMatchObject({ status: 200, body: { status: 'pending' } });
  expect(await ding.send()).toMatchObject({ status: 400, body: { code: 'negative_balance' } });
  expect(ding.server.outbox.messages).toHaveLength(1);
});
