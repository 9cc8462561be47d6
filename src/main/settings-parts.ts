import { providerTypes } from '../channels/catalog.ts';
import type { CheckedSettings, ListedSetting, Whereabouts } from '../cli/parts.ts';
import { failureOf } from './failures.ts';
import { exampleSettings } from './settings/example.ts';
import { settingsList } from './settings/list.ts';
import { BadSettings, type Settings } from './settings.ts';
import type { Surroundings } from './surroundings.ts';
import { settingsFile, settingsOf } from './whereabouts.ts';

/* What the command line says of settings. */

export function example(): string {
  return exampleSettings(providerTypes);
}

/** Their words are written for documents, where values are in backquotes. */
export function listed(): readonly ListedSetting[] {
  return settingsList().map(({ key, variable, default: preset, description }) => ({
    key,
    variable,
    preset: preset.replaceAll('`', ''),
    does: description.replaceAll('`', ''),
  }));
}

export function checked(where: Whereabouts, mode: Settings['mode'], surroundings: Surroundings): CheckedSettings {
  const file = settingsFile(where, surroundings);
  try {
    settingsOf(mode, where, surroundings);
    return { file, problems: [] };
  } catch (error) {
    if (error instanceof BadSettings) return { file, problems: error.problems };
    throw error;
  }
}

/** @throws CommandProblem with everything that is wrong with them */
export function goodSettings(where: Whereabouts, mode: Settings['mode'], surroundings: Surroundings): Settings {
  try {
    return settingsOf(mode, where, surroundings);
  } catch (error) {
    throw failureOf(error, undefined);
  }
}
