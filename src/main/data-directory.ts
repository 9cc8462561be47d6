import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeApiKey } from '../domain/api-key.ts';
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
    mkdirSync(path, { recursive: true, mode: 0o700 });
    if (existsSync(databaseFile) && !existsSync(credentialsFile)) {
      throw new BadDataDirectory(
        `${path} holds a database that development mode did not make; choose another directory`,
      );
    }
    const credentials = readOrMake<Credentials>(credentialsFile, () => makeCredentials(random));
    const keys = readKeys(readOrMake(join(path, 'keys.json'), () => makeKeys(random)));
    return { databaseFile, keys, credentials };
  } catch (error) {
    throw error instanceof BadDataDirectory ? error : new BadDataDirectory(whyUnusable(path, error));
  }
}

function whyUnusable(path: string, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
  const said = error instanceof SyntaxError ? 'a file in it is not valid JSON' : code;
  return `the data directory ${path} cannot be used (${said}); mend it, or choose another with COUNTERSIGN_DATA_DIR`;
}

function readOrMake<T>(file: string, make: () => T): T {
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as T;
  const value = make();
  // Written beside and renamed, so that a crash leaves a whole file or none.
  const draft = `${file}.new`;
  writeFileSync(draft, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  chmodSync(draft, 0o600);
  renameSync(draft, file);
  return value;
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

function readKeys(file: Record<keyof KeyRings, RingFile>): KeyRings {
  return { pepper: readRing(file.pepper), data: readRing(file.data) };
}

function readRing({ active, keys }: RingFile): KeyRing {
  const raw = Object.entries(keys).map(([id, text]) => [id, new Uint8Array(Buffer.from(text, 'base64'))] as const);
  if (!raw.some(([id]) => id === active) || raw.some(([, key]) => key.length !== 32)) {
    throw new BadDataDirectory('keys.json must name an active key and hold keys of 32 bytes in base64');
  }
  return { activeId: active, keys: Object.fromEntries(raw) };
}
