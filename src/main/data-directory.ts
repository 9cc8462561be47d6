import { accessSync, constants, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { applicationIdOf, type KeyPair, makeApiKey, pairOf, readApiKey } from '../domain/api-key.ts';
import type { KeyRings } from '../domain/keys.ts';
import { isUuid } from '../domain/uuid.ts';
import { liveKeys } from '../engine/key-source.ts';
import { type Random, uuidv7 } from '../engine/random.ts';
import { createTokens } from '../engine/tokens.ts';
import { type MetalCredentials, metalUser } from './development-user.ts';
import { BadKeys, openKeyOrigin } from './key-file.ts';
import { makeFile, replaceFile } from './own-file.ts';

/** The credentials of development mode: a member per face, and the tenant they belong to. */
export interface Credentials {
  readonly tenantId: string;
  readonly native: { readonly apiKey: string };
  readonly smsworks: KeyPair & { readonly customerId: string; readonly token: string };
  readonly smscx: { readonly apiKey: string; readonly applicationId: string; readonly applicationSecret: string };
  readonly ding: { readonly apiKey: string; readonly customerUuid: string };
  readonly metal: MetalCredentials;
}

/** What all of it is made from. */
export type RootCredentials = Pick<Credentials, 'tenantId' | 'native'>;

export interface DataDirectory {
  readonly databaseFile: string;
  readonly keys: KeyRings;
  readonly keyFile: string;
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
    const root = readRoot(credentialsFile, random);
    const keyFile = join(path, 'keys.json');
    const { rings } = openKeyOrigin({ mode: 'development', keyFile, databaseFile, random });
    const credentials = completed(credentialsFile, root, rings, random);
    return { databaseFile, keyFile, keys: rings, credentials };
  } catch (error) {
    if (error instanceof BadKeys) throw new BadDataDirectory(error.message);
    throw error instanceof BadDataDirectory ? error : new BadDataDirectory(whyUnusable(path, error));
  }
}

/**
 * Opens the data directory of a server in production, or makes it, for this user alone.
 * @throws BadDataDirectory when it cannot be used, or belongs to development mode
 */
export function openDirectory(path: string): void {
  try {
    if (!existsSync(path)) mkdirSync(path, { mode: 0o700 });
    if (existsSync(join(path, 'credentials.json'))) {
      throw new BadDataDirectory(`${path} belongs to development mode; choose another directory`);
    }
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
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

/** @throws BadDataDirectory when the file is not as it was written: another key would be a stranger to the database */
function readRoot(file: string, random: Random): RootCredentials {
  if (!existsSync(file)) makeFile(file, jsonOf(makeRoot(random)), random);
  const { tenantId, native } = fieldsOf(JSON.parse(readFileSync(file, 'utf8')));
  const { apiKey } = fieldsOf(native);
  if (typeof tenantId !== 'string' || !isUuid(tenantId)) throw notAsWritten(file, 'names no tenant');
  if (typeof apiKey !== 'string' || readApiKey(apiKey) === undefined) throw notAsWritten(file, 'holds no API key');
  return { tenantId, native: { apiKey } };
}

/**
 * The same API key in the form that each vendor's face takes, and a user. The token stays as it is in the file while it
 * works, and is made anew when its signing key is gone or its year is over.
 */
function completed(file: string, { tenantId, native }: RootCredentials, rings: KeyRings, random: Random): Credentials {
  const { apiKey } = native;
  const pair = pairOf(apiKey);
  const hash = readApiKey(apiKey)?.hash.toString('hex') ?? '';
  const ofKey = { id: pair.key, tenantId, hash };
  const tokens = createTokens({ keys: liveKeys(rings), random, nowMs: () => Date.now() });
  const text = readFileSync(file, 'utf8');
  const { smsworks, metal } = fieldsOf(JSON.parse(text));
  const { token: kept } = fieldsOf(smsworks);
  const bare = typeof kept === 'string' ? kept.replace(/^JWT /, '') : '';
  const works = tokens.readJwt(bare, 'smsworks')?.isOf(ofKey) === true;
  const token = `JWT ${works ? bare : tokens.issueJwt(ofKey, 'smsworks', tokenSeconds)}`;
  const credentials = {
    tenantId,
    native,
    smsworks: { customerId: tenantId, ...pair, token },
    smscx: { apiKey, applicationId: applicationIdOf(pair.key), applicationSecret: pair.secret },
    ding: { apiKey, customerUuid: tenantId },
    metal: metalUser(fieldsOf(metal), random),
  };
  if (jsonOf(credentials) !== text) replaceFile(file, jsonOf(credentials), random);
  return credentials;
}

const tokenSeconds = 365 * 86_400;

function jsonOf(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function notAsWritten(file: string, what: string): BadDataDirectory {
  return new BadDataDirectory(`${file} ${what}; put it back as it was, or remove the whole directory to start anew`);
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function makeRoot(random: Random): RootCredentials {
  const apiKey = makeApiKey('dev', random.hex(8), random.hex(32));
  return { tenantId: uuidv7(Date.now(), random), native: { apiKey } };
}
