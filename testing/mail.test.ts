import { expect, test } from 'vitest';
import { smtpProvider } from '../src/channels/email/smtp.ts';
import { gatewayProvider } from '../src/channels/gateway/gateway.ts';
import { authorityFile, certificate } from './certificates.ts';
import { openGatewayServer } from './gateway-server.ts';
import { type MailServer, openMailServer } from './mail-server.ts';
import { aNumber, wrongFor } from './numbers.ts';
import { hangsUp, openOddMailServer } from './odd-mail-server.ts';
import { openServer, type TestServer } from './server.ts';
import { until } from './until.ts';

/* Providers of the product under the whole server: what a person gets to read, and what the API says of it. */

const login = { user: 'acme', password: 'correct horse battery staple' };

function mailer(name: string, port: number) {
  return smtpProvider(name, { host: '127.0.0.1', port, tls: 'none', from: 'login@acme.example' });
}

/** The send of a verification once it has ended. */
function endedSend({ alice }: TestServer, id: string) {
  return until('the send to end', async () => {
    const [send] = (await alice.get(id)).body.sends;
    return send?.endedAt === null ? undefined : send;
  });
}

/** The code as a person finds it: alone in an element of the HTML. */
async function codeIn(mails: MailServer): Promise<string> {
  const { html = '' } = await mails.mail();
  return />([0-9]{6})</.exec(html)?.[1] ?? '';
}

test('a code that was mailed over TLS verifies, once, and is in no log', async () => {
  await using mails = await openMailServer({ ...certificate('localhost'), login });
  const settings = { host: 'localhost', port: mails.port, from: 'login@acme.example', caFile: authorityFile };
  const provider = smtpProvider('mail', { ...settings, ...login });
  await using server = await openServer({ providers: [provider] });
  const { id } = (await server.alice.create({ recipient: 'Ada@Example.com' })).body;

  const code = await codeIn(mails);
  expect(mails.mails).toMatchObject([{ recipients: ['ada@example.com'] }]);
  expect(await endedSend(server, id)).toMatchObject({ provider: 'mail', status: 'submitted', tries: 1 });
  expect((await server.alice.check(id, wrongFor(code))).body).toMatchObject({ result: 'wrong_code' });
  expect((await server.alice.check(id, code)).body).toMatchObject({ result: 'verified' });
  expect(server.transcript.join('\n')).not.toContain(code);
  expect(server.log).toEqual([]);
});

test('the second provider gets what the first one refuses, and nobody is told in whose words', async () => {
  await using first = await openMailServer({ refuses: ['rcpt', 550] });
  await using second = await openMailServer();
  await using server = await openServer({ providers: [mailer('first', first.port), mailer('second', second.port)] });
  const { id } = (await server.alice.create({ recipient: 'ada@example.com' })).body;

  expect(await endedSend(server, id)).toMatchObject({
    provider: 'second',
    status: 'submitted',
    possibleDuplicate: false,
  });
  expect(first.mails).toEqual([]);
  expect((await server.alice.check(id, await codeIn(second))).body).toMatchObject({ result: 'verified' });
  expect(server.log).toEqual([]);
});

test('says with which number the only provider refused', async () => {
  await using mails = await openMailServer({ refuses: ['data', 554] });
  await using server = await openServer({ providers: [mailer('mail', mails.port)] });
  const { id } = (await server.alice.create({ recipient: 'ada@example.com' })).body;
  expect(await endedSend(server, id)).toMatchObject({ status: 'failed', reason: 'smtp_554' });
});

test('a mail whose answer was lost is tried once more, and marked', async () => {
  await using odd = await openOddMailServer('body', (socket, times) => (times === 1 ? hangsUp(socket, 1) : '250 ok'));
  await using server = await openServer({ providers: [mailer('mail', odd.port)] });
  const { id } = (await server.alice.create({ recipient: 'ada@example.com' })).body;
  expect(await endedSend(server, id)).toMatchObject({ status: 'submitted', tries: 2, possibleDuplicate: true });
  expect(odd.given.filter((step) => step === 'body')).toHaveLength(2);
  expect(server.log.map(({ text }) => text)).toEqual([expect.stringContaining('the outcome of a try is unknown')]);
  expect(server.log[0]?.text).not.toMatch(/ada@|[0-9]{6} is your/);
});

test('gives mail connections back when the server stops', async () => {
  await using mails = await openMailServer();
  await using server = await openServer({ providers: [mailer('mail', mails.port)] });
  const { id } = (await server.alice.create({ recipient: 'ada@example.com' })).body;
  await endedSend(server, id);
  expect(mails.standing).toBe(1);
  await server.parts.close();
  await until('the connection to end', () => (mails.standing === 0 ? true : undefined));
});

test('a code handed to a gateway verifies, under the id that the gateway was told', async () => {
  await using gateway = await openGatewayServer({
    answers: (response) => void response.writeHead(202).end('{"messageId":"SM42"}'),
  });
  const settings = { url: gateway.url, secret: 'plain text of at least 32 letters' };
  await using server = await openServer({ providers: [gatewayProvider('own', settings)] });
  const recipient = aNumber();
  const { id, expiresAt } = (await server.alice.create({ recipient })).body;

  expect(await endedSend(server, id)).toMatchObject({ provider: 'own', status: 'submitted' });
  const message = JSON.parse(gateway.posts[0]?.body ?? '');
  expect(message).toMatchObject({ id: `${id}-1`, channel: 'sms', recipient, sender: 'Countersign', expiresAt });
  expect(message.text).toContain(message.code);
  expect((await server.alice.check(id, message.code)).body).toMatchObject({ result: 'verified' });
});
