import { closeSync, existsSync, fstatSync, openSync, readFileSync, statSync } from 'node:fs';
import {
  type KeyRing,
  type KeyRings,
  keyBytes,
  type RingName,
  repeatedKeys,
  ringNames,
  sampleKeyProblem,
} from '../domain/keys.ts';
import type { SavedKeys } from '../engine/key-source.ts';
import type { Random } from '../engine/random.ts';
import { makeFile, replaceFile } from './own-file.ts';

/** Key rings that cannot be used, in one line that names ring, key and remedy, and no key itself. */
export class BadKeys extends Error {
  constructor(where: string, problem: string) {
    super(`${where} ${problem}`);
    this.name = 'BadKeys';
  }
}

export interface KeyOrigin {
  readonly rings: KeyRings;
  /** Where changed rings are written; absent when they come from a setting. */
  readonly saved: SavedKeys | undefined;
}

export interface KeyOriginOptions {
  readonly mode: 'development' | 'production';
  readonly keyFile: string;
  /** The rings themselves, as JSON, in the place of a file. */
  readonly keys?: string | undefined;
  /** How that setting is called. */
  readonly setting?: string | undefined;
  /** Path of the database that the keys belong to. */
  readonly databaseFile: string;
  readonly random: Random;
}

/**
 * Reads the key rings, or makes the key file at a first start, when there is no database yet.
 * @throws BadKeys when they cannot be used, or are missing while the database exists; outside development mode also
 *   when others may read the file, or a key is one that anybody could know
 */
export function openKeyOrigin(options: KeyOriginOptions): KeyOrigin {
  const { mode, keyFile, keys, setting = 'the setting keys', random } = options;
  if (keys !== undefined) {
    const rings = parseKeyRings(keys, setting);
    if (mode === 'production') assertOurs(rings, setting);
    return { rings, saved: undefined };
  }
  // Whether there is a database is asked first: another process that starts now makes the key file before it.
  const isFirstStart = !isFile(options.databaseFile);
  if (!existsSync(keyFile)) {
    if (!isFirstStart) throw missing(options);
    makeKeyFile(keyFile, random);
  }
  const rings = mode === 'production' ? readKeyFile(keyFile) : readOrComplete(keyFile, random);
  return { rings, saved: savedIn(keyFile, random) };
}

/** What is no file is no database either, which opening it will say. */
function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

/** @throws BadKeys when the file is not as it should be, or its keys are not for its owner alone */
export function readKeyFile(file: string): KeyRings {
  const rings = parseKeyRings(ownText(file), file);
  assertOurs(rings, file);
  return rings;
}

/** Draws a key for each ring. @returns false, with nothing changed, when there is a file already */
export function makeKeyFile(file: string, random: Random): boolean {
  const rings = Object.fromEntries(ringNames.map((ring) => [ring, drawnRing(random)])) as Record<RingName, KeyRing>;
  return makeFile(file, textOf(rings), random);
}

/** Changed rings could not be written down, so that nothing was changed. */
export class KeysNotSaved extends Error {
  constructor(file: string, cause: unknown) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error';
    super(
      `${file} could not be replaced (${code}); let the server write its folder, and make room if the disk is full`,
      {
        cause,
      },
    );
    this.name = 'KeysNotSaved';
  }
}

/** The key file as the place where changed rings are kept; its `save` throws KeysNotSaved. */
export function savedIn(file: string, random: Random): SavedKeys {
  return {
    async save(rings) {
      try {
        replaceFile(file, textOf(rings), random);
      } catch (error) {
        throw new KeysNotSaved(file, error);
      }
    },
  };
}

/** @param where - what a message calls the text: a path, or the name of a setting @throws BadKeys */
export function parseKeyRings(text: string, where: string): KeyRings {
  const fields = parsed(text, where);
  const ring = (name: RingName) => parsedRing(fields[name], name, where);
  return { pepper: ring('pepper'), data: ring('data'), signing: ring('signing') };
}

type Fields = Readonly<Record<string, unknown>>;

function parsed(text: string, where: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // What the parser says would quote the text.
    throw new BadKeys(where, `is not valid JSON; ${remedy}`);
  }
  const stranger = Object.keys(fieldsOf(value)).find((name) => !(ringNames as readonly string[]).includes(name));
  if (stranger !== undefined) throw new BadKeys(where, `holds something that is no ring; ${remedy}`);
  return fieldsOf(value);
}

const remedy = 'put it back as it was, from a copy if need be';
const wellFormedId = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

function parsedRing(value: unknown, ring: RingName, where: string): KeyRing {
  const { active, keys } = fieldsOf(value);
  const entries = Object.entries(fieldsOf(keys));
  if (entries.length === 0) throw new BadKeys(where, `holds no ${ring} ring with keys in it; ${remedy}`);
  const raw = entries.map(([id, text]) => {
    if (!wellFormedId.test(id)) {
      throw new BadKeys(where, `names a ${ring} key with something else than letters, digits, dots and hyphens`);
    }
    const key = Buffer.from(String(text), 'base64');
    if (key.length !== keyBytes || key.toString('base64') !== text) {
      throw new BadKeys(where, `holds a ${ring} key ${id} that is not ${keyBytes} bytes in base64; ${remedy}`);
    }
    return [id, new Uint8Array(key)] as const;
  });
  if (typeof active !== 'string' || !raw.some(([id]) => id === active)) {
    throw new BadKeys(where, `names no active key that the ${ring} ring holds; ${remedy}`);
  }
  return { activeId: active, keys: Object.fromEntries(raw) };
}

/** @throws BadKeys for a key that somebody else may know, or that stands in two places */
function assertOurs(rings: KeyRings, where: string): void {
  for (const ring of ringNames) {
    for (const [id, key] of Object.entries(rings[ring].keys)) {
      const problem = sampleKeyProblem(key);
      if (problem !== undefined) {
        throw new BadKeys(where, `holds a ${ring} key ${id} that ${problem}; draw one with: openssl rand -base64 32`);
      }
    }
  }
  const repeated = repeatedKeys(rings);
  if (repeated.length > 0) {
    throw new BadKeys(where, `holds one key more than once (${repeated.join(', ')}); each key has one purpose`);
  }
}

/** @throws BadKeys when others may read it */
function ownText(file: string): string {
  const opened = openSync(file, 'r');
  try {
    if ((fstatSync(opened).mode & 0o077) !== 0) {
      throw new BadKeys(file, `may be read by others; make it its owner's alone: chmod 600 ${file}`);
    }
    return readFileSync(opened, 'utf8');
  } finally {
    closeSync(opened);
  }
}

/** The key file of development mode; one of an earlier version lacks the signing ring, which is added. */
function readOrComplete(file: string, random: Random): KeyRings {
  const text = readFileSync(file, 'utf8');
  const fields = parsed(text, file);
  if (Object.keys(fields).length === 0 || fields.signing !== undefined) return parseKeyRings(text, file);
  const rings = {
    pepper: parsedRing(fields.pepper, 'pepper', file),
    data: parsedRing(fields.data, 'data', file),
    signing: drawnRing(random),
  };
  replaceFile(file, textOf(rings), random);
  return rings;
}

function missing({ keyFile, databaseFile }: KeyOriginOptions): BadKeys {
  return new BadKeys(
    keyFile,
    `is missing, and ${databaseFile} needs its keys; put it back from a copy, or remove the database to start anew`,
  );
}

function drawnRing(random: Random): KeyRing {
  const activeId = `k-${random.hex(4)}`;
  return { activeId, keys: { [activeId]: new Uint8Array(Buffer.from(random.hex(keyBytes), 'hex')) } };
}

function textOf(rings: KeyRings): string {
  const written = ringNames.map((ring) => {
    const { activeId, keys } = rings[ring];
    const inBase64 = Object.entries(keys).map(([id, key]) => [id, Buffer.from(key).toString('base64')] as const);
    return [ring, { active: activeId, keys: Object.fromEntries(inBase64) }] as const;
  });
  return `${JSON.stringify(Object.fromEntries(written), null, 2)}\n`;
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}
