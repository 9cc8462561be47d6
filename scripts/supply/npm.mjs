// Runs npm as the one who builds has it.
import { spawnSync } from 'node:child_process';

/**
 * @param {readonly string[]} args
 * @param {number} timeoutMs - then it is ended
 * @returns {{ stdout: string, status: number | null, error?: string }} `error` when it did not come to an end by itself
 */
export function npm(args, timeoutMs) {
  const { stdout, status, error } = spawnSync('npm', [...args, '--no-update-notifier'], {
    encoding: 'utf8',
    // What npm has to say to a person may name the registry.
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (error?.code === 'ETIMEDOUT') return { stdout: '', status, error: `npm took longer than ${timeoutMs / 1000} s` };
  if (error !== undefined) return { stdout: '', status, error: `npm could not be run (${error.code})` };
  return { stdout, status };
}
