import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { openServer } from '../../../testing/server.ts';
import { type ApiDocument, groupsOf, type Operation } from './document.ts';
import { curlOf } from './example.ts';
import { fieldsOf } from './fields.ts';
import { renderReference } from './render.ts';

const links = { baseUrl: 'http://verify.example', stylesheet: '/docs/reference.css', openapi: '/v1/openapi.json' };

function aDocument(operation: Operation, more: Partial<ApiDocument> = {}): ApiDocument {
  return { info: { title: 'Things', version: '1' }, paths: { '/v1/things': { post: operation } }, ...more };
}

test('has every operation of the real document, with all its inputs, fields and problems', async () => {
  await using server = await openServer();
  const document = server.document as unknown as ApiDocument;
  const page = renderReference(document, links);
  const entries = groupsOf(document).flatMap((group) => group.entries);
  expect(entries.length).toBe(Object.values(document.paths).flatMap(Object.keys).length);
  expect(entries.length).toBeGreaterThan(6);
  for (const { id, operation } of entries) {
    const section = page.split(`<section class="operation" id="${id}"`)[1]?.split('</section>')[0] ?? '';
    expect(section).toContain(`<h3 id="${id}-title">`);
    for (const { name } of operation.parameters ?? []) expect(section).toContain(`<code>${name}</code>`);
    const schema = operation.requestBody?.content['application/json']?.schema ?? {};
    for (const field of fieldsOf(document, schema)) expect(plain(section)).toContain(field.name);
  }
  for (const { code } of document['x-problems'] ?? []) expect(page).toContain(`<code>${code}</code>`);
  expect(page).toContain('<code>rate_limited</code>');
  expect(page).toContain('<code>verification_ended</code>');
});

/** The text of a piece of the page. */
function plain(markup: string): string {
  return markup.replace(/<[^>]*>/g, '');
}

test('gives examples that a shell reads and the server takes', async () => {
  await using server = await openServer();
  const document = server.document as unknown as ApiDocument;
  const { id } = (await server.alice.create({ recipient: '+447400123456' })).body as { id: string };
  for (const { entries } of groupsOf(document)) {
    for (const entry of entries) {
      const { url, method, headers, body } = asked(curlOf(document, entry, server.url), server.alice.apiKey, id);
      const answer = await fetch(url, { method, headers, ...(body === undefined ? {} : { body }) });
      const { code } = (answer.ok ? {} : await answer.json()) as { code?: string };
      // No user has the id of a verification, nor has anything of a user.
      const ofUsers = people.includes(entry.operation.tags?.[0] ?? '') && !askAnything.includes(entry.id);
      expect([entry.id, code]).toEqual([entry.id, ofUsers ? 'not_found' : refusals[entry.id]]);
    }
  }
});

const people = ['users', 'sessions', 'factors', 'recovery-codes', 'challenges'];
const askAnything = ['createUser', 'listUsers', 'introspectSession'];

/** What an example meets here; all others are taken as they are. */
const refusals: Readonly<Record<string, string>> = {
  // The verification of ours is too young for another message.
  resendVerification: 'resend_too_soon',
  // The examples name a key that is not there, and a test number that needs an end.
  setTestNumber: 'invalid_request',
  removeTestNumber: 'not_found',
  changeApiKey: 'not_found',
  rotateApiKey: 'not_found',
  revokeApiKey: 'not_found',
  // The id is that of a verification.
  getWebhookEndpoint: 'not_found',
  changeWebhookEndpoint: 'not_found',
  deleteWebhookEndpoint: 'not_found',
  rotateWebhookSecret: 'not_found',
  testWebhookEndpoint: 'not_found',
  listWebhookDeliveries: 'not_found',
  // And neither of its two fields is required.
  replayWebhooks: 'invalid_request',
};

/** What the command would ask, as a real shell splits it, with its variables filled in. */
function asked(command: string, key: string, id: string) {
  const script = `curl() { printf '%s\\0' "$@"; }\n${command}`;
  const words = execFileSync('sh', ['-c', script], {
    env: { KEY: key, ID: id, FACTORID: id, CHALLENGEID: id, NAME: 'default', RECIPIENT: '%2B12025550123' },
    encoding: 'utf8',
    timeout: 5000,
  });
  const given = words.split('\0').slice(0, -1);
  const after = (option: string) => given.flatMap((word, i) => (given[i - 1] === option ? [word] : []));
  const headers = Object.fromEntries(after('-H').map((line) => line.split(': ', 2) as [string, string]));
  const url = given.find((word) => word.startsWith('http')) ?? '';
  return { url, method: after('-X')[0] ?? 'GET', headers, body: after('-d')[0] };
}

test('shows markup in any text of the document as text', () => {
  const markup = '</code><script>alert(1)</script><img src=x onerror="alert(2)"> \' `<b>`';
  const schema = {
    type: 'object',
    required: [markup],
    properties: { [markup]: { description: markup, enum: [markup] } },
  };
  const document = aDocument(
    {
      operationId: markup,
      tags: [markup],
      summary: markup,
      description: markup,
      parameters: [{ name: markup, in: markup, description: markup, schema: { pattern: markup, default: markup } }],
      requestBody: { required: true, description: markup, content: { [markup]: { schema } } },
      responses: { 200: { description: markup, content: { [markup]: { schema } } } },
    },
    {
      info: { title: markup, version: markup, description: markup },
      'x-problems': [{ status: 400, code: markup, title: markup }],
    },
  );
  const page = renderReference(document, { ...links, baseUrl: markup, stylesheet: markup, openapi: markup });
  expect(page).not.toMatch(/<script|<img|<b>|onerror="/);
  expect(page.match(/<h3 /g)?.length).toBe(1);
});

test('puts nested objects and lists into rows with dotted names', () => {
  const item = { type: 'object', required: ['at'], properties: { at: { type: 'string', format: 'date-time' } } };
  const schema = {
    type: 'object',
    required: ['end'],
    properties: {
      end: { type: 'object', properties: { user: { $ref: '#/components/schemas/User' } } },
      events: { type: 'array', items: item },
      names: { type: 'array', items: { type: 'string' }, maxItems: 3 },
    },
  };
  const User = { type: 'object', properties: { ip: { type: ['string', 'null'] } } };
  const fields = fieldsOf(aDocument({}, { components: { schemas: { User } } }), schema);
  expect(fields.map(({ name, type, required, limits }) => [name, type, required, limits.join('; ')])).toEqual([
    ['end', 'object', true, ''],
    ['end.user', 'object', false, ''],
    ['end.user.ip', 'string or null', false, ''],
    ['events', 'list of objects', false, ''],
    ['events[].at', 'time', true, 'ISO 8601 in UTC'],
    ['names', 'list of strings', false, 'at most 3 items'],
  ]);
});

test('ends where a schema holds itself', () => {
  const Knot = { type: 'object', properties: { inner: { $ref: '#/components/schemas/Knot' } } };
  const document = aDocument({}, { components: { schemas: { Knot, Loop: { $ref: '#/components/schemas/Loop' } } } });
  expect(fieldsOf(document, { $ref: '#/components/schemas/Knot' }).length).toBeLessThan(10);
  expect(fieldsOf(document, { $ref: '#/components/schemas/Loop' })).toEqual([]);
});

test.each([
  [{ minimum: 60, maximum: 1800 }, '60 to 1,800'],
  [{ minLength: 3, maxLength: 254 }, '3 to 254 characters'],
  [{ maxLength: 36 }, 'at most 36 characters'],
  [{ enum: ['sms', 'email'] }, 'one of `sms`, `email`'],
  [{ default: 20 }, '`20` if absent'],
  [{ pattern: '^[A-Z]{2}$' }, '2 capital letters'],
  [{ pattern: '^[0-9A-Za-z]*$' }, 'letters and digits'],
  [{ pattern: '^([A-Za-z0-9 ]{1,11}|[0-9]{1,15})$' }, '1 to 11 letters, digits and spaces, or 1 to 15 digits'],
  [
    { pattern: '^[a-z0-9][a-z0-9-]{0,63}$' },
    'one digit or small letter, then up to 63 digits, small letters and hyphens',
  ],
  [{ pattern: '^[^\\x00-\\x1f\\x7f]*$' }, 'on one line, no control characters'],
  [{ pattern: '^a(b|c)+$' }, 'matches `^a(b|c)+$`'],
])('says %j in words', (schema, words) => {
  const [field] = fieldsOf(aDocument({}), { type: 'object', properties: { one: schema } });
  expect(field?.limits.join('; ')).toBe(words);
});

test('makes an example of the required fields alone, quoted for the shell', () => {
  const schema = {
    type: 'object',
    required: ['name', 'count', 'when'],
    properties: {
      name: { type: 'string', examples: ["Ada's"] },
      count: { type: 'integer', minimum: 4 },
      when: { type: 'object', required: ['unit'], properties: { unit: { enum: ['day'] }, spare: { type: 'string' } } },
      spare: { type: 'boolean' },
    },
  };
  const parameters = [
    { name: 'thing-id', in: 'path', required: true, schema: { type: 'string' } },
    { name: 'q', in: 'query', required: true, schema: { type: 'string', examples: ['a b&c'] } },
    { name: 'x-version', in: 'header', required: true, schema: { type: 'integer', minimum: 2 } },
  ];
  const operation = { parameters, requestBody: { required: true, content: { 'application/json': { schema } } } };
  const entry = { id: 'x', method: 'PUT', path: '/v1/things/{thing-id}', operation };
  expect(curlOf(aDocument({}, { security: [{ bearer: [] }] }), entry, 'http://h')).toBe(
    `curl -X PUT "http://h/v1/things/$THING_ID?q=a%20b%26c" \\
  -H "Authorization: Bearer $KEY" \\
  -H 'x-version: 2' \\
  -H 'Content-Type: application/json' \\
  -d '{"name":"Ada'\\''s","count":4,"when":{"unit":"day"}}'`,
  );
});
