import { afterAll, beforeAll, expect, test } from 'vitest';
import { aMessage, aService, aTenant } from '../../../testing/builders.ts';
import { carried, settled } from '../../../testing/carried.ts';
import { openEngine } from '../../../testing/engine.ts';
import { type MailServer, openMailServer } from '../../../testing/mail-server.ts';
import type { Provider } from '../../engine/provider.ts';
import { smtpProvider } from './smtp.ts';

let server: MailServer;
let provider: Provider;

beforeAll(async () => {
  server = await openMailServer();
  provider = smtpProvider('first', {
    host: '127.0.0.1',
    port: server.port,
    tls: 'none',
    from: 'login@acme.example',
    codeInSubject: true,
  });
});

afterAll(async () => {
  await provider.close?.();
  await server[Symbol.asyncDispose]();
});

/** Every header that a mail has, once. */
const headersOfAMail = [
  'auto-submitted',
  'content-type',
  'date',
  'from',
  'message-id',
  'mime-version',
  'subject',
  'to',
  'x-auto-response-suppress',
];

const injections = [
  'Acme\r\nBcc: eve@example.com',
  'Acme\nBcc: eve@example.com',
  'Acme\rBcc: eve@example.com',
  'Acme\r\n\tBcc: eve@example.com',
  'Acme\u0000Bcc: eve@example.com',
  'Acme\u0085Bcc: eve@example.com',
  'Acme\u2028Bcc: eve@example.com',
  'Acme\r\n\r\n<script>alert(1)</script>',
  'Acme\r\n.\r\nMAIL FROM:<eve@example.com>\r\nRCPT TO:<eve@example.com>\r\nDATA\r\n',
  'Acme" <eve@example.com>, "',
  'Acme <eve@example.com>',
  'Acme, eve@example.com',
  'Acme; eve@example.com',
  'eve@example.com',
  'undisclosed: eve@example.com;',
  '=?utf-8?Q?Acme=0D=0ABcc:_eve@example.com?=',
  '=?utf-8?B?QWNtZQ0KQmNjOiBldmVAZXhhbXBsZS5jb20=?=',
  'Acme\\',
  '(Acme',
  '\u202emoc.elpmaxe@eve',
  '{{code}} $& $1',
  `${'x'.repeat(997)}\r\nBcc: eve@example.com`,
  `Ünïcödé ${'é'.repeat(300)}`,
  '<img src=x onerror=alert(1)>',
  '',
];

test.each(injections)('stays one mail with its own headers for brand and sender %j', async (payload) => {
  const before = server.mails.length;
  const brand = aTenant({ service: aService({ brand: payload }) });
  await using given = await openEngine({ providers: [provider], tenants: [brand], tryTimeoutMs: 10_000 });
  const requested = { recipient: 'ada@example.com', channel: 'email', sender: payload } as const;
  const command = await carried(given, { requested, providers: ['first'] });
  expect(await settled(given, command)).toMatchObject({ status: 'submitted' });

  expect(server.mails.slice(before)).toMatchObject([{ sender: 'login@acme.example', recipients: ['ada@example.com'] }]);
  const { headers, from, to, html } = await server.mail(before + 1);
  expect(headers.map(({ key }) => key).sort()).toEqual(headersOfAMail);
  expect(to).toEqual([{ address: 'ada@example.com', name: '' }]);
  expect(from).toMatchObject({ address: 'login@acme.example' });
  expect(headers.find(({ key }) => key === 'subject')?.value).not.toMatch(/\p{Cc}/u);
  expect(html).not.toMatch(/<script|<img/i);
});

const recipients = [
  'ada@example.com, eve@example.com',
  'ada@example.com;eve@example.com',
  'ada@example.com\r\nRCPT TO:<eve@example.com>',
  'ada@example.com\nBcc: eve@example.com',
  'ada@example.com\u0000',
  '<ada@example.com>',
  'ada@example.com> SIZE=1 <',
  'Ada <ada@example.com>',
  '"ada eve@example.com x"@internal.example',
  '"ada"@example.com',
  'ada@[127.0.0.1]',
  'ada@@example.com',
  'friends: ada@example.com;',
  'ada@example.com (eve@example.com)',
  'Ada@example.com',
  'adå@example.com',
  ' ada@example.com',
  '+33612345678',
  '@example.com',
  '',
];

test.each(recipients)('refuses %j, which is not one plain canonical address', async (recipient) => {
  const before = server.begun;
  const outcome = await provider.send(aMessage({ channel: 'email', recipient }), { signal: AbortSignal.timeout(9000) });
  expect(outcome).toEqual({ kind: 'refused', reason: 'not-one-plain-address' });
  expect(server.begun).toBe(before);
});

test('refuses what is not e-mail', async () => {
  const message = aMessage({ channel: 'sms', recipient: 'ada@example.com' });
  expect(await provider.send(message, { signal: AbortSignal.timeout(9000) })).toMatchObject({ kind: 'refused' });
});

test('an address with every sign that is allowed arrives as it is', async () => {
  const recipient = "o'hara+tag.!#$%&*/=?^_`{|}~-@example.com";
  const before = server.mails.length;
  const outcome = await provider.send(aMessage({ channel: 'email', recipient }), { signal: AbortSignal.timeout(9000) });
  expect(outcome).toMatchObject({ kind: 'accepted' });
  expect(server.mails[before]?.recipients).toEqual([recipient]);
  expect((await server.mail(before + 1)).to).toEqual([{ address: recipient, name: '' }]);
});

test('a domain with letters beyond ASCII travels in its ASCII form', async () => {
  const recipient = 'ada@xn--bcher-kva.example';
  const before = server.mails.length;
  await provider.send(aMessage({ channel: 'email', recipient }), { signal: AbortSignal.timeout(9000) });
  expect(server.mails[before]?.raw).toContain(`To: ${recipient}\r\n`);
});

test('a text of several lines, with markup, is shown as it is', async () => {
  const before = server.mails.length;
  const text = 'Hallo <b>Ada</b> & Eve,\n\n.\n123456 öffnet Acme\n';
  await provider.send(aMessage({ channel: 'email', recipient: 'ada@example.com', text }), {
    signal: AbortSignal.timeout(9000),
  });
  const mail = await server.mail(before + 1);
  expect(mail.text?.replaceAll('\r\n', '\n').trim()).toBe(text.trim());
  expect(mail.html).toContain('Hallo &lt;b&gt;Ada&lt;/b&gt; &amp; Eve,<br>');
});
