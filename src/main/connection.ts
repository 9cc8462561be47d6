import type { Api } from '../cli/api.ts';
import type { Whereabouts } from '../cli/parts.ts';
import { insideApi, socketApi } from './control-client.ts';
import { failureOf } from './failures.ts';
import { isListening } from './listening.ts';
import { openOffline } from './offline.ts';
import type { Settings } from './settings.ts';
import { behindSudo, type Surroundings, socketPath } from './surroundings.ts';
import { located } from './whereabouts.ts';

/**
 * The server of the data directory that the settings name: the one that listens on its socket, or else one that is put
 * together for this command and listens nowhere.
 * @throws CommandProblem when the settings are not good, the store is somebody else's, or it cannot be opened
 */
export async function connectBySettings(where: Whereabouts, surroundings: Surroundings): Promise<Api> {
  let settings: Settings | undefined;
  try {
    settings = located(where, surroundings);
    const socket = socketPath(settings.dataDir);
    if (await isListening(socket)) return socketApi(socket, behindSudo(surroundings));
    // What a server would say at its start is not what was asked here; what fails is.
    const logLevel = settings.logLevel === 'silent' ? 'silent' : 'error';
    const { control, close } = await openOffline({ ...settings, logLevel });
    return insideApi(control, close, behindSudo(surroundings));
  } catch (error) {
    throw failureOf(error, settings);
  }
}
