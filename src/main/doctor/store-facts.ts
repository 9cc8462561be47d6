import { existsSync } from 'node:fs';
import Database from 'better-sqlite3';
import type { StoreFacts } from '../../cli/doctor/facts.ts';
import { schemaKnown } from '../../stores/sqlite/connection.ts';
import { backupMark } from '../../stores/sqlite/copies.ts';
import { lockStore, StoreLocked } from '../../stores/sqlite/lock.ts';
import { schemaVersion } from '../../stores/sqlite/migrate.ts';

/** Looks at a database without changing it, also while a server uses it. */
export function storeFacts(file: string): StoreFacts {
  const none = { integrity: 'ok', schema: schemaKnown, markedBackup: false, clockFloorMs: 0 };
  const where = { file, exists: existsSync(file), schemaKnown };
  if (!where.exists) return { ...where, ...none, locked: false };
  const locked = isLocked(file);
  try {
    return { ...where, ...insideOf(file), locked };
  } catch (error) {
    return { ...where, ...none, locked, integrity: error instanceof Error ? error.message : String(error) };
  }
}

function insideOf(file: string): Pick<StoreFacts, 'integrity' | 'schema' | 'markedBackup' | 'clockFloorMs'> {
  const db = new Database(file, { readonly: true, fileMustExist: true, timeout: 5000 });
  try {
    db.pragma('query_only = on');
    const integrity = String(db.pragma('quick_check(1)', { simple: true }));
    const schema = schemaVersion(db);
    const facts = schema === 0 ? new Map<string, string>() : factsOf(db);
    return {
      integrity,
      schema,
      markedBackup: facts.has(backupMark),
      clockFloorMs: Number(facts.get('clock_floor') ?? 0),
    };
  } finally {
    db.close();
  }
}

function factsOf(db: Database.Database): ReadonlyMap<string, string> {
  return new Map(db.prepare('select name, value from facts').raw().all() as [string, string][]);
}

/** Whether a process owns it. Where nobody ever did there is no lock to look at. */
function isLocked(file: string): boolean {
  if (!existsSync(`${file}.lock`)) return false;
  try {
    lockStore(file)();
    return false;
  } catch (error) {
    if (error instanceof StoreLocked) return true;
    throw error;
  }
}
