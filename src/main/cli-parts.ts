import type { CliParts, Terminal } from '../cli/parts.ts';
import { socketApi } from './control-client.ts';
import { isListening } from './listening.ts';
import { behindSudo, namedDirectory, type Surroundings, socketPath } from './surroundings.ts';
import { version } from './version.ts';

/**
 * Everything that commands need, from the parts of the program. What is large is loaded when a command needs it: most ask
 * a server that runs, and shells complete words by starting this program.
 */
export function cliParts(surroundings: Surroundings, terminal: Terminal): CliParts {
  const { env, cwd } = surroundings;
  const settings = () => import('./settings-parts.ts');
  const starting = () => import('./starting.ts');
  const storeWork = () => import('./store-work.ts');
  return {
    version,
    terminal,
    // Whatever it is set to, as long as it is set: no-color.org.
    plain: (env.NO_COLOR ?? '') !== '',
    cwd,
    async connect(where) {
      // A server that runs can be asked whatever the settings say now.
      const named = namedDirectory(where, surroundings);
      const socket = named === undefined ? undefined : socketPath(named);
      if (socket !== undefined && (await isListening(socket))) return socketApi(socket, behindSudo(surroundings));
      return (await import('./connection.ts')).connectBySettings(where, surroundings);
    },
    async dev(where) {
      const good = (await settings()).goodSettings(where, 'development', surroundings);
      return (await starting()).dev(good);
    },
    async serve(where) {
      const good = (await settings()).goodSettings(where, 'production', surroundings);
      return (await starting()).serve(good);
    },
    migrate: async (where, tell) => (await storeWork()).migrateStore(where, surroundings, tell),
    restore: async (where, file, tell) => (await storeWork()).restoreStore(where, surroundings, file, tell),
    exampleSettings: async () => (await settings()).example(),
    listSettings: async () => (await settings()).listed(),
    checkSettings: async (where, mode) => (await settings()).checked(where, mode, surroundings),
    gatherFacts: async (where) => (await import('./doctor/gather.ts')).gatherFacts(where, surroundings),
  };
}
