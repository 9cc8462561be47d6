import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Whereabouts } from '../cli/parts.ts';

/** What this process was started with. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

/** The data directory that was named, before any settings are read; undefined when none was. */
export function namedDirectory({ dataDir }: Whereabouts, { env, cwd }: Surroundings): string | undefined {
  const named = dataDir ?? (env.COUNTERSIGN_DATA_DIR || undefined);
  return named === undefined ? undefined : resolve(cwd, named);
}

/** Who called sudo, where somebody did: the one to be named in the audit trail. */
export function behindSudo({ env }: Surroundings): string | undefined {
  return env.SUDO_USER || undefined;
}

/** Whether development mode made a directory. */
export function isDevelopment(dataDir: string): boolean {
  return existsSync(join(dataDir, 'credentials.json'));
}

/** Of the socket in a data directory that operators of this machine talk to. */
export function socketPath(dataDir: string): string {
  return join(dataDir, 'control.sock');
}
