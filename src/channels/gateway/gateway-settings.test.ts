import { Value } from 'typebox/value';
import { expect, test } from 'vitest';
import { authorityFile } from '../../../testing/certificates.ts';
import { gateway } from './gateway.ts';
import { type GatewaySettings, secretBytes } from './gateway-settings.ts';

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const sound: GatewaySettings = { url: 'https://sms.acme.example/send', secret };

const problemsOf = (given: Partial<GatewaySettings>) =>
  gateway.problems({ ...sound, ...given }, { development: false });

test.each([
  ['a URL and a secret', {}],
  ['a secret in plain text', { secret: 'plain text of at least 32 letters' }],
  ['http to this machine', { url: 'http://localhost:3000/send?team=login' }],
  ['http to this machine by address', { url: 'http://127.0.0.1:3000' }],
  ['http to this machine by IPv6 address', { url: 'http://[::1]:3000' }],
  ['everything', { channels: ['sms', 'voice'], deduplicates: true, timeoutSeconds: 10, caFile: authorityFile }],
] satisfies [string, Partial<GatewaySettings>][])('takes %s', (_, given) => {
  expect(Value.Check(gateway.settings, { ...sound, ...given })).toBe(true);
  expect(problemsOf(given)).toEqual([]);
});

test.each([
  ['http over the network', { url: 'http://sms.acme.example/send' }, 'url'],
  ['http to a name that only begins like this machine', { url: 'http://localhost.acme.example' }, 'url'],
  ['http to a name that only begins like a loopback address', { url: 'http://127.0.0.1.acme.example' }, 'url'],
  ['another scheme', { url: 'ftp://sms.acme.example' }, 'url'],
  ['what is no URL', { url: 'sms.acme.example' }, 'url'],
  ['credentials in the URL', { url: 'https://acme:hunter2@sms.acme.example' }, 'url'],
  ['a user in the URL', { url: 'https://acme@sms.acme.example' }, 'url'],
  ['a fragment', { url: 'https://sms.acme.example/#send' }, 'url'],
  ['a line end in the URL', { url: 'https://sms.acme.example/\nsend' }, 'url'],
  ['a secret of 31 bytes', { secret: `whsec_${Buffer.alloc(31, 7).toString('base64')}` }, 'secret'],
  ['a secret in broken base64', { secret: 'whsec_hunter2 hunter2 hunter2 hunter2 hunter2' }, 'secret'],
  ['a file that is not there', { caFile: '/nowhere/ca.pem' }, 'caFile'],
] satisfies [string, Partial<GatewaySettings>, string][])('finds %s', (_, given, field) => {
  const problems = problemsOf(given);
  expect(problems.map((problem) => problem.field)).toEqual([field]);
  expect(JSON.stringify(problems)).not.toContain('hunter2');
});

test.each([
  ['a short secret', { secret: 'short' }],
  ['no channel', { channels: [] }],
  ['a channel twice', { channels: ['sms', 'sms'] }],
  ['a channel that there is not', { channels: ['pigeon'] }],
  ['more than ten seconds', { timeoutSeconds: 11 }],
  ['no time', { timeoutSeconds: 0 }],
  ['a field nobody knows', { headers: {} }],
])('the schema refuses %s', (_, given) => {
  expect(Value.Check(gateway.settings, { ...sound, ...given })).toBe(false);
});

test('reads a secret as text, or as base64 behind whsec_', () => {
  expect(secretBytes(secret)).toEqual(Buffer.alloc(32, 7));
  expect(secretBytes('clé')).toEqual(Buffer.from('clé', 'utf8'));
});

test('marks the secret, and nothing else, as secret', () => {
  const fields: Record<string, object> = gateway.settings.properties;
  expect(Object.keys(fields).filter((name) => 'secret' in (fields[name] ?? {}))).toEqual(['secret']);
});
