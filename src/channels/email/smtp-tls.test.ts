import { afterAll, expect, test } from 'vitest';
import { aMessage } from '../../../testing/builders.ts';
import { authorityFile, badCertificates, certificate } from '../../../testing/certificates.ts';
import { type MailServerOptions, openMailServer } from '../../../testing/mail-server.ts';
import { openOddMailServer, stalls } from '../../../testing/odd-mail-server.ts';
import type { Provider } from '../../engine/provider.ts';
import { smtpProvider } from './smtp.ts';
import type { SmtpSettings } from './smtp-settings.ts';

const opened: Provider[] = [];
const call = { signal: AbortSignal.timeout(60_000) };

afterAll(() => Promise.all(opened.map((provider) => provider.close?.())));

function providerTo(port: number, given: Partial<SmtpSettings>): Provider {
  const provider = smtpProvider('mail', { host: 'localhost', port, from: 'login@acme.example', ...given });
  opened.push(provider);
  return provider;
}

const send = (provider: Provider) => provider.send(aMessage({ channel: 'email', recipient: 'ada@example.com' }), call);

const login = { user: 'acme', password: 'correct horse battery staple' };
const good = certificate('localhost');
const trusting = { caFile: authorityFile };

const ways: [tls: 'implicit' | 'starttls', server: MailServerOptions][] = [
  ['implicit', { ...good, secure: true }],
  ['starttls', { ...good }],
];

test.each(ways)('carries a mail over %s TLS, with user and password', async (tls, options) => {
  await using server = await openMailServer({ ...options, login });
  const provider = providerTo(server.port, { tls, ...login, ...trusting });
  expect(await send(provider)).toMatchObject({ kind: 'accepted' });
  expect(server.mails).toHaveLength(1);
  expect(await provider.probe?.(call)).toEqual({ kind: 'ready' });
  expect(server.begun).toBe(1);
});

test('verifies a certificate that names an address', async () => {
  await using server = await openMailServer({ ...good, secure: true });
  const provider = providerTo(server.port, { host: '127.0.0.1', tls: 'implicit', ...trusting });
  expect(await send(provider)).toMatchObject({ kind: 'accepted' });
});

const unavailable = (reason: string) => ({ kind: 'unavailable', reason });

const rejected = ways.flatMap(([tls, options]) => badCertificates.map((bad) => [bad, tls, options] as const));

test.each(rejected)('refuses a certificate that is %s, with %s TLS', async (bad, tls, options) => {
  await using server = await openMailServer({ ...options, ...certificate(bad), login });
  const provider = providerTo(server.port, { tls, ...login, ...trusting });
  expect(await send(provider)).toEqual(unavailable('tls-failed'));
  expect(server.begun).toBe(0);
  expect(await provider.probe?.(call)).toMatchObject({ kind: 'problem', problem: expect.stringContaining('TLS') });
});

test.each(ways)('refuses an authority that is not public unless it is named, with %s TLS', async (tls, options) => {
  await using server = await openMailServer(options);
  expect(await send(providerTo(server.port, { tls }))).toEqual(unavailable('tls-failed'));
  expect(server.begun).toBe(0);
});

test('never sends in clear when the server does not offer STARTTLS', async () => {
  await using server = await openMailServer();
  const provider = providerTo(server.port, { tls: 'starttls', ...trusting });
  expect(await send(provider)).toEqual(unavailable('tls-failed'));
  expect(server.begun).toBe(0);
});

test('never sends in clear when the server refuses STARTTLS', async () => {
  // It knows no such command, and says of everything else that it is fine.
  await using server = await openOddMailServer('EHLO', () => '250-odd.example\r\n250 STARTTLS');
  const provider = providerTo(server.port, { tls: 'starttls', ...login, ...trusting });
  expect(await send(provider)).toEqual(unavailable('tls-failed'));
  expect(server.given).not.toContain('MAIL');
});

test('requires STARTTLS when the settings do not say', async () => {
  await using server = await openMailServer();
  expect(await send(providerTo(server.port, trusting))).toEqual(unavailable('tls-failed'));
  expect(server.begun).toBe(0);
});

test('refuses TLS older than 1.2', async () => {
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
  await using server = await openMailServer({ ...good, secure: true, ...old });
  expect(await send(providerTo(server.port, { tls: 'implicit', ...trusting }))).toEqual(unavailable('tls-failed'));
});

test('is unavailable, and sends nothing, when the password is wrong', async () => {
  await using server = await openMailServer({ ...good, login });
  const provider = providerTo(server.port, { tls: 'starttls', ...login, password: 'wrong', ...trusting });
  expect(await send(provider)).toEqual(unavailable('authentication-failed'));
  expect(server.begun).toBe(0);
  const probed = await provider.probe?.(call);
  expect(probed).toMatchObject({ kind: 'problem', remedy: 'check user and password' });
  expect(JSON.stringify(probed)).not.toContain('wrong');
});

test('is unavailable when the server wants a password and has none', async () => {
  await using server = await openMailServer({ ...good, login });
  const provider = providerTo(server.port, { tls: 'starttls', ...trusting });
  expect(await send(provider)).toEqual(unavailable('authentication-failed'));
});

test('does not send as nobody when the server offers no authentication', async () => {
  await using server = await openMailServer({ ...good });
  const provider = providerTo(server.port, { tls: 'starttls', ...login, ...trusting });
  expect(await send(provider)).toEqual(unavailable('authentication-failed'));
  expect(server.begun).toBe(0);
});

test('takes any certificate where the settings say so, and warns of it at every start', async () => {
  await using server = await openMailServer({ ...certificate('self-signed'), secure: true });
  const provider = providerTo(server.port, { tls: 'implicit', verifyCertificate: false });
  expect(await send(provider)).toMatchObject({ kind: 'accepted' });
  expect(provider.warnings).toEqual([expect.stringContaining('certificate of localhost is not verified')]);
});

test('a probe says where nobody listens, and what to check', async () => {
  const { port } = await (async () => {
    await using server = await openMailServer();
    return server;
  })();
  expect(await providerTo(port, { tls: 'none' }).probe?.(call)).toEqual({
    kind: 'problem',
    problem: `localhost, port ${port} cannot be reached`,
    remedy: 'check host and port, and that a firewall lets the connection out',
  });
});

test('a probe ends when it is told to', async () => {
  await using server = await openOddMailServer('EHLO', stalls);
  const probed = await providerTo(server.port, { tls: 'none' }).probe?.({ signal: AbortSignal.timeout(200) });
  expect(probed).toMatchObject({ kind: 'problem', problem: expect.stringContaining('does not answer in time') });
});
