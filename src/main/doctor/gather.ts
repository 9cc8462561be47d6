import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type DirectoryFacts,
  type Facts,
  fact,
  type KeyFileFacts,
  type SettingsFacts,
} from '../../cli/doctor/facts.ts';
import type { Whereabouts } from '../../cli/parts.ts';
import { isListening } from '../listening.ts';
import { BadSettings, type Settings } from '../settings.ts';
import { isDevelopment, namedDirectory, type Surroundings, socketPath } from '../surroundings.ts';
import { located } from '../whereabouts.ts';
import { deliveryFacts } from './delivery-facts.ts';
import { directoryFacts, machineFacts, pathFacts } from './machine-facts.ts';
import { storeFacts } from './store-facts.ts';

/** Learns what doctor looks at. What the settings would tell stays unknown while they are not good. */
export async function gatherFacts(where: Whereabouts, surroundings: Surroundings): Promise<Facts> {
  const read = readWhere(where, surroundings);
  const dataDir = read.settings?.dataDir ?? namedDirectory(where, surroundings);
  const files = read.settings ?? (dataDir === undefined ? undefined : usualFiles(dataDir));
  return {
    settings: await fact(() => read.facts()),
    directory: await fact<DirectoryFacts>(() => directoryFacts(dataDir ?? needed(read).dataDir)),
    keyFile: await fact(() => keyFileFacts(files ?? needed(read))),
    store: await fact(() => storeFacts((files ?? needed(read)).databaseFile)),
    machine: await fact(machineFacts),
    delivery: await fact(() => deliveryFacts(needed(read))),
    running: dataDir !== undefined && (await isListening(socketPath(dataDir))),
  };
}

type Files = Pick<Settings, 'databaseFile' | 'keyFile' | 'keys'>;

/** Where files are while the settings that would say so are not good. */
function usualFiles(dataDir: string): Files {
  return { databaseFile: join(dataDir, 'countersign.db'), keyFile: join(dataDir, 'keys.json') };
}

interface Read {
  readonly settings?: Settings;
  facts(): SettingsFacts;
}

function readWhere(where: Whereabouts, surroundings: Surroundings): Read {
  try {
    const settings = located(where, surroundings);
    return { settings, facts: () => ({ mode: settings.mode, problems: [] }) };
  } catch (error) {
    const dataDir = namedDirectory(where, surroundings);
    const mode = dataDir !== undefined && isDevelopment(dataDir) ? 'development' : 'production';
    return {
      facts() {
        if (error instanceof BadSettings) return { mode, problems: error.problems };
        throw error;
      },
    };
  }
}

function needed({ settings }: Read): Settings {
  if (settings === undefined) throw new Error('the settings are not good');
  return settings;
}

/** Keys from a setting have no file to look at. */
function keyFileFacts({ keyFile, keys }: Files): KeyFileFacts {
  const facts = keys === undefined ? pathFacts(keyFile) : { path: 'keys', exists: true, owner: 0, mode: 0o600 };
  if (!facts.exists) return { ...facts, problem: null, rings: {} };
  try {
    const rings = JSON.parse(keys ?? readFileSync(keyFile, 'utf8')) as Record<string, { readonly keys?: object }>;
    const ids = Object.entries(rings).map(([ring, { keys: held }]) => [ring, Object.keys(held ?? {})]);
    return { ...facts, problem: null, rings: Object.fromEntries(ids) };
  } catch (error) {
    // What the parser says would quote the file.
    const said = error instanceof Error && 'code' in error ? String(error.code) : 'it is not valid JSON';
    return { ...facts, problem: `${facts.path} cannot be read: ${said}`, rings: {} };
  }
}
