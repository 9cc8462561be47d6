import { expect, test } from 'vitest';
import { locally } from '../../../testing/administration.ts';
import { openReceiver } from '../../../testing/receiver.ts';
import { openServer } from '../../../testing/server.ts';
import { errorOf, freshMobile, smsworksOf } from '../../../testing/smsworks.ts';

/* What an operator sets up for a tenant, as its callers see it. */

test('who pays beforehand sees credits go, part by part, and 402 when they are gone', async () => {
  await using server = await openServer();
  const client = await smsworksOf(server);
  const tenant = `/admin/v1/tenants/${server.alice.tenantId}`;
  await locally(server, 'PATCH', tenant, { prepaid: true });
  await locally(server, 'POST', `${tenant}/balance`, { amount: 3.5 });
  expect((await client.ask('GET', '/credits/balance')).body).toEqual({ credits: 3.5 });

  const one = await client.send();
  expect(one.body).toMatchObject({ credits: 2.5, creditsUsed: 1, messageparts: 1 });
  const two = await client.send({ template: `{{passcode}} ${'x'.repeat(160)}` });
  expect(two.body).toMatchObject({ credits: 0.5, creditsUsed: 2, messageparts: 2 });
  const refused = await client.send();
  expect([refused.status, refused.body]).toMatchObject([402, errorOf(402)]);
  expect((await client.ask('GET', '/credits/balance')).body).toEqual({ credits: 0.5 });
});

test('a message in another alphabet has parts of 70 characters', async () => {
  await using server = await openServer();
  const client = await smsworksOf(server);
  const partsOf = async (template: string) => (await client.send({ template })).body.messageparts;
  expect(await partsOf(`{{passcode}}${'я'.repeat(64)}`)).toBe(1);
  expect(await partsOf(`{{passcode}}${'я'.repeat(65)}`)).toBe(2);
  expect(await partsOf(`{{passcode}}${'x'.repeat(154)}`)).toBe(1);
  expect(await partsOf(`{{passcode}}${'x'.repeat(155)}`)).toBe(2);
});

test('a sender that the service does not list is 403', async () => {
  await using server = await openServer();
  const client = await smsworksOf(server);
  await server.alice.request('PATCH', '/v1/services/default', { body: { senders: ['Acme'] } });
  const refused = await client.send({ sender: 'Other' });
  expect([refused.status, refused.body]).toMatchObject([403, errorOf(403)]);
  expect((await client.send({ sender: 'ACME' })).status).toBe(201);
});

test('a number that nobody reads messages at is 400', async () => {
  await using server = await openServer();
  const { status, body } = await (await smsworksOf(server)).send({ destination: '449098790000' });
  expect([status, body]).toMatchObject([400, { ...errorOf(400), message: expect.stringMatching(/^destination /) }]);
});

test('reports go to the address of the service, unsigned, and without passcode or text', async () => {
  await using receiver = await openReceiver();
  await using server = await openServer({ callbacks: 'anywhere' });
  const client = await smsworksOf(server);
  const callbackUrl = `${receiver.url}/reports?key=s3cret`;
  await server.alice.request('PATCH', '/v1/services/default', { body: { callbackUrl } });
  const destination = freshMobile();
  const { id, passcode } = await client.sent({ destination, sender: 'Acme', template: 'Canary {{passcode}}' });
  const [report] = await receiver.calls(1);
  expect([report?.method, report?.path]).toEqual(['POST', '/reports?key=s3cret']);
  expect(JSON.parse(report?.text ?? '')).toEqual({
    messageid: id,
    status: 'SENT',
    destination: Number(destination),
    sender: 'Acme',
    created: expect.stringMatching(/Z$/),
    modified: expect.stringMatching(/Z$/),
    failurereason: null,
  });
  expect(report?.text).not.toMatch(new RegExp(`Canary|${passcode}`));
  await client.verify({ passcode });
  expect(receiver.received).toHaveLength(1);
});
