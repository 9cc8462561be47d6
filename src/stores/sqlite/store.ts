import { resolve } from 'node:path';
import { type ClockSource, clockFrom } from '../../engine/clock.ts';
import type { Committed, DueSend, Queries, Store } from '../../engine/store.ts';
import { backupDatabase } from './backup.ts';
import { copyBytes } from './backup-copy.ts';
import { backupFailed } from './backup-failed.ts';
import { Checkpointer } from './checkpointer.ts';
import { openReader } from './connection.ts';
import { keepState, refuseCopies, type StateKeeper } from './copies.ts';
import { lockStore } from './lock.ts';
import { sqliteQueries } from './queries.ts';
import { WriterThread } from './thread.ts';
import { Writer, type WriterOptions } from './writer.ts';

export interface SqliteOptions extends WriterOptions {
  readonly clock: ClockSource;
  /** Told when the store dies by itself; the process is of no use from then on. */
  readonly onDeath: (error: Error) => void;
}

const batchSizeMax = 256;

/**
 * Opens the embedded store. A file has a thread of its own for writing; `:memory:` runs in the caller's.
 * @throws StoreLocked when another process owns the file, NeedsRestore when it is a backup or an older copy
 */
export async function openSqliteStore(options: SqliteOptions): Promise<Store> {
  return options.file === ':memory:' ? openInMemory(options) : openFile(options);
}

async function openFile({ clock, onDeath, ...options }: SqliteOptions): Promise<Store> {
  const unlock = lockStore(options.file);
  let thread: WriterThread | undefined;
  try {
    refuseCopies(options.file, options.confirmClock === true);
    const writer = new WriterThread(options, clock, onDeath);
    thread = writer;
    await writer.opened;
    const state = await keepState(options.file, () => writer.floorMs);
    return threaded(writer, options.file, clock, state, unlock);
  } catch (error) {
    await thread?.close().catch(() => undefined);
    unlock();
    throw error;
  }
}

function threaded(
  thread: WriterThread,
  file: string,
  source: ClockSource,
  kept: StateKeeper,
  unlock: () => void,
): Store {
  const reader = openReader(file);
  const finish = () => thread.call({ method: 'checkpoint' });
  const checkpointer = new Checkpointer(file, () => thread.counters.commits, finish);
  const clock = clockFrom(source);
  const state = () => {
    const { nowMs, confirmed, steps } = thread.clock;
    // The thread told it with its last answer; since then the clock has gone on, unless it is not to be believed.
    return { nowMs: confirmed ? Math.max(nowMs, Math.floor(clock.wallMs())) : nowMs, confirmed, steps };
  };
  return {
    batchesInFlight: 2,
    batchSizeMax,
    commitBatch: (commands) => thread.call<Committed[]>({ method: 'commitBatch', commands }),
    dueSends: (limit) => thread.call<DueSend[]>({ method: 'dueSends', limit }),
    maintain: (job, limit) => thread.call<number>({ method: 'maintain', job, limit }),
    useKeys: (keys) => thread.call<void>({ method: 'useKeys', keys }),
    async truncateLog() {
      // Most of it beside the writer, so that commits do not wait for the disk.
      await checkpointer.copyBack();
      return thread.call<boolean>({ method: 'truncateLog' });
    },
    backup: (target, progress) => backupDatabase({ from: file, file: target, nowMs: state().nowMs, progress }),
    queries: sqliteQueries(reader, () => state().nowMs),
    clock: state,
    counters: () => thread.counters,
    async close() {
      await checkpointer.close();
      reader.close();
      await thread.close();
      await kept.close();
      unlock();
    },
  };
}

function openInMemory({ clock, onDeath: _, ...options }: SqliteOptions): Store {
  const writer = new Writer(options, clockFrom(clock));
  const queries: Queries = sqliteQueries(writer.db, () => writer.clock().nowMs);
  return {
    batchesInFlight: 2,
    batchSizeMax,
    commitBatch: async (commands) => writer.commitBatch(commands),
    dueSends: async (limit) => writer.dueSends(limit),
    maintain: async (job, limit) => writer.maintain(job, limit),
    useKeys: async (keys) => writer.useKeys(keys),
    truncateLog: async () => true,
    async backup(target, progress) {
      try {
        const bytes = copyBytes(() => writer.db.serialize(), resolve(target), writer.clock().nowMs);
        progress?.(bytes, bytes);
        return { bytes };
      } catch (error) {
        throw backupFailed(target, error);
      }
    },
    queries,
    clock: () => writer.clock(),
    counters: () => writer.counters(),
    close: async () => writer.close(),
  };
}
