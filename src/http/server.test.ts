import fc from 'fast-check';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { afterAll, expect, test } from 'vitest';
import { Unavailable } from '../engine/unavailable.ts';
import { type EdgeFace, EdgeRefusal } from './edge-error.ts';
import { problemSchema } from './problem.ts';
import { createHttpServer } from './server.ts';

const thing = Type.Object(
  {
    name: Type.String({ minLength: 2, maxLength: 20 }),
    count: Type.Optional(Type.Integer({ minimum: 1, maximum: 9 })),
    channel: Type.Optional(Type.Union([Type.Literal('sms'), Type.Literal('email')])),
    tags: Type.Optional(Type.Array(Type.String({ maxLength: 5 }), { maxItems: 3 })),
  },
  { additionalProperties: false },
);
const query = Type.Object({ cursor: Type.Optional(Type.String()) }, { additionalProperties: false });

const acme: EdgeFace = {
  prefix: '/acme',
  reply: ({ kind }) => ({ status: 418, contentType: 'application/x-acme', body: `acme says ${kind}` }),
};

function aServer() {
  const logged: { fields: object; message: string }[] = [];
  const error = (fields: object, message: string) => logged.push({ fields, message });
  const app = createHttpServer({ log: { error, warn: error, info: error }, faces: [acme], requestIdPrefix: 'test' });

  app.post('/v1/things', { schema: { body: thing } }, ({ body }) => body);
  app.post('/acme/things', { schema: { body: thing } }, ({ body }) => body);
  app.get('/v1/things', { schema: { querystring: query } }, (request) => request.query);
  app.get('/v1/things/:id', ({ params }) => params);
  app.get('/v1/all-of-them', { config: { repeatedQuery: true } }, (request) => request.query);
  app.post('/v1/poke', { config: { emptyBody: true }, schema: { body: Type.Partial(thing) } }, ({ body }) => ({
    body,
  }));
  app.get('/v1/broken', () => {
    throw new Error('secret words');
  });
  app.get('/v1/broken-later', async () => Promise.reject(new Error('secret words')));
  app.get('/v1/thrown-text', () => Promise.reject('secret words'));
  app.get('/v1/thrown-nothing', () => Promise.reject(null));
  app.get('/v1/unsendable', { schema: { response: { 200: Type.Object({ n: Type.Integer() }) } } }, async () => ({
    n: badly,
  }));
  app.get(
    '/v1/private',
    { onRequest: async () => Promise.reject(new EdgeRefusal({ kind: 'unauthorized' })) },
    () => ({}),
  );
  app.get('/v1/down', async () => Promise.reject(new Unavailable('store_unavailable', 7)));
  return { app, logged };
}

/** Something that cannot be an integer, in the types' clothing. */
const badly = Number.NaN;

const { app, logged } = aServer();
afterAll(() => app.close());

function post(payload: string | Buffer, headers: Record<string, string> = {}, url = '/v1/things') {
  return app.inject({ method: 'POST', url, payload, headers: { 'content-type': 'application/json', ...headers } });
}

test('answers a good request with its own id and the values as sent', async () => {
  const body = { name: 'box', count: 3, channel: 'sms', tags: ['a'] };
  const answer = await post(JSON.stringify(body), { 'x-request-id': 'mine' });
  expect(answer.statusCode).toBe(200);
  expect(answer.json()).toEqual(body);
  expect(answer.headers['x-request-id']).toMatch(/^test[0-9a-f]{12}$/);
});

test('gives every request an id of its own', async () => {
  const answers = await Promise.all(Array.from({ length: 50 }, () => app.inject('/v1/things')));
  expect(new Set(answers.map(({ headers }) => headers['x-request-id'])).size).toBe(50);
});

const deep = (depth: number) => `{"name":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;

const bodies: [sentence: string, payload: string | Buffer, status: number, problem: object][] = [
  ['a required field left out', '{}', 400, { field: 'name', detail: '`name` is required.' }],
  ['an unknown field', '{"name":"box","tenant_id":"t"}', 400, { field: 'tenant_id' }],
  ['a number for text', '{"name":12}', 400, { field: 'name', detail: '`name` must be of type string.' }],
  ['text for a number', '{"name":"box","count":"3"}', 400, { field: 'count' }],
  ['too short a text', '{"name":"x"}', 400, { field: 'name', detail: '`name` must have at least 2 characters.' }],
  ['too large a number', '{"name":"box","count":10}', 400, { field: 'count', detail: '`count` must be at most 9.' }],
  [
    'a word that is none of the choices',
    '{"name":"box","channel":"fax"}',
    400,
    { detail: '`channel` must be one of: sms, email.' },
  ],
  ['a bad item', '{"name":"box","tags":["a","far too long"]}', 400, { field: 'tags/1' }],
  ['too many items', '{"name":"box","tags":["a","b","c","d"]}', 400, { field: 'tags' }],
  ['an array instead of an object', '[]', 400, { detail: 'The body must be of type object.' }],
  ['a bare null', 'null', 400, { code: 'invalid_request' }],
  ['a key given twice', '{"name":"box","name":"bag"}', 400, { code: 'bad_json' }],
  ['__proto__', '{"name":"box","__proto__":{"admin":true}}', 400, { code: 'bad_json' }],
  ['trailing data', '{"name":"box"}{}', 400, { code: 'bad_json' }],
  ['bytes that are not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22]), 400, { code: 'bad_json' }],
  ['an empty body', '', 400, { code: 'bad_json' }],
  ['depth 9', deep(9), 400, { code: 'bad_json' }],
  ['depth 8, which only the schema minds', deep(8), 400, { code: 'invalid_request', field: 'name' }],
  ['a body over 16 KiB', `{"name":"${'x'.repeat(16_384)}"}`, 413, { code: 'body_too_large' }],
];

test.each(bodies)('answers %s with a problem that says so', async (_sentence, payload, status, problem) => {
  const answer = await post(payload);
  expect(answer.statusCode).toBe(status);
  expect(answer.headers['content-type']).toBe('application/problem+json');
  expect(Value.Check(problemSchema, answer.json())).toBe(true);
  expect(answer.json()).toMatchObject({ ...problem, status, requestId: answer.headers['x-request-id'] });
});

const mediaTypes: [headers: Record<string, string>, status: number][] = [
  [{ 'content-type': 'application/json' }, 200],
  [{ 'content-type': 'application/json; charset=utf-8' }, 200],
  [{ 'content-type': 'Application/JSON;charset="UTF-8"' }, 200],
  [{ 'content-type': 'application/json', 'content-encoding': 'identity' }, 200],
  [{ 'content-type': 'application/json; charset=utf-16' }, 415],
  [{ 'content-type': 'application/json; charset=utf-8; charset=utf-7' }, 415],
  [{ 'content-type': 'application/json-patch+json' }, 415],
  [{ 'content-type': 'text/plain' }, 415],
  [{ 'content-type': 'application/x-www-form-urlencoded' }, 415],
  [{ 'content-type': 'multipart/form-data; boundary=x' }, 415],
  [{ 'content-type': 'nonsense' }, 415],
  [{ 'content-type': 'application/json', 'content-encoding': 'gzip' }, 415],
  [{ 'content-type': 'application/json', 'content-encoding': 'identity, br' }, 415],
];

test.each(mediaTypes)('answers a body sent with %j by %i', async (headers, status) => {
  const answer = await app.inject({ method: 'POST', url: '/v1/things', payload: '{"name":"box"}', headers });
  expect(answer.statusCode).toBe(status);
});

test('refuses a body without a media type', async () => {
  const answer = await app.inject({ method: 'POST', url: '/v1/things', payload: Buffer.from('{"name":"box"}') });
  expect(answer.statusCode).toBe(415);
});

test('reads an absent body as an empty object, only where the route allows it', async () => {
  const bare = { method: 'POST', url: '/v1/poke' } as const;
  const typed = { ...bare, headers: { 'content-type': 'application/json' } };
  expect((await app.inject(bare)).json()).toEqual({ body: {} });
  expect((await app.inject(typed)).json()).toEqual({ body: {} });
  expect((await app.inject({ ...bare, payload: { name: 'box' } })).json()).toEqual({ body: { name: 'box' } });
  expect((await app.inject({ ...bare, url: '/v1/things' })).json()).toMatchObject({ code: 'bad_json' });
});

test('refuses a query parameter given twice or unknown', async () => {
  expect((await app.inject('/v1/things?cursor=a')).json()).toEqual({ cursor: 'a' });
  expect((await app.inject('/v1/things?cursor=a&cursor=b')).json()).toMatchObject({ status: 400, field: 'cursor' });
  expect((await app.inject('/v1/things/7?x=1&x=2')).json()).toMatchObject({ status: 400, field: 'x' });
  expect((await app.inject('/v1/things?page=2')).json()).toMatchObject({ status: 400, field: 'page' });
  expect((await app.inject('/v1/all-of-them?x=1&x=2')).json()).toEqual({ x: ['1', '2'] });
});

test('tells a wrong method from an unknown path', async () => {
  const wrong = await app.inject({ method: 'DELETE', url: '/v1/things' });
  expect([wrong.statusCode, wrong.headers.allow]).toEqual([405, 'GET, HEAD, POST']);
  expect((await app.inject({ method: 'OPTIONS', url: '/v1/things/7' })).statusCode).toBe(405);
  expect((await app.inject({ method: 'DELETE', url: '/v1/nothing' })).statusCode).toBe(404);
  expect((await app.inject('/v1/Things')).statusCode).toBe(404);
});

const urls: [sentence: string, url: string, status: number][] = [
  ['of 2 KiB', `/v1/things?cursor=${'x'.repeat(2_048 - 18)}`, 200],
  ['a little longer', `/v1/things?cursor=${'x'.repeat(2_048 - 17)}`, 414],
  ['that is too long and unknown', `/${'x'.repeat(2_048)}`, 414],
  ['with a long id', `/v1/things/${'x'.repeat(3_000)}`, 414],
  ['with a long id, which is for the route to judge', `/v1/things/${'x'.repeat(500)}`, 200],
  ['that cannot be decoded', '/v1/things/%zz', 400],
];

test.each(urls)('answers a URL %s by its status', async (_sentence, url, status) => {
  expect((await app.inject(url)).statusCode).toBe(status);
});

test('words every error below a prefix the way its face does', async () => {
  const answers = [
    await app.inject('/acme/nothing'),
    await app.inject({ method: 'PUT', url: '/acme/things' }),
    await app.inject('/acme/%zz'),
    await app.inject(`/acme/${'x'.repeat(2_048)}`),
    await post('{', {}, '/acme/things'),
    await post('{}', {}, '/acme/things'),
    await post('{}', { 'content-type': 'text/plain' }, '/acme/things'),
    await post('x'.repeat(16_385), {}, '/acme/things'),
  ];
  const kinds = 'not-found method-not-allowed malformed uri-too-long bad-json invalid unsupported-media-type too-large';
  expect(answers.map(({ body }) => body)).toEqual(kinds.split(' ').map((kind) => `acme says ${kind}`));
  expect(new Set(answers.map(({ headers }) => headers['content-type']))).toEqual(new Set(['application/x-acme']));
});

test.each(['/v1/broken', '/v1/broken-later', '/v1/thrown-text'])(
  'tells the log what broke at %s and the client nothing',
  async (url) => {
    logged.length = 0;
    const answer = await app.inject(url);
    expect(answer.statusCode).toBe(500);
    expect(answer.json()).toMatchObject({ code: 'internal_error' });
    expect(answer.body).not.toMatch(/secret|words|stack|node_modules|\.ts/);
    expect(logged).toHaveLength(1);
    expect(logged[0]).toMatchObject({
      fields: { requestId: answer.headers['x-request-id'], method: 'GET', route: url },
    });
    expect(
      Object.values(logged[0]?.fields ?? {})
        .map(String)
        .join(),
    ).toContain('secret words');
  },
);

test('answers unavailable with the time to come back, and logs that it did', async () => {
  logged.length = 0;
  const answer = await app.inject('/v1/down');
  expect([answer.statusCode, answer.headers['retry-after']]).toEqual([503, '7']);
  expect(answer.json()).toMatchObject({ code: 'unavailable', reason: 'store_unavailable' });
  const facts = { requestId: answer.headers['x-request-id'], method: 'GET', route: '/v1/down', status: 503 };
  expect(logged).toMatchObject([{ fields: facts, message: 'a request was slow or failed' }]);
});

test.each(['/v1/thrown-nothing', '/v1/unsendable'])('survives what %s does', async (url) => {
  logged.length = 0;
  const answer = await app.inject(url);
  expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([500, 'internal_error']);
  expect(logged).toHaveLength(1);
});

test('answers a refusal thrown by a hook like any other, and does not log it', async () => {
  logged.length = 0;
  const answer = await app.inject('/v1/private');
  expect([answer.statusCode, answer.headers['www-authenticate']]).toEqual([401, 'Bearer']);
  expect(logged).toEqual([]);
});

test('never repeats what was sent', async () => {
  const canary = 'Canary0123456789Canary0123456789Canary';
  const answers = [
    await post(JSON.stringify({ name: canary })),
    await post(JSON.stringify({ name: 'box', channel: canary })),
    await post(JSON.stringify({ name: 'box', [canary]: 1 })),
    await post(`{"name":${canary}}`),
    await app.inject(`/v1/${canary}`),
    await app.inject(`/v1/things?${canary}=1&${canary}=2`),
    await app.inject(`/v1/things/${canary}/%zz`),
    await post('{}', { 'content-type': `text/${canary}` }),
  ];
  for (const answer of answers) expect(answer.body + JSON.stringify(answer.headers)).not.toContain(canary);
});

test('answers ten thousand damaged bodies with 200 or 4xx and stays intact', { timeout: 60_000 }, async () => {
  const good = Buffer.from('{"name":"box","count":3,"channel":"sms","tags":["a","b"]}');
  const bytes = fc.constantFrom(...Buffer.from('{}[]":,\\\0\u007f0e-_p'), 0xff, 0xc3);
  const edit = fc.tuple(fc.nat({ max: good.length }), fc.nat({ max: 3 }), fc.array(bytes, { maxLength: 4 }));
  const edits = fc.array(edit, { minLength: 1, maxLength: 4 });
  const samples = fc.sample(edits, { numRuns: 10_000, seed: 20_260_101 });

  const before = Reflect.ownKeys(Object.prototype);
  const statuses = new Map<number, number>();
  for (const sample of samples) {
    const { statusCode } = await post(damaged(good, sample));
    statuses.set(statusCode, (statuses.get(statusCode) ?? 0) + 1);
  }
  expect([...statuses.keys()].filter((status) => status !== 200 && (status < 400 || status > 499))).toEqual([]);
  expect(Reflect.ownKeys(Object.prototype)).toEqual(before);
  expect((await post(good)).statusCode).toBe(200);
});

function damaged(
  good: Buffer,
  edits: readonly (readonly [at: number, gone: number, added: readonly number[]])[],
): Buffer {
  return edits.reduce<Buffer>(
    (bytes, [at, gone, added]) => Buffer.concat([bytes.subarray(0, at), Buffer.from(added), bytes.subarray(at + gone)]),
    good,
  );
}

test('has no routes for other methods', () => {
  expect(() => aServer().app.options('/v1/things', () => ({}))).toThrow(RangeError);
});

test('keeps the error handling inside encapsulated routes', async () => {
  const { app: other } = aServer();
  other.register(async (face) => {
    face.get('/acme/broken', async () => Promise.reject(new Error('secret words')));
  });
  expect((await other.inject('/acme/broken')).body).toBe('acme says internal');
  await other.close();
});
