import { chmodSync, closeSync, fsyncSync, linkSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Random } from '../engine/random.ts';

/*
 * Small files of our own, readable by their owner alone. Written beside, made durable, then named: a crash leaves a
 * whole file or none.
 */

/** @returns false, with nothing changed, when the file is there already, perhaps made by another process just now */
export function makeFile(file: string, text: string, random: Random): boolean {
  const draft = written(file, text, random);
  try {
    // A link is made in one step, and unlike a rename never in the place of another file.
    linkSync(draft, file);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  makeNameDurable(file);
  return true;
}

export function replaceFile(file: string, text: string, random: Random): void {
  const draft = written(file, text, random);
  try {
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
  makeNameDurable(file);
}

/** The name is of one writer alone: two that began at once must not write into each other's. */
function written(file: string, text: string, random: Random): string {
  const draft = `${file}.${random.hex(4)}.new`;
  writeFileSync(draft, text, { mode: 0o600, flag: 'wx', flush: true });
  chmodSync(draft, 0o600);
  return draft;
}

function makeNameDurable(file: string): void {
  const folder = openSync(dirname(file), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
