import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { providerTypes } from '../channels/catalog.ts';
import type { Whereabouts } from '../cli/parts.ts';
import { settingsFileName, settingsFileVariable } from './settings/settings-file.ts';
import { BadSettings, readSettings, type Settings } from './settings.ts';
import { isDevelopment, namedDirectory, type Surroundings } from './surroundings.ts';

/** Settings of a mode, with what the command line says before everything else. @throws BadSettings */
export function settingsOf(mode: Settings['mode'], where: Whereabouts, { env, cwd }: Surroundings): Settings {
  const { dataDir, configFile } = where;
  const said = dataDir === undefined ? {} : { COUNTERSIGN_DATA_DIR: resolve(cwd, dataDir) };
  return readSettings({ mode, env: { ...env, ...said }, cwd, configFile, providerTypes });
}

/**
 * The settings of the server that a command is about: those of development mode where it made the data directory.
 * @throws BadSettings with what is wrong with those of production otherwise
 */
export function located(where: Whereabouts, surroundings: Surroundings): Settings {
  const named = namedDirectory(where, surroundings);
  if (named !== undefined) return settingsOf(isDevelopment(named) ? 'development' : 'production', where, surroundings);
  // The settings themselves say where the directory is, and the directory which settings they are.
  const development = attempt(() => settingsOf('development', where, surroundings));
  if (development !== undefined && isDevelopment(development.dataDir)) return development;
  return settingsOf('production', where, surroundings);
}

function attempt(read: () => Settings): Settings | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof BadSettings) return undefined;
    throw error;
  }
}

/** The settings file that is read, absolute; null when there is none. */
export function settingsFile({ configFile }: Whereabouts, { env, cwd }: Surroundings): string | null {
  const named = configFile ?? (env[settingsFileVariable] || undefined);
  const path = resolve(cwd, named ?? settingsFileName);
  return named !== undefined || existsSync(path) ? path : null;
}
