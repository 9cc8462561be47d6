import { systemRandom } from '../engine/random.ts';
import { createLog } from '../telemetry/log.ts';
import { openDirectory } from './data-directory.ts';
import { openKeyOrigin } from './key-file.ts';
import type { CoreParts } from './parts.ts';
import { type Settings, sessionPolicyOf } from './settings.ts';

/** What production is made of. @throws BadDataDirectory, BadKeys */
export function productionParts(settings: Settings, onDeath: (error: Error) => void): CoreParts {
  const { mode, dataDir, databaseFile, keyFile, keys, limits, routes, prices, retention, sessions } = settings;
  const { callbacks, confirmClock } = settings;
  openDirectory(dataDir);
  const origin = openKeyOrigin({ mode, keyFile, keys, databaseFile, random: systemRandom() });
  return {
    file: databaseFile,
    keys: origin.rings,
    savedKeys: origin.saved,
    limits,
    providers: settings.providers.map((provider) => provider.create()),
    routes,
    prices,
    development: false,
    retention,
    sessions: sessionPolicyOf(sessions),
    callbacks,
    clock: 'system',
    log: createLog(settings.logLevel),
    onDeath,
    confirmClock,
  };
}
