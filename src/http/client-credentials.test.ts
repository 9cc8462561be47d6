import { expect, test } from 'vitest';
import { askedScopes, basicCredentials } from './client-credentials.ts';

const encoded = (text: string) => Buffer.from(text).toString('base64');
const nobody = { id: '', secret: '' };

const headers: [what: string, header: string | undefined, read: { id: string; secret: string }][] = [
  ['id and secret', `Basic ${encoded('app:s3cret')}`, { id: 'app', secret: 's3cret' }],
  ['a secret with colons', `basic  ${encoded('app:a:b:')}`, { id: 'app', secret: 'a:b:' }],
  ['no secret', `Basic ${encoded('app:')}`, { id: 'app', secret: '' }],
  ['no colon', `Basic ${encoded('app')}`, nobody],
  ['another scheme', `Bearer ${encoded('app:s3cret')}`, nobody],
  ['what is no Base64', 'Basic app:s3cret', nobody],
  ['nothing', undefined, nobody],
];

test.each(headers)('a header with %s', (_, header, read) => {
  expect(basicCredentials(header)).toEqual(read);
});

const own = ['read', 'write'];
const forms: [form: string, asked: readonly string[] | string][] = [
  ['grant_type=client_credentials', own],
  ['grant_type=client_credentials&scope=', own],
  ['grant_type=client_credentials&scope=write', ['write']],
  ['grant_type=client_credentials&scope=write+read+write', ['write', 'read']],
  ['grant_type=client_credentials&scope=erase', 'invalid_scope'],
  ['grant_type=client_credentials&scope=read++write', 'invalid_scope'],
  ['grant_type=client_credentials&scope=read&scope=write', 'invalid_request'],
  ['grant_type=client_credentials&grant_type=client_credentials', 'invalid_request'],
  ['grant_type=password', 'unsupported_grant_type'],
  ['scope=read', 'invalid_request'],
];

test.each(forms)('%s asks for %j', (form, asked) => {
  expect(askedScopes(new URLSearchParams(form), own)).toEqual(asked);
});

test('a body that is no form asks for nothing', () => {
  expect(askedScopes({ grant_type: 'client_credentials' }, own)).toBe('invalid_request');
});
