import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryDirectory } from '../../testing/process.ts';
import { keyIdOfApplication, pairOf, readApiKey } from '../domain/api-key.ts';
import { systemRandom } from '../engine/random.ts';
import { BadDataDirectory, openDevelopmentDirectory } from './data-directory.ts';

const open = (path: string) => openDevelopmentDirectory(path, systemRandom());

test('makes a directory for its owner alone, with credentials and keys', () => {
  using parent = temporaryDirectory();
  const path = join(parent.path, 'data');
  const { databaseFile, keys, credentials } = open(path);

  expect(databaseFile).toBe(join(path, 'countersign.db'));
  expect(readApiKey(credentials.native.apiKey)).toBeDefined();
  for (const { activeId, keys: byId } of Object.values(keys)) expect(byId[activeId]).toHaveLength(32);
  expect(Object.keys(keys)).toEqual(['pepper', 'data', 'signing']);
  expect(keys.pepper).not.toEqual(keys.data);

  const modes = readdirSync(path).map((name) => [name, statSync(join(path, name)).mode & 0o777]);
  expect(modes.sort()).toEqual([
    ['credentials.json', 0o600],
    ['keys.json', 0o600],
  ]);
  expect(statSync(path).mode & 0o777).toBe(0o700);
});

test('finds the same credentials and keys when it is opened again', () => {
  using parent = temporaryDirectory();
  const first = open(join(parent.path, 'one'));
  expect(open(join(parent.path, 'one'))).toEqual(first);

  const other = open(join(parent.path, 'other'));
  expect(other.credentials).not.toEqual(first.credentials);
  expect(other.keys).not.toEqual(first.keys);
});

test('has the one API key in the form of every face', () => {
  using directory = temporaryDirectory();
  const { tenantId, native, smsworks, smscx, ding } = open(directory.path).credentials;
  const { apiKey } = native;
  expect(smsworks).toEqual({ customerId: tenantId, ...pairOf(apiKey), token: expect.stringMatching(/^JWT [^ ]+$/) });
  expect(smscx).toMatchObject({ apiKey, applicationSecret: smsworks.secret });
  expect(keyIdOfApplication(smscx.applicationId)).toBe(smsworks.key);
  expect(ding).toEqual({ apiKey, customerUuid: tenantId });
});

test('has a user for clients of Equinix Metal, the same at every start; what is not whole is made anew', () => {
  using directory = temporaryDirectory();
  const { metal } = open(directory.path).credentials;
  expect(metal).toEqual({
    authToken: expect.stringMatching(/^cst_/),
    userId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    login: 'ada@metal.example',
    password: expect.stringMatching(/^[0-9a-f]{24}$/),
    phoneNumber: '+33612000077',
  });
  expect(open(directory.path).credentials.metal).toEqual(metal);
  const file = join(directory.path, 'credentials.json');
  const written = JSON.parse(readFileSync(file, 'utf8')) as object;
  for (const broken of [{ authToken: 'k_1' }, { userId: 7 }, { password: '' }]) {
    writeFileSync(file, JSON.stringify({ ...written, metal: { ...metal, ...broken } }));
    expect(open(directory.path).credentials.metal.authToken).not.toBe(metal.authToken);
  }
});

test('completes the credentials that an earlier version made', () => {
  using directory = temporaryDirectory();
  const { tenantId, native } = open(directory.path).credentials;
  const file = join(directory.path, 'credentials.json');
  writeFileSync(file, JSON.stringify({ tenantId, native }));

  const { credentials } = open(directory.path);
  expect(credentials).toMatchObject({ tenantId, native, ding: { apiKey: native.apiKey } });
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(credentials);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(open(directory.path).credentials).toEqual(credentials);
});

test('makes its token anew once the key that signed it is gone', () => {
  using directory = temporaryDirectory();
  const { token } = open(directory.path).credentials.smsworks;
  const file = join(directory.path, 'keys.json');
  const written = JSON.parse(readFileSync(file, 'utf8')) as { signing: object };
  const signing = { active: 'k-new', keys: { 'k-new': Buffer.alloc(32, 7).toString('base64') } };
  writeFileSync(file, JSON.stringify({ ...written, signing }));

  const renewed = open(directory.path).credentials.smsworks.token;
  expect(renewed).not.toBe(token);
  expect(open(directory.path).credentials.smsworks.token).toBe(renewed);
});

test('takes no notice of a draft that a crash left half written', () => {
  using directory = temporaryDirectory();
  for (const name of ['credentials.json.0123abcd.new', 'keys.json.0123abcd.new'])
    writeFileSync(join(directory.path, name), '{"tena');
  const made = open(directory.path);
  expect(open(directory.path)).toEqual(made);
});

test('keeps every key of a ring, and uses the active one', () => {
  using directory = temporaryDirectory();
  open(directory.path);
  const file = join(directory.path, 'keys.json');
  const written = JSON.parse(readFileSync(file, 'utf8')) as { pepper: { active: string; keys: object } };
  const keys = { ...written.pepper.keys, 'k-new': Buffer.alloc(32, 7).toString('base64') };
  writeFileSync(file, JSON.stringify({ ...written, pepper: { active: 'k-new', keys } }));

  const { pepper } = open(directory.path).keys;
  expect(pepper.activeId).toBe('k-new');
  expect(pepper.keys).toMatchObject({ [written.pepper.active]: expect.any(Uint8Array) });
  expect(pepper.keys['k-new']).toEqual(new Uint8Array(32).fill(7));
});

test('adds the signing ring to a key file that an earlier version made, and changes nothing else in it', () => {
  using directory = temporaryDirectory();
  open(directory.path);
  const file = join(directory.path, 'keys.json');
  const { signing: _, ...earlier } = JSON.parse(readFileSync(file, 'utf8')) as { signing: object };
  writeFileSync(file, JSON.stringify(earlier));

  const { signing } = open(directory.path).keys;
  expect(signing.keys[signing.activeId]).toHaveLength(32);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ ...earlier, signing: expect.any(Object) });
  expect(open(directory.path).keys.signing).toEqual(signing);
});

test('refuses a database whose key file is gone, and makes no other one', () => {
  using directory = temporaryDirectory();
  const { databaseFile } = open(directory.path);
  writeFileSync(databaseFile, '');
  rmSync(join(directory.path, 'keys.json'));
  expect(refusalOf(directory.path)).toMatch(/keys\.json is missing, and .*countersign\.db needs its keys; put it back/);
  expect(existsSync(join(directory.path, 'keys.json'))).toBe(false);
});

test('refuses a database without the mark of development mode, and adds nothing to its directory', () => {
  using directory = temporaryDirectory();
  writeFileSync(join(directory.path, 'countersign.db'), '');
  expect(() => open(directory.path)).toThrow(/holds a database that development mode did not make/);
  expect(readdirSync(directory.path)).toEqual(['countersign.db']);
});

test('does not make the folders above the one it was given', () => {
  using directory = temporaryDirectory();
  expect(() => open(join(directory.path, 'a', 'b'))).toThrow(BadDataDirectory);
  expect(existsSync(join(directory.path, 'a'))).toBe(false);
});

const key = Buffer.alloc(32, 1).toString('base64');
const shortKey = Buffer.alloc(31, 1).toString('base64');
const ring = { active: 'a', keys: { a: key } };
const tenantId = '01a1fb35-62b5-72a6-8e84-71b6e6766c6e';

const spoilt: [sentence: string, file: string, holds: string][] = [
  ['half a JSON text', 'keys.json', `{"pepper": {"active": "a", "keys": {"a": "${key}`],
  ['null for keys', 'keys.json', 'null'],
  ['no keys', 'keys.json', '{}'],
  ['one ring only', 'keys.json', JSON.stringify({ pepper: ring })],
  ['an active key that is not there', 'keys.json', JSON.stringify({ pepper: { ...ring, active: 'b' }, data: ring })],
  ['no active key', 'keys.json', JSON.stringify({ pepper: { keys: ring.keys }, data: ring })],
  ['a short key', 'keys.json', JSON.stringify({ pepper: ring, data: { active: 'a', keys: { a: shortKey } } })],
  ['half the credentials', 'credentials.json', `{"tenantId": "${tenantId}`],
  ['null for credentials', 'credentials.json', 'null'],
  ['no API key', 'credentials.json', JSON.stringify({ tenantId })],
  ['something else for an API key', 'credentials.json', JSON.stringify({ tenantId, native: { apiKey: key } })],
  ['no tenant', 'credentials.json', JSON.stringify({ native: { apiKey: key } })],
];

test.each(spoilt)('refuses %s in %s in one line that shows nothing of it', (_, name, holds) => {
  using directory = temporaryDirectory();
  const { databaseFile } = open(directory.path);
  writeFileSync(databaseFile, '');
  const file = join(directory.path, name);
  writeFileSync(file, holds);

  const refusal = refusalOf(directory.path);
  expect(refusal).toContain(directory.path);
  expect(refusal).not.toMatch(/\n|AQEB/);
  expect(readFileSync(file, 'utf8')).toBe(holds);
});

test('refuses a folder where a file of its own is expected', () => {
  using directory = temporaryDirectory();
  mkdirSync(join(directory.path, 'keys.json'));
  expect(refusalOf(directory.path)).toMatch(/cannot be used: EISDIR; mend it/);
});

function refusalOf(path: string): string {
  try {
    open(path);
  } catch (error) {
    expect(error).toBeInstanceOf(BadDataDirectory);
    return (error as BadDataDirectory).message;
  }
  throw new Error('it was opened');
}
