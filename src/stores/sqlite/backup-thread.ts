import { parentPort, workerData } from 'node:worker_threads';
import { copyDatabase } from './backup-copy.ts';
import { backupFailed } from './backup-failed.ts';

/* The thread that writes one backup and ends. It has a connection of its own, and waits for nobody. */

if (parentPort === null) throw new Error('runs only as a thread of the store');
const { from, file, nowMs } = workerData as BackupOrder;

export interface BackupOrder {
  readonly from: string;
  readonly file: string;
  readonly nowMs: number;
}

export type BackupReply =
  | { readonly kind: 'done'; readonly bytes: number }
  | { readonly kind: 'failed'; readonly reason: ReturnType<typeof backupFailed>['reason']; readonly message: string };

parentPort.postMessage(run());

function run(): BackupReply {
  try {
    return { kind: 'done', bytes: copyDatabase(from, file, nowMs) };
  } catch (error) {
    const { reason, message } = backupFailed(file, error);
    return { kind: 'failed', reason, message };
  }
}
