import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { built, startProcess, temporaryDirectory } from '../../testing/process.ts';
import { withActiveKey, withoutKey } from '../domain/keys.ts';
import { systemRandom } from '../engine/random.ts';
import { BadKeys, type KeyOriginOptions, makeKeyFile, openKeyOrigin, parseKeyRings, readKeyFile } from './key-file.ts';

const random = systemRandom();
const optionsIn = (path: string, changed: Partial<KeyOriginOptions> = {}): KeyOriginOptions => ({
  mode: 'production',
  keyFile: join(path, 'keys.json'),
  databaseFile: join(path, 'countersign.db'),
  random,
  ...changed,
});

const drawn = () => randomBytes(32).toString('base64');
const ring = (id: string, key = drawn()) => ({ active: id, keys: { [id]: key } });
const whole = (changed: object = {}) => ({
  pepper: ring('k-1a2b3c4d'),
  data: ring('k-2b3c4d5e'),
  signing: ring('k-3c4d5e6f'),
  ...changed,
});

function refusalOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(BadKeys);
    return (error as BadKeys).message;
  }
  throw new Error('it was not refused');
}

test('makes a key file at a first start, for its owner alone, and reads the same rings from it afterwards', () => {
  using directory = temporaryDirectory();
  const options = optionsIn(directory.path);
  const { rings } = openKeyOrigin(options);
  expect(Object.keys(rings)).toEqual(['pepper', 'data', 'signing']);
  expect(readdirSync(directory.path)).toEqual(['keys.json']);
  expect(statSync(options.keyFile).mode & 0o777).toBe(0o600);
  writeFileSync(options.databaseFile, '');
  expect(openKeyOrigin(options).rings).toEqual(rings);
  expect(readKeyFile(options.keyFile)).toEqual(rings);
});

test('makes no second key file over the first', () => {
  using directory = temporaryDirectory();
  const { keyFile } = optionsIn(directory.path);
  expect(makeKeyFile(keyFile, random)).toBe(true);
  const first = readFileSync(keyFile, 'utf8');
  expect(makeKeyFile(keyFile, random)).toBe(false);
  expect(readFileSync(keyFile, 'utf8')).toBe(first);
  expect(readdirSync(directory.path)).toEqual(['keys.json']);
});

test.each(['production', 'development'] as const)('in %s refuses a database whose key file is missing', (mode) => {
  using directory = temporaryDirectory();
  const options = optionsIn(directory.path, { mode });
  writeFileSync(options.databaseFile, '');
  expect(refusalOf(() => openKeyOrigin(options))).toMatch(/keys\.json is missing, .* put it back from a copy/);
  expect(existsSync(options.keyFile)).toBe(false);
});

test('what is saved is read again, whole', async () => {
  using directory = temporaryDirectory();
  const options = optionsIn(directory.path);
  const { rings, saved } = openKeyOrigin(options);
  const changed = withActiveKey(rings, 'data', 'k-new', new Uint8Array(randomBytes(32)));
  await saved?.save(changed);
  expect(openKeyOrigin(options).rings).toEqual(changed);
  await saved?.save(withoutKey(changed, 'data', rings.data.activeId));
  expect(Object.keys(readKeyFile(options.keyFile).data.keys)).toEqual(['k-new']);
  expect(statSync(options.keyFile).mode & 0o777).toBe(0o600);
  expect(readdirSync(directory.path)).toEqual(['keys.json']);
});

test('rings from a setting need no file, and cannot be saved', () => {
  using directory = temporaryDirectory();
  const keys = JSON.stringify(whole());
  const { rings, saved } = openKeyOrigin(optionsIn(directory.path, { keys }));
  expect(rings).toEqual(parseKeyRings(keys, 'a setting'));
  expect(saved).toBeUndefined();
  expect(readdirSync(directory.path)).toEqual([]);
});

test.each([0o640, 0o604, 0o660, 0o644, 0o610])('outside development refuses a key file of mode %o', (mode) => {
  using directory = temporaryDirectory();
  const options = optionsIn(directory.path);
  makeKeyFile(options.keyFile, random);
  chmodSync(options.keyFile, mode);
  expect(refusalOf(() => openKeyOrigin(options))).toMatch(/keys\.json may be read by others; .* chmod 600/);
  expect(openKeyOrigin({ ...options, mode: 'development' }).saved).toBeDefined();
});

const twice = drawn();
const sample = (key: Buffer) => JSON.stringify(whole({ data: ring('k-sample', key.toString('base64')) }));
const samples: [what: string, holds: string, says: RegExp][] = [
  ['zeros', sample(Buffer.alloc(32)), /data key k-sample that is a row of equal or counted bytes/],
  ['a repeated word', sample(Buffer.from('changeme'.repeat(4))), /data key k-sample that is text/],
  ['a shorter key repeated', sample(Buffer.alloc(32, randomBytes(8))), /data key k-sample that is a shorter one/],
  [
    'one key in two rings',
    JSON.stringify(whole({ pepper: ring('k-one', twice), signing: ring('k-two', twice) })),
    /more than once \(pepper k-one, signing k-two\)/,
  ],
  [
    'one key twice in a ring',
    JSON.stringify(whole({ data: { active: 'k-a', keys: { 'k-a': twice, 'k-b': twice } } })),
    /more than once \(data k-a, data k-b\)/,
  ],
];

test.each(samples)('outside development refuses %s, and says which without showing it', (_, holds, says) => {
  using directory = temporaryDirectory();
  const options = optionsIn(directory.path);
  writeFileSync(options.keyFile, holds, { mode: 0o600 });
  const inFile = refusalOf(() => openKeyOrigin(options));
  const inSetting = refusalOf(() => openKeyOrigin({ ...options, keys: holds, setting: 'COUNTERSIGN_KEYS' }));
  for (const [message, where] of [
    [inFile, options.keyFile],
    [inSetting, 'COUNTERSIGN_KEYS'],
  ] as const) {
    expect(message).toMatch(says);
    expect(message.startsWith(`${where} `)).toBe(true);
    expect(message).not.toContain('\n');
    for (const [, key = ''] of holds.matchAll(/:"([^"]{44})"/g)) expect(message).not.toContain(key.slice(0, 8));
  }
  expect(openKeyOrigin({ ...options, mode: 'development' }).rings.data).toBeDefined();
});

const key = drawn();
const malformed: [what: string, holds: string, says: RegExp][] = [
  ['half a text', JSON.stringify(whole()).slice(0, 60), /is not valid JSON/],
  ['null', 'null', /holds no pepper ring/],
  ['a list', '[]', /holds no pepper ring/],
  ['no signing ring', JSON.stringify(whole({ signing: undefined })), /holds no signing ring/],
  ['a ring without keys', JSON.stringify(whole({ data: { active: 'k', keys: {} } })), /holds no data ring/],
  ['a ring that nobody knows', JSON.stringify(whole({ salt: ring('k') })), /something that is no ring/],
  ['a prototype', JSON.stringify(whole()).replace('{', '{"__proto__": {},'), /something that is no ring/],
  [
    'an active key that is not there',
    JSON.stringify(whole({ data: { ...ring('k-a'), active: 'k-b' } })),
    /no active key/,
  ],
  [
    'no active key',
    JSON.stringify(whole({ pepper: { keys: { k: key } } })),
    /no active key that the pepper ring holds/,
  ],
  ['31 bytes', sample(randomBytes(31)), /data key k-sample that is not 32 bytes/],
  ['33 bytes', sample(randomBytes(33)), /data key k-sample that is not 32 bytes/],
  ['no text', JSON.stringify(whole({ data: { active: 'k', keys: { k: 5 } } })), /data key k that is not 32 bytes/],
  [
    'hexadecimal',
    JSON.stringify(whole({ data: ring('k', randomBytes(32).toString('hex')) })),
    /not 32 bytes in base64/,
  ],
  ['base64 with a letter too many', JSON.stringify(whole({ data: ring('k', `${key}A`) })), /not 32 bytes in base64/],
  ['an odd id', JSON.stringify(whole({ data: ring('k 1') })), /data key with something else than letters/],
  [
    'the id of a prototype',
    JSON.stringify(whole({ data: ring('a') })).replaceAll('"a"', '"__proto__"'),
    /something else/,
  ],
];

test.each(malformed)('refuses %s and shows nothing of it, in every mode', (_, holds, says) => {
  using directory = temporaryDirectory();
  const options = optionsIn(directory.path, { mode: 'production' });
  writeFileSync(options.keyFile, holds, { mode: 0o600 });
  const messages = [
    refusalOf(() => openKeyOrigin(options)),
    refusalOf(() => openKeyOrigin({ ...options, keys: holds, setting: 'COUNTERSIGN_KEYS' })),
  ];
  for (const message of messages) {
    expect(message).toMatch(says);
    expect(message).not.toContain(key.slice(0, 8));
  }
  expect(readFileSync(options.keyFile, 'utf8')).toBe(holds);
});

test('of several processes that start first at once, all use the keys of one file', async () => {
  using directory = temporaryDirectory();
  const program = `
    import { openKeyOrigin } from ${JSON.stringify(built('src/main/key-file.js'))};
    import { systemRandom } from ${JSON.stringify(built('src/engine/random.js'))};
    const options = { ...${JSON.stringify(optionsIn(directory.path))}, random: systemRandom() };
    while (Date.now() < Number(process.argv[1]));
    console.log(JSON.stringify(openKeyOrigin(options).rings.pepper.activeId));
  `;
  const startAt = String(Date.now() + 1500);
  const started = [1, 2, 3].map(() =>
    startProcess(process.execPath, ['--input-type=module', '--eval', program, startAt]),
  );
  try {
    const exits = await Promise.all(started.map(({ ended }) => ended));
    expect(started.map(({ stderr }) => stderr)).toEqual(['', '', '']);
    expect(exits).toEqual(exits.map(() => ({ code: 0, signal: null })));
    const ids = started.map(({ stdout }) => JSON.parse(stdout) as string);
    expect(new Set(ids)).toEqual(new Set([readKeyFile(join(directory.path, 'keys.json')).pepper.activeId]));
    expect(readdirSync(directory.path)).toEqual(['keys.json']);
  } finally {
    for (const one of started) await one[Symbol.asyncDispose]();
  }
});
