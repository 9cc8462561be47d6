import { CommandProblem, exits } from '../cli/exits.ts';
import { KeysMissing } from '../engine/key-usage.ts';
import { NeedsRestore } from '../stores/sqlite/copies.ts';
import { StoreLocked } from '../stores/sqlite/lock.ts';
import { BadDataDirectory } from './data-directory.ts';
import { BadKeys } from './key-file.ts';
import { BadSettings, type Settings } from './settings.ts';

/** What a failed start means, in lines that say what to do. @param settings - as far as they were read */
export function failureOf(error: unknown, settings: Settings | undefined): CommandProblem {
  if (error instanceof CommandProblem) return error;
  if (error instanceof BadSettings) return new CommandProblem(exits.usage, 'bad_settings', error.message);
  if (error instanceof StoreLocked) return new CommandProblem(exits.unavailable, 'store_locked', error.message);
  if (error instanceof BadDataDirectory) return failed('bad_data_directory', error.message);
  if (error instanceof NeedsRestore) return failed('needs_restore', error.message);
  if (error instanceof BadKeys || error instanceof KeysMissing) return failed('bad_keys', error.message);
  const kind = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (settings !== undefined && Object.hasOwn(listening, kind)) {
    const where = `${settings.listen.host}:${settings.listen.port}`;
    return failed('cannot_listen', `${where} ${listening[kind]} with COUNTERSIGN_LISTEN`);
  }
  const said = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
  if (kind.startsWith('SQLITE_')) {
    return failed('bad_store', `the database in ${settings?.dataDir} cannot be used (${said})`);
  }
  return failed('failed', said);
}

const listening: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is taken; stop what uses it, or choose another',
  EACCES: 'may not be used by this user; choose a port above 1023',
  EADDRNOTAVAIL: 'is no address of this machine; choose another',
};

function failed(code: string, detail: string): CommandProblem {
  return new CommandProblem(exits.failed, code, detail);
}
