import { afterAll, expect, test } from 'vitest';
import { aMessage, times } from '../../../testing/builders.ts';
import { type MailServer, openMailServer, type Refusal } from '../../../testing/mail-server.ts';
import { hangsUp, openOddMailServer, resets, type Step, stalls, steps } from '../../../testing/odd-mail-server.ts';
import { until } from '../../../testing/until.ts';
import type { Message, Provider } from '../../engine/provider.ts';
import { type SmtpTiming, smtpProvider } from './smtp.ts';
import type { SmtpSettings } from './smtp-settings.ts';

const patient: SmtpTiming = { connectMs: 5000, answerMs: 10_000, sendMs: 9000 };
const waits = () => ({ signal: new AbortController().signal });
const opened: Provider[] = [];

afterAll(() => Promise.all(opened.map((provider) => provider.close?.())));

function providerTo(port: number, given: Partial<SmtpSettings> = {}, timing: Partial<SmtpTiming> = {}): Provider {
  const settings = { host: '127.0.0.1', port, tls: 'none', from: 'login@acme.example', ...given } as const;
  const provider = smtpProvider('mail', settings, { ...patient, ...timing });
  opened.push(provider);
  return provider;
}

const aMail = (given: Partial<Message> = {}) =>
  aMessage({ channel: 'email', recipient: 'ada@example.com', reference: 'v1-1', ...given });

test('carries a message to its one recipient, with the code in text and HTML', async () => {
  await using server = await openMailServer();
  const outcome = await providerTo(server.port).send(aMail({ code: '012345' }), waits());
  expect(outcome).toEqual({ kind: 'accepted', providerMessageId: 'Q1ABC' });

  expect(server.mails).toMatchObject([{ sender: 'login@acme.example', recipients: ['ada@example.com'] }]);
  const mail = await server.mail();
  expect(mail.from).toEqual({ address: 'login@acme.example', name: 'Acme' });
  expect(mail.to).toEqual([{ address: 'ada@example.com', name: '' }]);
  expect(mail.subject).toBe('Your Acme verification code');
  expect(mail.text?.trim()).toBe(
    '012345 is your Acme verification code. It expires in 5 minutes. Do not share it with anyone.',
  );
  expect(mail.html).toMatch(/<html lang="en">/);
  expect(mail.html).toMatch(/>012345<\/p>/);
  expect(mail.attachments).toEqual([]);
});

test('marks the mail as automatic, gives it the id of its send, and names no software', async () => {
  await using server = await openMailServer();
  await providerTo(server.port, { replyTo: 'help@acme.example' }).send(aMail(), waits());
  const { headers, messageId, date, replyTo } = await server.mail();
  expect(Object.fromEntries(headers.map(({ key, value }) => [key, value]))).toMatchObject({
    'auto-submitted': 'auto-generated',
    'x-auto-response-suppress': 'All',
    'message-id': '<v1-1@acme.example>',
  });
  expect(messageId).toBe('<v1-1@acme.example>');
  expect(Math.abs(Date.now() - Date.parse(date ?? ''))).toBeLessThan(60_000);
  expect(replyTo).toEqual([{ address: 'help@acme.example', name: '' }]);
  expect(headers.map(({ key }) => key)).not.toContain('x-mailer');
});

test('shows the code in the subject only where that is wanted', async () => {
  await using server = await openMailServer();
  await providerTo(server.port, { codeInSubject: true }).send(aMail({ code: '012345' }), waits());
  expect((await server.mail()).subject).toBe('012345 is your Acme verification code');
  await providerTo(server.port).send(aMail({ code: '012345' }), waits());
  expect((await server.mail(2)).subject).not.toContain('012345');
});

test('has no link, no image and nothing from elsewhere', async () => {
  await using server = await openMailServer();
  await providerTo(server.port).send(aMail(), waits());
  expect((await server.mail()).html).not.toMatch(/<a\b|<img|<link|<script|https?:|url\(|src=|@import/i);
});

const refusals: [at: Refusal[0], reply: number, outcome: object][] = [
  ['rcpt', 550, { kind: 'refused', reason: 'smtp-550' }],
  ['mail', 553, { kind: 'refused', reason: 'smtp-553' }],
  ['data', 554, { kind: 'refused', reason: 'smtp-554' }],
  ['rcpt', 450, { kind: 'unavailable', reason: 'smtp-450' }],
  ['mail', 451, { kind: 'unavailable', reason: 'smtp-451' }],
  ['data', 451, { kind: 'unavailable', reason: 'smtp-451' }],
  ['rcpt', 421, { kind: 'unavailable', reason: 'smtp-421' }],
  ['data', 421, { kind: 'unavailable', reason: 'smtp-421' }],
  ['mail', 503, { kind: 'unavailable', reason: 'smtp-503' }],
  ['mail', 530, { kind: 'unavailable', reason: 'authentication-failed' }],
  ['connect', 421, { kind: 'unavailable', reason: 'smtp-421' }],
  ['connect', 554, { kind: 'unavailable', reason: 'smtp-554' }],
];

test.each(refusals)('tells what became of a mail refused at %s with %d', async (at, reply, outcome) => {
  await using server = await openMailServer({ refuses: [at, reply] });
  expect(await providerTo(server.port).send(aMail(), waits())).toEqual(outcome);
  expect(server.mails).toEqual([]);
});

test('goes on over the same connection after a refused recipient', async () => {
  await using server = await openMailServer({ refuses: ['rcpt', 550] });
  const provider = providerTo(server.port, { maxConnections: 1 });
  for (const reference of ['v1-1', 'v2-1']) await provider.send(aMail({ reference }), waits());
  expect(server.begun).toBe(2);
  expect(server.connections).toBe(1);
});

/** What was begun before it: nothing of the mail has left, so that a later try does no harm. */
const early = steps.filter((step) => step !== 'body');

test.each(early)('is unavailable when the server hangs up at %s', async (step) => {
  await using server = await openOddMailServer(step, hangsUp);
  const outcome = await providerTo(server.port).send(aMail(), waits());
  expect(outcome).toEqual({ kind: 'unavailable', reason: 'connection-lost' });
});

test.each(early)('is unavailable when the connection is reset at %s', async (step) => {
  await using server = await openOddMailServer(step, resets);
  const outcome = await providerTo(server.port).send(aMail(), waits());
  // A reset can overtake the connection itself.
  const reason = expect.stringMatching(step === 'connect' ? /^connection-lost$|^cannot-connect$/ : /^connection-lost$/);
  expect(outcome).toEqual({ kind: 'unavailable', reason });
});

test.each(early)('is unavailable when the server stalls at %s', async (step) => {
  await using server = await openOddMailServer(step, stalls);
  const impatient = step === 'connect' ? { connectMs: 300 } : { answerMs: 300 };
  const outcome = await providerTo(server.port, {}, impatient).send(aMail(), waits());
  expect(outcome).toEqual({ kind: 'unavailable', reason: 'timed-out' });
});

const ends: [sentence: string, odd: Parameters<typeof openOddMailServer>[1], timing: Partial<SmtpTiming>][] = [
  ['hangs up', hangsUp, {}],
  ['resets the connection', resets, {}],
  ['stalls', stalls, { answerMs: 1000 }],
  ['does not answer before all time is up', stalls, { sendMs: 1000 }],
  ['breaks off in the middle of its answer', (socket) => void socket.end('250 o'), {}],
  ['breaks off in the middle of a refusal', (socket) => void socket.end('550 n'), {}],
  ['asks for the mail a second time', () => '354 go on', {}],
];

test.each(ends)('knows nothing when the server %s after the final dot', async (_, odd, timing) => {
  await using server = await openOddMailServer('body', odd);
  await expect(providerTo(server.port, {}, timing).send(aMail(), waits())).rejects.toThrow(
    /ended before the server said/,
  );
  expect(server.given.filter((step) => step === 'body')).toHaveLength(1);
});

const abandoned: [step: Step, outcome: string][] = [
  ['connect', 'timed-out'],
  ['RCPT', 'timed-out'],
  ['body', 'unknown'],
];

test.each(abandoned)(
  'stops waiting at %s when told to, and does not use that connection again',
  async (step, outcome) => {
    await using server = await openOddMailServer(step, (_, count) => (count === 1 ? undefined : fine[step]));
    const provider = providerTo(server.port, { maxConnections: 1 });
    const controller = new AbortController();
    const sent = provider.send(aMail(), controller).then(
      (result) => (result.kind === 'unavailable' ? result.reason : result.kind),
      () => 'unknown',
    );
    await until('the step', () => (server.given.includes(step) ? true : undefined));
    controller.abort();
    expect(await sent).toBe(outcome);
    expect(await provider.send(aMail({ reference: 'v2-1' }), waits())).toMatchObject({ kind: 'accepted' });
    expect(server.connections).toBe(2);
  },
);

const fine: Partial<Record<Step, string>> = { connect: '220 odd', RCPT: '250 ok', body: '250 ok' };

test('gives up at once when it was told to before it began', async () => {
  await using server = await openMailServer();
  const outcome = await providerTo(server.port).send(aMail(), { signal: AbortSignal.abort() });
  expect(outcome).toEqual({ kind: 'unavailable', reason: 'timed-out' });
  expect(server.begun).toBe(0);
});

test('takes another connection when the server dropped an idle one', async () => {
  await using server = await openOddMailServer('MAIL', (socket, count) => {
    if (count !== 2) return '250 ok';
    socket.end();
    return undefined;
  });
  const provider = providerTo(server.port, { maxConnections: 1 });
  expect(await provider.send(aMail(), waits())).toMatchObject({ kind: 'accepted' });
  expect(await provider.send(aMail({ reference: 'v2-1' }), waits())).toMatchObject({ kind: 'accepted' });
  expect(server.given.filter((step) => step === 'body')).toHaveLength(2);
});

test('is unavailable when nobody listens', async () => {
  const { port } = await (async () => {
    await using server = await openMailServer();
    return server;
  })();
  const outcome = await providerTo(port).send(aMail(), waits());
  expect(outcome).toEqual({ kind: 'unavailable', reason: 'cannot-connect' });
});

test('is unavailable when the name leads nowhere', async () => {
  const outcome = await providerTo(1, { host: 'mail.invalid' }).send(aMail(), waits());
  expect(outcome).toEqual({ kind: 'unavailable', reason: 'cannot-connect' });
});

async function sendMany(provider: Provider, count: number): Promise<void> {
  const sent = times(count, (index) => provider.send(aMail({ reference: `v${index}-1` }), waits()));
  const outcomes = await Promise.all(sent);
  expect(outcomes.map(({ kind }) => kind)).toEqual(outcomes.map(() => 'accepted'));
}

async function allGone(server: MailServer, withinMs?: number): Promise<void> {
  await until('connections to end', () => (server.standing === 0 ? true : undefined), withinMs);
}

test('carries many mails over few connections, and gives them back when it is closed', async () => {
  await using server = await openMailServer();
  const provider = providerTo(server.port, { maxConnections: 2 });
  await sendMany(provider, 40);
  expect(server.mails).toHaveLength(40);
  expect(new Set(server.mails.flatMap(({ recipients }) => recipients))).toEqual(new Set(['ada@example.com']));
  expect(server.connections).toBe(2);
  expect(server.standing).toBe(2);
  await provider.close?.();
  // Left alone they would end too, after eight seconds.
  await allGone(server, 5000);
});

test('changes a connection after as many mails as the settings say', async () => {
  await using server = await openMailServer();
  await sendMany(providerTo(server.port, { maxConnections: 1, maxMessages: 5 }), 12);
  expect(server.connections).toBe(3);
});

test('lets go of a connection that nobody uses', async () => {
  await using server = await openMailServer();
  await sendMany(providerTo(server.port, {}, { answerMs: 1000 }), 1);
  await allGone(server);
});

test('says of itself that it carries e-mail and cannot tell repetitions', () => {
  const provider = providerTo(1);
  expect(provider).toMatchObject({ name: 'mail', channels: ['email'], deduplicates: false });
  expect(provider.warnings).toBeUndefined();
});
