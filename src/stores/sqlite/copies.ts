import { existsSync, readFileSync, rmSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import Database from 'better-sqlite3';

/** A database that is an older copy: served as it is, it would revive codes that were used and limits that were met. */
export class NeedsRestore extends Error {
  constructor(file: string, why: string) {
    super(
      `${file} ${why}: codes and limits of that time would live again; move it elsewhere and run "countersign restore" with it`,
    );
    this.name = 'NeedsRestore';
  }
}

/** The fact that marks a backup; its value is the time it was taken. */
export const backupMark = 'backup_taken_at';

/** A floor is written down at most every ten seconds, here and in the database. */
const behindMaxMs = 30_000;
const everyMs = 10_000;

const stateFile = (file: string) => `${file}.state`;

/**
 * Refuses what must not be served before it was restored: a backup, or a database that knows less of the time than
 * the state file beside it, because an older copy was put in its place.
 * @param confirmClock - the time of day is about to be set back: what the state file remembers then ends
 * @throws NeedsRestore
 */
export function refuseCopies(file: string, confirmClock: boolean): void {
  const facts = readFacts(file);
  if (facts === 'unreadable') return;
  if (facts === 'none') {
    // A new database knows nothing of the one that was here before.
    rmSync(stateFile(file), { force: true });
    return;
  }
  if (facts.has(backupMark)) throw new NeedsRestore(file, 'is a backup');
  const known = readState(file);
  if (known !== undefined && Number(facts.get('clock_floor') ?? 0) < known - behindMaxMs) {
    throw new NeedsRestore(file, 'is an older copy of the database that was here before');
  }
  if (confirmClock) rmSync(stateFile(file), { force: true });
}

/** Facts of a database as they stand, before anything is changed. One that cannot be read is for the writer to explain. */
function readFacts(file: string): ReadonlyMap<string, string> | 'none' | 'unreadable' {
  if (!existsSync(file)) return 'none';
  try {
    const db = new Database(file, { readonly: true, timeout: 5000 });
    try {
      const made = db.prepare(`select count(*) from sqlite_master where type = 'table' and name = 'facts'`).pluck();
      if (made.get() !== 1) return 'none';
      return new Map(db.prepare('select name, value from facts').raw().all() as [string, string][]);
    } finally {
      db.close();
    }
  } catch {
    return 'unreadable';
  }
}

/** The highest floor that was written down. A file that is not as we write it is as good as none. */
function readState(file: string): number | undefined {
  if (!existsSync(stateFile(file))) return undefined;
  const [, floorMs] = /^\{"clockFloorMs":(\d{1,15})\}\n$/.exec(readFileSync(stateFile(file), 'utf8')) ?? [];
  return floorMs === undefined ? undefined : Number(floorMs);
}

/** Writes the state file: beside it first and durable, then renamed, so that there is a whole one or none. */
export async function writeState(file: string, floorMs: number): Promise<void> {
  const draft = `${stateFile(file)}.new`;
  const handle = await open(draft, 'w', 0o600);
  try {
    await handle.chmod(0o600);
    await handle.writeFile(`{"clockFloorMs":${Math.floor(floorMs)}}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(draft, stateFile(file));
}

export interface StateKeeper {
  /** Writes what is known at the end, and nothing after it. */
  close(): Promise<void>;
}

/**
 * Keeps the state file up, beside everything else and not in its way.
 * @param floorMs - the floor that is durable in the database
 * @throws Error when the first one cannot be written
 */
export async function keepState(file: string, floorMs: () => number): Promise<StateKeeper> {
  let writtenMs = 0;
  let writing: Promise<void> = Promise.resolve();
  const write = async () => {
    const nowMs = floorMs();
    if (nowMs === writtenMs) return;
    await writeState(file, nowMs);
    writtenMs = nowMs;
  };
  await write();
  const timer = setInterval(() => {
    // Without it the next start knows of an earlier time: it refuses less, never more.
    writing = writing.then(write).catch(() => undefined);
  }, everyMs);
  timer.unref();
  return {
    async close() {
      clearInterval(timer);
      await writing;
      await write().catch(() => undefined);
    },
  };
}
