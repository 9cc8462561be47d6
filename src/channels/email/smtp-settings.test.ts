import { Value } from 'typebox/value';
import { expect, test } from 'vitest';
import { authorityFile } from '../../../testing/certificates.ts';
import { smtp } from './smtp.ts';
import type { SmtpSettings } from './smtp-settings.ts';

const sound: SmtpSettings = { host: 'smtp.example.com', from: 'login@acme.example' };
const login = { user: 'acme', password: 'hunter2' };

const problemsOf = (given: Partial<SmtpSettings>, development = false) =>
  smtp.problems({ ...sound, ...given }, { development });

const fine: [sentence: string, given: Partial<SmtpSettings>, development?: boolean][] = [
  ['no more than a host and a sender', {}],
  ['a login', login],
  ['an authority of its own', { caFile: authorityFile }],
  ['everything', { ...login, port: 2525, tls: 'implicit', replyTo: 'help@acme.example', codeInSubject: true }],
  ['no TLS towards this machine', { tls: 'none', host: 'localhost', ...login }],
  ['no TLS towards this machine by address', { tls: 'none', host: '127.0.0.1' }],
  ['no TLS in development mode', { tls: 'none' }, true],
  ['no verification in development mode', { verifyCertificate: false }, true],
];

test.each(fine)('takes %s', (_, given, development) => {
  expect(Value.Check(smtp.settings, { ...sound, ...given })).toBe(true);
  expect(problemsOf(given, development)).toEqual([]);
});

const wrong: [sentence: string, given: Partial<SmtpSettings>, field: string, development?: boolean][] = [
  ['mail in clear over the network', { tls: 'none' }, 'tls'],
  ['a password in clear, in development mode too', { tls: 'none', ...login }, 'password', true],
  ['a user without password', { user: 'acme' }, 'password'],
  ['a password without user', { password: 'hunter2' }, 'user'],
  ['unverified certificates', { verifyCertificate: false }, 'verifyCertificate'],
  ['a sender with a display name', { from: 'Acme <login@acme.example>' }, 'from'],
  ['two senders', { from: 'a@acme.example, b@acme.example' }, 'from'],
  ['a sender that is a number', { from: '+33612345678' }, 'from'],
  ['a sender with a line end', { from: 'a@acme.example\r\nBcc: eve@example.com' }, 'from'],
  ['answers to anything but an address', { replyTo: 'help' }, 'replyTo'],
  ['a file that is not there', { caFile: '/nowhere/ca.pem' }, 'caFile'],
  ['a file without certificates', { caFile: authorityFile.replace('authority.pem', 'README.md') }, 'caFile'],
];

test.each(wrong)('finds %s', (_, given, field, development) => {
  const problems = problemsOf(given, development);
  expect(problems.map((problem) => problem.field)).toEqual([field]);
  expect(JSON.stringify(problems)).not.toContain('hunter2');
});

test.each([
  ['a host with a space', { host: 'smtp example' }],
  ['a host with a line end', { host: 'smtp.example.com\r\n' }],
  ['port 0', { port: 0 }],
  ['opportunistic TLS', { tls: 'maybe' }],
  ['a field nobody knows', { username: 'acme' }],
  ['no connections', { maxConnections: 0 }],
])('the schema refuses %s', (_, given) => {
  expect(Value.Check(smtp.settings, { ...sound, ...given })).toBe(false);
});

test('marks the password, and nothing else, as secret', () => {
  const fields: Record<string, object> = smtp.settings.properties;
  const secrets = Object.keys(fields).filter((name) => 'secret' in (fields[name] ?? {}));
  expect(secrets).toEqual(['password']);
});
