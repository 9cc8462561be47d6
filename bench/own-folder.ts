import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { killAll } from './child.ts';

/** A process that was just killed may still be writing its last file. */
const removal = { recursive: true, force: true, maxRetries: 5, retryDelay: 100 };

/**
 * Runs something in a new folder. However it ends (also by a signal, or because its time is over, when this process
 * ends with status 1), the children it started are ended and the folder is removed.
 */
export async function inOwnFolder<T>(
  parent: string,
  deadlineSeconds: number,
  run: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(parent, 'countersign-bench-'));
  const end = (because: string) => {
    process.stderr.write(`bench: ${because}\n`);
    killAll();
    rmSync(folder, removal);
    process.exit(1);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => end(signal));
  const deadline = setTimeout(() => end(`not done in ${deadlineSeconds} seconds`), deadlineSeconds * 1000);
  try {
    return await run(folder);
  } finally {
    clearTimeout(deadline);
    killAll();
    rmSync(folder, removal);
  }
}
