import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import { partialOf } from './backup-copy.ts';
import { BackupFailed, backupFailed } from './backup-failed.ts';
import type { BackupOrder, BackupReply } from './backup-thread.ts';
import { openReader } from './connection.ts';
import { threadFile } from './thread-file.ts';

export interface BackupRequest {
  /** The database, which another process may be serving. */
  readonly from: string;
  /** A new file. */
  readonly file: string;
  /** Milliseconds UTC; it is written into the copy. */
  readonly nowMs: number;
  readonly progress?: ((doneBytes: number, totalBytes: number) => void) | undefined;
}

const progressEveryMs = 200;

/**
 * Copies a database while it is served, from this process or another: everything acknowledged before the call is in
 * the copy. It is written as `<file>.partial`, readable by its owner alone, checked, made durable and renamed.
 * @throws BackupFailed, which says what to do; nothing is left over then
 */
export async function backupDatabase({ from, file, nowMs, progress }: BackupRequest): Promise<{ bytes: number }> {
  const target = resolve(file);
  const totalBytes = sizeOf(from, target);
  const order: BackupOrder = { from: resolve(from), file: target, nowMs };
  const thread = new Worker(threadFile('backup-thread'), { workerData: order, trackUnmanagedFds: false });
  const timer = progress && setInterval(() => void tell(target, totalBytes, progress), progressEveryMs);
  try {
    const reply = await replyOf(thread, target);
    if (reply.kind === 'failed') throw new BackupFailed(reply.reason, reply.message);
    progress?.(reply.bytes, reply.bytes);
    return { bytes: reply.bytes };
  } finally {
    clearInterval(timer);
  }
}

/** About as many bytes as the copy will have: free pages are left out of it. */
function sizeOf(from: string, target: string): number {
  try {
    const db = openReader(from);
    try {
      const pragma = (name: string) => Number(db.pragma(name, { simple: true }));
      return (pragma('page_count') - pragma('freelist_count')) * pragma('page_size');
    } finally {
      db.close();
    }
  } catch (error) {
    throw new BackupFailed('failed', `${from} cannot be read for the backup ${target}; is it the database?`, {
      cause: error,
    });
  }
}

async function tell(file: string, totalBytes: number, progress: NonNullable<BackupRequest['progress']>): Promise<void> {
  const written = await stat(partialOf(file)).catch(() => undefined);
  if (written !== undefined) progress(Math.min(written.size, totalBytes), totalBytes);
}

function replyOf(thread: Worker, file: string): Promise<BackupReply> {
  return new Promise((resolve, reject) => {
    thread.once('message', resolve);
    thread.once('error', (error) => reject(backupFailed(file, error)));
    thread.once('exit', () => reject(new BackupFailed('failed', `the backup ${file} was not finished`)));
  });
}
