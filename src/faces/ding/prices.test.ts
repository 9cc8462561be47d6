import { expect, test } from 'vitest';
import { locally } from '../../../testing/administration.ts';
import { openDing } from '../../../testing/ding.ts';
import { aNumber } from '../../../testing/numbers.ts';
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

test('another message of a pending authentication takes what its own channel costs', async () => {
  await using ding = await openDing({
    prices: priceTable('EUR', [
      { channel: 'sms', country: '*', perPartMicros: 10_000 },
      { channel: 'voice', country: '*', perPartMicros: 70_000 },
    ]),
  });
  const tenant = `/admin/v1/tenants/${ding.server.alice.tenantId}`;
  await locally(ding.server, 'PATCH', tenant, { prepaid: true });
  await locally(ding.server, 'POST', `${tenant}/balance`, { amount: 0.1 });
  const template_id = await ding.service({ retryChannels: ['voice'] }, { channels: ['sms', 'voice'] });
  const phone_number = aNumber();
  expect(await ding.send({ phone_number, template_id })).toMatchObject({ body: { status: 'pending' } });
  ding.clock.advance(30_000);
  expect(await ding.send({ phone_number, template_id })).toMatchObject({ body: { status: 'pending' } });
  const headers = { authorization: `Bearer ${ding.key}` };
  const left = await fetch(`${ding.server.url}/v1/balance`, { headers });
  expect(await left.json()).toMatchObject({ prepaid: true, balance: 0.02 });

  ding.clock.advance(60_000);
  expect(await ding.send({ phone_number, template_id })).toMatchObject({
    status: 400,
    body: { code: 'negative_balance' },
  });
  expect(ding.server.outbox.messages.map(({ channel }) => channel)).toEqual(['sms', 'voice']);
});
