import { execFile } from 'node:child_process';
import { existsSync, readFileSync, type Stats, statfsSync, statSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { DirectoryFacts, MachineFacts, PathFacts } from '../../cli/doctor/facts.ts';

export async function machineFacts(): Promise<MachineFacts> {
  const timerLateMs = await lateness();
  return { nowMs: Date.now(), clockSynchronised: await isSynchronised(), openFilesMax: openFilesMax(), timerLateMs };
}

export function pathFacts(path: string): PathFacts {
  const found: Stats | undefined = statSync(path, { throwIfNoEntry: false });
  return { path, exists: found !== undefined, owner: found?.uid ?? 0, mode: (found?.mode ?? 0) & 0o7777 };
}

export function directoryFacts(path: string): DirectoryFacts {
  const facts = pathFacts(path);
  const { bavail, bsize } = facts.exists ? statfsSync(path) : { bavail: 0, bsize: 0 };
  return { ...facts, user: process.getuid?.() ?? facts.owner, freeBytes: bavail * bsize };
}

/** Most milliseconds that a timer of one was late, of a few. */
async function lateness(): Promise<number> {
  let most = 0;
  for (let turn = 0; turn < 5; turn++) {
    const before = performance.now();
    await wait(1);
    most = Math.max(most, performance.now() - before - 1);
  }
  return most;
}

const run = promisify(execFile);

/** What systemd says; null where there is none. */
async function isSynchronised(): Promise<boolean | null> {
  const args = ['show', '--property=NTPSynchronized', '--value'];
  const said = await run('timedatectl', args, { timeout: 2000 }).catch(() => undefined);
  const word = said?.stdout.trim();
  if (word === 'yes' || word === 'no') return word === 'yes';
  return null;
}

const limitsFile = '/proc/self/limits';

/** Of this process, which Node has raised as far as it may, as it does for the server. */
function openFilesMax(): number | null {
  if (!existsSync(limitsFile)) return null;
  const [, soft] = /^Max open files +(\d+)/m.exec(readFileSync(limitsFile, 'utf8')) ?? [];
  return soft === undefined ? null : Number(soft);
}
