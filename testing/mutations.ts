import { seeded } from './seeded.ts';

/** A request in parts, each of which may be spoilt before it goes out as bytes. */
export interface RawRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer | undefined;
}

export interface Mutant {
  readonly bytes: Buffer;
  /** What was done to it, for whoever has to find out why it failed. */
  readonly how: string;
}

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type Fields = Readonly<Record<string, Json>>;

/** Chooses: the same things for the same seed. */
class Dice {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = seeded(seed);
  }

  below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  one<T>(values: readonly [T, ...T[]]): T {
    return values[this.below(values.length)] ?? values[0];
  }
}

/** Values that no field expects, among them the ones that have broken parsers before. */
const oddities: readonly [Json, ...Json[]] = [
  null,
  true,
  0,
  -1,
  1e21,
  123456,
  Number.MAX_SAFE_INTEGER,
  '',
  ' ',
  '0',
  '１２３４５６',
  '١٢٣٤٥٦',
  '123456\n',
  '\u0000',
  '\ud800',
  '__proto__',
  'constructor',
  '{{code}}{{code}}',
  "'; drop table verifications; --",
  '%s%n',
  '../../etc/passwd',
  '\u202e1\u200b2',
  'a@b@c',
  '+'.repeat(300),
  'é'.repeat(4000),
  'x'.repeat(20_000),
  [],
  ['123456'],
  [[], [[]]],
  {},
  { length: 6 },
  { toString: '123456' },
];

const oddNumbers = ['1e999', '-0', '0.1e-400', '00', '1.', '.5', '+1', '0x10', 'NaN', 'Infinity', '9'.repeat(400)];

type BodyMutation = (body: Buffer, dice: Dice) => Buffer;

const bodyMutations: Readonly<Record<string, BodyMutation>> = {
  'bytes flipped': (body, dice) => {
    const bytes = Buffer.from(body);
    for (let times = 1 + dice.below(4); times > 0 && bytes.length > 0; times--) {
      const at = dice.below(bytes.length);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << dice.below(8));
    }
    return bytes;
  },
  truncated: (body, dice) => body.subarray(0, dice.below(body.length + 1)),
  'bytes inserted': (body, dice) => {
    const at = dice.below(body.length + 1);
    const added = Buffer.from(Array.from({ length: 1 + dice.below(8) }, () => dice.below(256)));
    return Buffer.concat([body.subarray(0, at), added, body.subarray(at)]);
  },
  'a type swapped': (body, dice) =>
    rewritten(body, dice, (fields, name) => ({ ...fields, [name]: dice.one(oddities) })),
  'an unknown field': (body, dice) => rewritten(body, dice, (fields) => ({ ...fields, admin: dice.one(oddities) })),
  'the whole replaced': (_, dice) => Buffer.from(JSON.stringify(dice.one(oddities))),
  'a key twice': (body, dice) =>
    spliced(body, `${JSON.stringify(aName(body, dice))}:${JSON.stringify(dice.one(oddities))}`),
  'an odd number': (body, dice) => spliced(body, `"ttlSeconds":${oddNumbers[dice.below(oddNumbers.length)]}`),
  'a key of the prototype': (body, dice) =>
    spliced(
      body,
      dice.one(['"__proto__":{"admin":true}', '"constructor":{"prototype":{"x":1}}', '"\\u005f_proto__":{}']),
    ),
  'deep nesting': (body, dice) => {
    const depth = 1 + dice.below(5000);
    const [open, close] = dice.one([
      ['[', ']'],
      ['{"a":', '}'],
    ]);
    return spliced(body, `"metadata":{"a":${open.repeat(depth)}1${close.repeat(depth)}}`);
  },
  'many keys': (body, dice) => {
    const keys = Array.from({ length: 1 + dice.below(1500) }, (_, index) => `"k${index}":0`);
    return spliced(body, `"metadata":{${keys.join()}}`);
  },
  'a huge text': (body, dice) => spliced(body, `"reference":"${'a'.repeat(dice.one([255, 256, 16_000, 1_048_576]))}"`),
  'text around it': (body, dice) =>
    Buffer.concat([
      Buffer.from(dice.one(['\ufeff', ' ', '\u00a0', ")]}',\n", ''])),
      body,
      Buffer.from(dice.one(['', '{}', ' x', '\0', ','])),
    ]),
  'invalid UTF-8': (body, dice) =>
    Buffer.concat([
      body.subarray(0, -2),
      Buffer.from(dice.one([[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80]])),
      body.subarray(-2),
    ]),
  nothing: () => Buffer.alloc(0),
};

/** Rewrites the JSON object of a body, telling the name of one of its fields. */
function rewritten(body: Buffer, dice: Dice, change: (fields: Fields, name: string) => Fields): Buffer {
  return Buffer.from(JSON.stringify(change(JSON.parse(body.toString()) as Fields, aName(body, dice))));
}

function aName(body: Buffer, dice: Dice): string {
  const [first = 'recipient', ...others] = Object.keys(JSON.parse(body.toString()) as Fields);
  return dice.one([first, ...others, 'recipient', 'code', 'metadata', 'signals']);
}

/** Adds a member to the text of a JSON object, as it is. */
function spliced(body: Buffer, member: string): Buffer {
  const text = body.toString().trimEnd().slice(0, -1);
  return Buffer.from(`${text}${text.endsWith('{') ? '' : ','}${member}}`);
}

type HeadMutation = (request: RawRequest, dice: Dice) => RawRequest;

const withHeader = (request: RawRequest, name: string, value: string) => ({
  ...request,
  headers: [...request.headers, [name, value] as const],
});

const replacing = (request: RawRequest, name: string, value: string) =>
  withHeader({ ...request, headers: request.headers.filter(([known]) => known !== name) }, name, value);

const mediaTypes: readonly [string, ...string[]] = [
  'text/plain',
  'application/json; charset=latin1',
  'application/json;;;',
  'APPLICATION/JSON',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  '',
  '/'.repeat(500),
  `application/json${' '.repeat(2000)}x`,
];

const oddHeaders: readonly [readonly [string, string], ...(readonly [string, string])[]] = [
  ['idempotency-key', ''],
  ['idempotency-key', 'a b'],
  ['idempotency-key', 'é'],
  ['idempotency-key', 'k'.repeat(256)],
  ['expect', '100-continue'],
  ['expect', 'the unexpected'],
  ['upgrade', 'websocket'],
  ['connection', 'close, upgrade, __proto__'],
  ['accept', 'nothing/at-all'],
  ['accept-encoding', 'gzip;q=-1'],
  ['content-encoding', 'gzip'],
  ['x-forwarded-for', '::::'],
  ['x-http-method-override', 'DELETE'],
  ['__proto__', 'x'],
  ['constructor', 'x'],
  ['origin', 'null'],
  ['cookie', '=;=;'],
  ['range', 'bytes=0-0,1-1'],
  ['host', 'elsewhere'],
  ['authorization', 'Bearer twice'],
  ['x-long', 'x'.repeat(20_000)],
  ['bad name', 'x'],
  ['x-control', 'a\u0001b'],
  ['content-length', '5'],
  ['content-length', '-1'],
  ['transfer-encoding', 'chunked'],
  ['transfer-encoding', 'gzip, chunked'],
];

const credentials: readonly [string, ...string[]] = [
  '',
  'Bearer',
  'Bearer  ',
  'Basic Og==',
  'Bearer cs_dev_',
  `Bearer ${'_'.repeat(5000)}`,
  'Bearer __proto__',
  'Bearer cs_dev_0000000000000000_00',
];

const oddPaths: readonly [(path: string) => string, ...((path: string) => string)[]] = [
  (path) => `${path}/`,
  (path) => `/${path}`,
  (path) => `${path}%00`,
  (path) => `${path}%ff%fe`,
  (path) => `${path}%`,
  (path) => `${path}%2e%2e%2f`,
  (path) => `${path}/../../dev/credentials`,
  (path) => `${path}?a=1&a=2`,
  (path) => `${path}?__proto__=1&constructor=2`,
  (path) => `${path}?limit=1e3&cursor=%F0&status=&recipient=%00`,
  (path) => `${path}?${'a&'.repeat(900)}`,
  (path) => `${path};jsessionid=1`,
  (path) => `${path}#fragment`,
  (path) => path.toUpperCase(),
  (path) => path.replaceAll('/', '\\'),
  (path) => path.replaceAll(/[0-9a-f]{8}/g, 'zzzzzzzz'),
  (path) => path.replaceAll(/[0-9a-f]{8}-/g, '__proto__'),
  (path) => `${path}${'/a'.repeat(2000)}`,
  (path) => `http://127.0.0.1${path}`,
  (path) => `${path} extra`,
  () => '*',
  () => '',
  () => '/é',
];

const methods = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'TRACE',
  'CONNECT',
  'PROPFIND',
  'get',
  'BREW',
] as const;

const headMutations: Readonly<Record<string, HeadMutation>> = {
  'another media type': (request, dice) => replacing(request, 'content-type', dice.one(mediaTypes)),
  'an odd header': (request, dice) => withHeader(request, ...dice.one(oddHeaders)),
  'many headers': (request, dice) => {
    const added = Array.from({ length: 1 + dice.below(3000) }, (_, index) => [`x-${index}`, '1'] as const);
    return { ...request, headers: [...request.headers, ...added] };
  },
  'another credential': (request, dice) => replacing(request, 'authorization', dice.one(credentials)),
  'an odd path': (request, dice) => ({ ...request, path: dice.one(oddPaths)(request.path) }),
  'another method': (request, dice) => ({ ...request, method: dice.one(methods) }),
  'no length': (request) => ({ ...request, headers: request.headers.filter(([name]) => name !== 'content-length') }),
};

/** Spoils a valid request in one or two ways; the same ways for the same seed. */
export function mutated(valid: RawRequest, seed: number): Mutant {
  const dice = new Dice(seed);
  const how: string[] = [];
  let request = valid;
  if (valid.body !== undefined && dice.below(10) < 7) {
    const [name, mutate] = anEntry(bodyMutations, dice);
    how.push(name);
    request = { ...request, body: mutate(valid.body, dice) };
  }
  request = withLength(request);
  if (how.length === 0 || dice.below(10) < 2) {
    const [name, mutate] = anEntry(headMutations, dice);
    how.push(name);
    request = mutate(request, dice);
  }
  const bytes = written(request);
  return { bytes, how: `${valid.method} ${valid.path}: ${how.join(', ')} (seed ${seed})` };
}

function anEntry<T>(entries: Readonly<Record<string, T>>, dice: Dice): [name: string, value: T] {
  const [first, ...others] = Object.entries(entries);
  if (first === undefined) throw new RangeError('there is nothing to choose from');
  return dice.one([first, ...others]);
}

export function withLength(request: RawRequest): RawRequest {
  return request.body === undefined ? request : replacing(request, 'content-length', String(request.body.length));
}

/** As it goes over the wire. */
export function written({ method, path, headers, body }: RawRequest): Buffer {
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`);
  const head = Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1');
  return Buffer.concat([head, body ?? Buffer.alloc(0)]);
}
