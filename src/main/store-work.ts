import { existsSync } from 'node:fs';
import Database from 'better-sqlite3';
import type { OnProgress } from '../cli/api.ts';
import { CommandProblem, exits } from '../cli/exits.ts';
import type { Whereabouts } from '../cli/parts.ts';
import { systemRandom } from '../engine/random.ts';
import { openWriter, schemaKnown } from '../stores/sqlite/connection.ts';
import { lockStore } from '../stores/sqlite/lock.ts';
import { schemaVersion } from '../stores/sqlite/migrate.ts';
import { RestoreRefused, restoreDatabase } from '../stores/sqlite/restore.ts';
import { failureOf } from './failures.ts';
import { openKeyOrigin } from './key-file.ts';
import type { Settings } from './settings.ts';
import type { Surroundings } from './surroundings.ts';
import { located } from './whereabouts.ts';

/* What is done to a store that nobody uses. @throws CommandProblem when somebody does */

export async function migrateStore(where: Whereabouts, surroundings: Surroundings, onProgress: OnProgress) {
  return working(where, surroundings, async ({ databaseFile: file }) => {
    if (!existsSync(file)) {
      throw new CommandProblem(
        exits.failed,
        'no_store',
        `${file} does not exist; the first start of a server makes it`,
      );
    }
    const unlock = lockStore(file);
    try {
      const from = schemaOf(file);
      onProgress(0, Math.max(0, schemaKnown - from));
      openWriter(file).close();
      return { from, to: schemaKnown };
    } finally {
      unlock();
    }
  });
}

/** @param from - absolute path of a backup */
export async function restoreStore(
  where: Whereabouts,
  surroundings: Surroundings,
  from: string,
  onProgress: OnProgress,
): Promise<Readonly<Record<string, unknown>>> {
  return working(where, surroundings, async ({ mode, databaseFile: to, keyFile, keys }) => {
    if (keys === undefined && !existsSync(keyFile)) {
      // Keys that are drawn now would be strangers to everything in the backup.
      throw new CommandProblem(
        exits.failed,
        'no_key_file',
        `put the key file of the backup in its place first: ${keyFile}`,
      );
    }
    const random = systemRandom();
    const { rings } = openKeyOrigin({ mode, keyFile, keys, databaseFile: to, random });
    onProgress(0, 1);
    const { takenAtMs, ...report } = await restoreDatabase({ from, to, keys: rings, nowMs: Date.now() });
    return { file: to, takenAt: takenAtMs === undefined ? null : new Date(takenAtMs).toISOString(), ...report };
  });
}

async function working<T>(where: Whereabouts, surroundings: Surroundings, work: (settings: Settings) => Promise<T>) {
  let settings: Settings | undefined;
  try {
    settings = located(where, surroundings);
    return await work(settings);
  } catch (error) {
    if (error instanceof RestoreRefused) throw new CommandProblem(exits.refused, 'restore_refused', error.message);
    throw failureOf(error, settings);
  }
}

function schemaOf(file: string): number {
  const db = new Database(file, { readonly: true, timeout: 5000 });
  try {
    return schemaVersion(db);
  } finally {
    db.close();
  }
}
