import { fdatasyncSync, openSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';
import type { CheckpointReply } from './checkpointer.ts';

/*
 * The thread that copies the log back into the database while the writer goes on writing. A passive checkpoint takes no
 * lock that the writer needs.
 */

if (parentPort === null) throw new Error('runs only as a thread of the store');
const port = parentPort;
const { file } = workerData as { readonly file: string };
const db = new Database(file, { fileMustExist: true, timeout: 0 });
db.pragma('synchronous = full');
// Never closed: closing any descriptor of a file gives up the locks that this process holds on it (POSIX fcntl).
const descriptor = openSync(file, 'r+');

port.on('message', (message: 'checkpoint' | 'close') => {
  if (message === 'close') {
    db.close();
    port.close();
    return;
  }
  port.postMessage({ logPages: checkpoint() } satisfies CheckpointReply);
});

/** Pages in the log. A disk that refuses now may not the next time: the log is none the worse for waiting. */
function checkpoint(): number {
  try {
    const [row] = db.pragma('wal_checkpoint(passive)') as { log: number }[];
    // A checkpoint that the writer overtakes leaves this to the one that is not, which would be the writer's own.
    fdatasyncSync(descriptor);
    return row?.log ?? 0;
  } catch {
    return 0;
  }
}
