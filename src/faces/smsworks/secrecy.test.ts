import { expect, test } from 'vitest';
import { openServer } from '../../../testing/server.ts';
import { login, smsworksOf } from '../../../testing/smsworks.ts';
import { pairOf } from '../../domain/api-key.ts';

test('no passcode and no secret lies in the database, in a log, or in an answer before it was right', async () => {
  await using server = await openServer();
  const client = await smsworksOf(server);
  const generated = await client.sent({ length: 10 });
  const chosen = await client.sent({ passcode: 'Canary7Canary7' });
  const passcodes = [generated.passcode, 'Canary7Canary7'];
  const answers = [await client.get(generated.id), await client.get(chosen.id)];
  answers.push(await client.verify({ passcode: 'Canary7Canary8' }), await client.send({ passcode: 'Canary7Canary7!' }));
  answers.push(await login(server, server.alice.apiKey, { secret: 'cd'.repeat(32) }));
  const told = JSON.stringify([answers.map(({ text }) => text), server.log]);
  const kept = JSON.stringify(await server.rows());
  for (const passcode of passcodes) {
    expect(told).not.toContain(passcode);
    expect(kept).not.toContain(passcode);
  }
  for (const secret of [pairOf(server.alice.apiKey).secret, client.token.slice(-43)])
    expect(kept).not.toContain(secret);

  for (const passcode of passcodes) expect((await client.verify({ passcode })).status).toBe(200);
  const after = JSON.stringify([await server.rows(), server.log]);
  for (const passcode of passcodes) expect(after).not.toContain(passcode);
});
