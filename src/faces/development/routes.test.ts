import { expect, test } from 'vitest';
import { apiKey, type DevelopmentServer, openDevelopmentServer } from '../../../testing/development-server.ts';

const TOKEN = 'a-token-of-the-operator';
const paths = [
  '/',
  '/dev/page.js',
  '/dev/page.css',
  '/dev/inbox',
  '/dev/inbox/stream',
  '/dev/inbox/latest?to=x',
].concat('/dev/credentials', '/dev/quickstart');

const codeOf = (body: string): unknown => (JSON.parse(body) as { code?: unknown }).code;

test('answers the latest message to a number, and nothing but its five facts', async () => {
  await using server = await openDevelopmentServer();
  await server.deliver('111111 is your code');
  await server.deliver('222222 is your code');
  const { status, headers, body } = await server.get('/dev/inbox/latest?to=%2B33612345678');

  expect(status).toBe(200);
  expect(headers['content-type']).toContain('application/json');
  expect(headers['cache-control']).toBe('no-store');
  expect(JSON.parse(body)).toEqual({
    to: '+33612345678',
    channel: 'sms',
    sender: 'Countersign',
    text: '222222 is your code',
    sentAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
  });
});

const spellings: [sentence: string, query: string][] = [
  ['an encoded plus', '%2B33612345678'],
  ['a bare plus, which a query turns into a space', '+33612345678'],
  ['no plus', '33612345678'],
  ['spaces', '+33%206%2012%2034%2056%2078'],
  ['an e-mail address with a bare plus', 'ada+test@example.com'],
  ['an e-mail address in capitals', 'Ada%2BTest@Example.COM'],
];

test.each(spellings)('finds the message when the recipient is written with %s', async (_sentence, query) => {
  await using server = await openDevelopmentServer();
  await server.deliver('123456', '+33612345678');
  await server.deliver('123456', 'ada+test@example.com', 'email');
  expect((await server.get(`/dev/inbox/latest?to=${query}`)).status).toBe(200);
});

test('says what to do when there is no message, or no recipient was named', async () => {
  await using server = await openDevelopmentServer();
  const nothing = await server.get('/dev/inbox/latest?to=%2B33612345678');
  expect(nothing.status).toBe(404);
  expect(nothing.headers['content-type']).toBe('application/problem+json');
  expect(JSON.parse(nothing.body)).toMatchObject({
    status: 404,
    code: 'no_message',
    detail: expect.stringContaining('POST /v1/verifications'),
  });

  const nobody = await server.get('/dev/inbox/latest');
  expect([nobody.status, codeOf(nobody.body)]).toEqual([400, 'recipient_required']);
});

test('lists the inbox newest first', async () => {
  await using server = await openDevelopmentServer();
  await server.deliver('one');
  await server.deliver('two', 'ada@example.com', 'email');
  const { messages } = JSON.parse((await server.get('/dev/inbox')).body) as { messages: { text: string }[] };
  expect(messages.map(({ text }) => text)).toEqual(['two', 'one']);
  expect(Object.keys(messages[0] ?? {}).sort()).toEqual(['channel', 'sender', 'sentAt', 'text', 'to']);
});

test('answers the credentials as they are, and commands that use them', async () => {
  await using server = await openDevelopmentServer();
  expect(JSON.parse((await server.get('/dev/credentials')).body)).toEqual({ native: { apiKey } });

  const { body } = await server.get('/dev/quickstart');
  const start = JSON.parse(body) as { baseUrl: string; steps: { command: string }[] };
  expect(start.baseUrl).toBe(server.baseUrl);
  expect(start.steps.map(({ command }) => command.split(' \\\n')[0])).toEqual([
    `curl -X POST ${server.baseUrl}/v1/verifications`,
    `curl '${server.baseUrl}/dev/inbox/latest?to=%2B33612345678'`,
    `curl -X POST ${server.baseUrl}/v1/checks`,
  ]);
});

test('serves the page under a policy that lets nothing in from elsewhere', async () => {
  await using server = await openDevelopmentServer();
  const { status, headers, body } = await server.get('/');
  expect(status).toBe(200);
  expect(headers).toMatchObject({
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'content-security-policy':
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
      "form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'",
  });
  expect(body).not.toMatch(/<script(?![^>]* src=)|<style|\sstyle=|\son\w+=/i);
  expect((await server.get('/dev/page.js')).headers['content-type']).toBe('text/javascript; charset=utf-8');
  expect((await server.get('/dev/page.css')).headers['content-type']).toBe('text/css; charset=utf-8');
});

type Row = [sentence: string, headers: (server: DevelopmentServer) => Record<string, string>, code: string | undefined];

const rows: Row[] = [
  ['the host 127.0.0.1 with its port', ({ port }) => ({ host: `127.0.0.1:${port}` }), undefined],
  ['the host localhost', () => ({ host: 'localhost' }), undefined],
  ['the host LOCALHOST with another port', () => ({ host: 'LOCALHOST:9' }), undefined],
  ['the host [::1]', () => ({ host: '[::1]:8080' }), undefined],
  ['a host name that was pointed here', () => ({ host: 'rebound.example' }), 'host_not_allowed'],
  ['a host that begins like ours', () => ({ host: 'localhost.evil.example' }), 'host_not_allowed'],
  ['a host that begins like our address', () => ({ host: '127.0.0.1.evil.example:80' }), 'host_not_allowed'],
  ['another loopback address', () => ({ host: '127.0.0.2' }), 'host_not_allowed'],
  ['a user in the host', () => ({ host: 'localhost@evil.example' }), 'host_not_allowed'],
  ['a port that is none', () => ({ host: 'localhost:x' }), 'host_not_allowed'],
  ['a dot after the host', () => ({ host: 'localhost.' }), 'host_not_allowed'],
  ['our own origin', ({ baseUrl }) => ({ origin: baseUrl }), undefined],
  ['another origin', () => ({ origin: 'https://evil.example' }), 'cross_site_request'],
  ['another port of this machine as origin', () => ({ origin: 'http://127.0.0.1:1' }), 'cross_site_request'],
  ['the origin null', () => ({ origin: 'null' }), 'cross_site_request'],
  ['an origin that is none', () => ({ origin: 'http://' }), 'cross_site_request'],
  ['the mark same-origin', () => ({ 'sec-fetch-site': 'same-origin' }), undefined],
  ['the mark none, of a typed address', () => ({ 'sec-fetch-site': 'none' }), undefined],
  ['the mark same-site', () => ({ 'sec-fetch-site': 'same-site' }), 'cross_site_request'],
  ['the mark cross-site', () => ({ 'sec-fetch-site': 'cross-site' }), 'cross_site_request'],
  ['Forwarded', () => ({ forwarded: 'for=127.0.0.1' }), 'forwarded_request'],
  ['X-Forwarded-For', () => ({ 'x-forwarded-for': '127.0.0.1' }), 'forwarded_request'],
  ['X-Forwarded-Host', () => ({ 'X-Forwarded-Host': 'localhost' }), 'forwarded_request'],
  ['an empty X-Forwarded-Proto', () => ({ 'x-forwarded-proto': '' }), 'forwarded_request'],
  ['X-Real-IP', () => ({ 'x-real-ip': '127.0.0.1' }), 'forwarded_request'],
  ['Via', () => ({ via: '1.1 proxy' }), 'forwarded_request'],
];

test.each(rows)('with %s every path answers as it must', async (_sentence, headersFor, code) => {
  await using server = await openDevelopmentServer();
  for (const path of paths) {
    // A stream that is let in does not end; that it opens is the test below.
    if (code === undefined && path === '/dev/inbox/stream') continue;
    const { status, body, headers } = await server.get(path, headersFor(server));
    if (code === undefined) expect(status, path).not.toBe(403);
    else expect([status, codeOf(body), headers['content-type']], path).toEqual([403, code, 'application/problem+json']);
    expect(headers['cache-control']).toBe('no-store');
  }
});

const tokenRows: [sentence: string, path: string, headers: Record<string, string>, status: number][] = [
  ['refuses even this machine without the token', '/dev/inbox', {}, 403],
  ['refuses another token', '/dev/inbox', { authorization: 'Bearer a-token-of-somebody' }, 403],
  ['refuses a token that is cut short', '/dev/inbox', { authorization: `Bearer ${TOKEN.slice(0, -1)}` }, 403],
  ['refuses the token under another scheme', '/dev/inbox', { authorization: `Basic ${TOKEN}` }, 403],
  ['takes the token from any host', '/dev/inbox', { authorization: `Bearer ${TOKEN}`, host: 'box.lan:8080' }, 200],
  ['refuses the token through a proxy', '/dev/inbox', { authorization: `Bearer ${TOKEN}`, via: '1.1 proxy' }, 403],
  [
    'refuses the token from another site',
    '/dev/inbox',
    { authorization: `Bearer ${TOKEN}`, origin: 'http://x.y' },
    403,
  ],
  ['refuses the page without the token', '/', {}, 403],
  ['takes the token in the address of the page', `/?token=${TOKEN}`, { host: 'box.lan:8080' }, 200],
  ['refuses another token in the address of the page', '/?token=other', {}, 403],
  ['does not take the token in any other address', `/dev/credentials?token=${TOKEN}`, {}, 403],
  ['refuses the token itself as a cookie', '/dev/inbox', { cookie: `countersign_dev=${TOKEN}` }, 403],
];

test.each(tokenRows)('with a token configured it %s', async (_sentence, path, headers, status) => {
  await using server = await openDevelopmentServer({ token: TOKEN });
  const answer = await server.get(path, headers);
  expect(answer.status).toBe(status);
  expect(answer.body).not.toContain(TOKEN);
});

test('lets a browser in by a cookie that it got for the token', async () => {
  await using server = await openDevelopmentServer({ token: TOKEN });
  const page = await server.get(`/?token=${TOKEN}`);
  const [setCookie = ''] = page.headers['set-cookie'] ?? [];
  expect(setCookie).toMatch(/^countersign_dev=[0-9a-f]{64}; Path=\/; HttpOnly; SameSite=Strict$/);

  const [cookie = ''] = setCookie.split(';');
  for (const path of ['/', '/dev/page.js', '/dev/credentials']) {
    expect((await server.get(path, { cookie: `other=1; ${cookie}` })).status, path).toBe(200);
  }
  expect((await server.get('/dev/credentials', { cookie, 'sec-fetch-site': 'cross-site' })).status).toBe(403);
  expect((await server.get('/', { cookie: `${cookie}0` })).status).toBe(403);
});

test('leaves the other routes of the server alone', async () => {
  await using server = await openDevelopmentServer({
    token: TOKEN,
    before: (app) => app.get('/v1/other', () => ({ fine: true })),
  });
  expect((await server.get('/v1/other', { host: 'api.example', via: '1.1 proxy' })).body).toBe('{"fine":true}');
});
