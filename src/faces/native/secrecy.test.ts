import { expect, test } from 'vitest';
import { virtualClock } from '../../../testing/clock.ts';
import { aNumber, wrongFor } from '../../../testing/numbers.ts';
import { openServer, type TestServer } from '../../../testing/server.ts';

/* Codes of ten letters, so that nothing else looks like one by chance. */
const long = { codeLength: 10, codeAlphabet: 'letters' } as const;

/** Goes through everything that can happen to a verification whose code is known. */
async function live({ alice, bob, outbox }: TestServer, id: string, advance: (ms: number) => void): Promise<string[]> {
  const headers = { 'idempotency-key': `key of ${id}`.replaceAll(' ', '-') };
  const codes = [await outbox.code(id)];
  const [code = ''] = codes;
  const { recipient } = (await alice.get(id)).body;
  const wrong = wrongFor(code);
  await alice.create({ recipient, reference: 'login-1' });
  await bob.check(id, code);
  await bob.checkRecipient({ recipient, code });
  await alice.check(id, wrong, headers);
  await alice.check(id, wrong, headers);
  await alice.check(id, `${code}!`);
  await alice.check(id, [code]);
  await alice.check(id, `${code} `.repeat(5));
  await alice.request('POST', `/v1/verifications/${id}/checks?code=${code}`, { body: { code } });
  await alice.request('POST', `/v1/verifications/${id}/checks`, { raw: `{"code":"${code}"` });
  await alice.request('POST', `/v1/verifications/${id}/checks`, { raw: `{"code":"${code}","code":"${code}"}` });
  await alice.checkRecipient({ recipient, reference: code, code: wrong });
  await alice.resend(id);
  advance(30_000);
  await alice.resend(id);
  advance(60_000);
  await alice.resend(id, { newCode: true });
  const fresh = await outbox.code(id, 3);
  await alice.get(id);
  await alice.list({ recipient });
  const verified = await alice.checkRecipient({ recipient, code: fresh.toLowerCase() }, headers);
  expect(verified.body.result).toBe('verified');
  await alice.checkRecipient({ recipient, code: fresh.toLowerCase() }, headers);
  await alice.check(id, fresh);
  await alice.cancel(id);
  await alice.get(id);
  return [...codes, fresh, wrong];
}

test('lets no code out, in any answer, log line or row', async () => {
  const clock = virtualClock();
  await using server = await openServer({ clock });
  const advance = (ms: number) => clock.advance(ms);
  const said = [
    { ...long, reference: 'login-1' },
    { ...long, template: 'Use {{code}} at {{brand}}' },
    { code: 'QZJXKVWMPT', reference: 'login-1' },
  ];
  for (const fields of said) {
    const headers = { 'idempotency-key': `create-${said.indexOf(fields)}` };
    const asked = { recipient: aNumber(), ...fields };
    const { body } = await server.alice.create(asked, headers);
    await server.alice.create(asked, headers);
    await server.outbox.message(body.id);
    const codes = 'template' in fields ? await liveWithTemplate(server, body.id) : await live(server, body.id, advance);
    expect(codes.length).toBeGreaterThan(0);
    for (const code of codes) {
      expect(code).toMatch(/^[A-Z23]{10}$/);
      await expectNowhere(server, code);
    }
  }
});

async function liveWithTemplate({ alice, outbox }: TestServer, id: string): Promise<string[]> {
  const code = (await outbox.message(id)).text.split(' ')[1] ?? '';
  expect((await alice.get(id)).status).toBe(200);
  expect((await alice.check(id, code)).body.result).toBe('verified');
  return [code];
}

async function expectNowhere({ transcript, log, rows }: TestServer, code: string): Promise<void> {
  const spellings = [
    code,
    code.toLowerCase(),
    Buffer.from(code).toString('base64').slice(0, -3),
    Buffer.from(code).toString('hex'),
  ];
  const places = { answers: transcript.join('\n'), log: JSON.stringify(log), rows: JSON.stringify(await rows()) };
  for (const [place, text] of Object.entries(places)) {
    for (const spelled of spellings) expect([place, text.includes(spelled)]).toEqual([place, false]);
  }
}

test('keeps nothing of a code once its verification has ended', async () => {
  const clock = virtualClock();
  await using server = await openServer({ clock });
  const { alice, outbox, parts } = server;
  const secrets = async () => (await parts.store.queries.counts()).verificationsWithSecret;
  const ends: ((id: string, code: string) => Promise<unknown>)[] = [
    (id, code) => alice.check(id, code),
    (id, code) => alice.check(id, wrongFor(code)),
    (id) => alice.cancel(id),
    async () => {
      clock.advance(300_000);
      await parts.sweeper.maintain();
    },
  ];
  for (const end of ends) {
    for (const fields of [{}, { code: 'QZJXKVWMPT' }]) {
      const { body } = await alice.create({ recipient: aNumber(), maxAttempts: 1, ...fields });
      const code = await outbox.code(body.id);
      expect(await secrets()).toBe(1);
      await end(body.id, code);
      expect(await secrets()).toBe(0);
    }
  }
});

test("answers another tenant's right code with 404, and leaves every attempt", async () => {
  await using server = await openServer();
  const { alice, bob, outbox } = server;
  const { body } = await alice.create({ recipient: aNumber() });
  const code = await outbox.code(body.id);
  const before = await server.rows();
  expect((await bob.check(body.id, code)).status).toBe(404);
  expect(await server.rows()).toEqual(before);
  expect((await alice.check(body.id, code)).body).toMatchObject({ result: 'verified' });
});

test('has no code that fits every verification', async () => {
  await using server = await openServer();
  const { alice } = server;
  const { body } = await alice.create({ recipient: aNumber(), codeLength: 10 });
  for (const code of ['0000000000', '1234567890', '1111111111', '9999999999']) {
    expect((await alice.check(body.id, code)).body.result).toBe('wrong_code');
  }
});
