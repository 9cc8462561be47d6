import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeApiKey, readApiKey } from '../domain/api-key.ts';
import type { KeyRing, KeyRings } from '../domain/keys.ts';
import { type Random, uuidv7 } from '../engine/random.ts';

/** The credentials of development mode: a member per face, and the tenant they belong to. */
export interface Credentials {
  readonly tenantId: string;
  readonly native: { readonly apiKey: string };
}

export interface DataDirectory {
  readonly databaseFile: string;
  readonly keys: KeyRings;
  readonly credentials: Credentials;
}

/** A data directory that cannot be used, in one line that says what to do. */
export class BadDataDirectory extends Error {}

/**
 * Opens the data directory of development mode, or makes it: key file and credentials, readable by their owner alone.
 * `credentials.json` marks a directory as one of development mode.
 * @throws BadDataDirectory when it cannot be written, or holds a database that development mode did not make
 */
export function openDevelopmentDirectory(path: string, random: Random): DataDirectory {
  const databaseFile = join(path, 'countersign.db');
  const credentialsFile = join(path, 'credentials.json');
  try {
    // Not with its parents: a misspelt path is more likely than a wish for many folders.
    if (!existsSync(path)) mkdirSync(path, { mode: 0o700 });
    if (existsSync(databaseFile) && !existsSync(credentialsFile)) {
      throw new BadDataDirectory(
        `${path} holds a database that development mode did not make; choose another directory`,
      );
    }
    const credentials = readCredentials(credentialsFile, random);
    const keys = readKeys(join(path, 'keys.json'), random);
    return { databaseFile, keys, credentials };
  } catch (error) {
    throw error instanceof BadDataDirectory ? error : new BadDataDirectory(whyUnusable(path, error));
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'the folder it would be in does not exist',
  ENOTDIR: 'a part of its path is a file',
  EACCES: 'this user may not use it',
  EPERM: 'this user may not use it',
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full',
};

function whyUnusable(path: string, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
  const said = error instanceof SyntaxError ? 'a file in it is not valid JSON' : (reasons[code] ?? code);
  return `the data directory ${path} cannot be used: ${said}; mend it, or choose another with COUNTERSIGN_DATA_DIR`;
}

function readOrMake(file: string, make: () => unknown): unknown {
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8'));
  const value = make();
  // Written beside, made durable and renamed, so that a crash leaves a whole file or none.
  const draft = `${file}.new`;
  writeFileSync(draft, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600, flush: true });
  chmodSync(draft, 0o600);
  renameSync(draft, file);
  return value;
}

/** @throws BadDataDirectory when the file is not as it was written: another key would be a stranger to the database */
function readCredentials(file: string, random: Random): Credentials {
  const { tenantId, native } = fieldsOf(readOrMake(file, () => makeCredentials(random)));
  const { apiKey } = fieldsOf(native);
  if (typeof tenantId !== 'string' || !uuid.test(tenantId)) throw notAsWritten(file, 'names no tenant');
  if (typeof apiKey !== 'string' || readApiKey(apiKey) === undefined) throw notAsWritten(file, 'holds no API key');
  return { tenantId, native: { apiKey } };
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function notAsWritten(file: string, what: string): BadDataDirectory {
  return new BadDataDirectory(`${file} ${what}; put it back as it was, or remove the whole directory to start anew`);
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function makeCredentials(random: Random): Credentials {
  const apiKey = makeApiKey('dev', random.hex(8), random.hex(32));
  return { tenantId: uuidv7(Date.now(), random), native: { apiKey } };
}

interface RingFile {
  readonly active: string;
  /** Base64 of 32 bytes each. */
  readonly keys: Readonly<Record<string, string>>;
}

function makeKeys(random: Random): Record<keyof KeyRings, RingFile> {
  const ring = (): RingFile => {
    const active = `k-${random.hex(4)}`;
    return { active, keys: { [active]: Buffer.from(random.hex(32), 'hex').toString('base64') } };
  };
  return { pepper: ring(), data: ring() };
}

function readKeys(file: string, random: Random): KeyRings {
  const { pepper, data } = fieldsOf(readOrMake(file, () => makeKeys(random)));
  const rings = { pepper: readRing(pepper), data: readRing(data) };
  if (rings.pepper === undefined || rings.data === undefined) {
    throw notAsWritten(file, 'must hold two rings, each with an active key, of keys of 32 bytes in base64');
  }
  return { pepper: rings.pepper, data: rings.data };
}

function readRing(ring: unknown): KeyRing | undefined {
  const { active, keys } = fieldsOf(ring);
  const raw = Object.entries(fieldsOf(keys)).map(([id, text]) => [id, Buffer.from(String(text), 'base64')] as const);
  if (typeof active !== 'string' || raw.some(([, key]) => key.length !== 32)) return undefined;
  if (!raw.some(([id]) => id === active)) return undefined;
  return { activeId: active, keys: Object.fromEntries(raw.map(([id, key]) => [id, new Uint8Array(key)])) };
}
