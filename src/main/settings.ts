import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { type LogLevel, logLevels } from '../telemetry/log.ts';

/** Everything that can be set. Nothing else reads the environment. */
export interface Settings {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Absolute path. */
  readonly dataDir: string;
  readonly devToken?: string;
  readonly logLevel: LogLevel;
  /** An operator says that the time of day is right although it is a day behind what the database has seen. */
  readonly confirmClock: boolean;
}

/** Settings that cannot be used: every problem, a line each. */
export class BadSettings extends Error {
  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'BadSettings';
  }
}

const names = [
  'COUNTERSIGN_LISTEN',
  'COUNTERSIGN_DATA_DIR',
  'COUNTERSIGN_DEV_TOKEN',
  'COUNTERSIGN_LOG_LEVEL',
  'COUNTERSIGN_CONFIRM_CLOCK',
] as const;
type Name = (typeof names)[number];

/**
 * Reads the settings of development mode from the environment.
 * @throws BadSettings with all problems together
 */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const value = (name: Name) => env[name] || undefined;
  const problems = unknownNames(env);
  const problem = (name: Name, remedy: string) => void problems.push(`${name} ${remedy}`);

  const [host, port] = readListen(value('COUNTERSIGN_LISTEN') ?? '127.0.0.1:8080', problem);
  const devToken = value('COUNTERSIGN_DEV_TOKEN');
  // What it holds has to fit into an `Authorization: Bearer` header.
  if (devToken !== undefined && !/^[\x21-\x7e]{16,}$/.test(devToken))
    problem('COUNTERSIGN_DEV_TOKEN', 'must be at least 16 characters long, all of them visible ASCII');
  if (!isLoopback(host) && devToken === undefined) {
    problem(
      'COUNTERSIGN_LISTEN',
      'may leave this machine only with COUNTERSIGN_DEV_TOKEN set: development mode shows codes',
    );
  }
  const level = value('COUNTERSIGN_LOG_LEVEL') ?? 'warn';
  const logLevel = logLevels.find((name) => name === level);
  if (logLevel === undefined) problem('COUNTERSIGN_LOG_LEVEL', `must be one of ${logLevels.join(', ')}`);
  const confirm = value('COUNTERSIGN_CONFIRM_CLOCK') ?? 'no';
  if (confirm !== 'yes' && confirm !== 'no') problem('COUNTERSIGN_CONFIRM_CLOCK', 'must be yes or no');
  if (problems.length > 0) throw new BadSettings(problems);

  return {
    host,
    port,
    dataDir: resolve(value('COUNTERSIGN_DATA_DIR') ?? '.countersign'),
    ...(devToken === undefined ? {} : { devToken }),
    logLevel: logLevel ?? 'warn',
    confirmClock: confirm === 'yes',
  };
}

function readListen(text: string, problem: (name: Name, remedy: string) => void): [host: string, port: number] {
  const [, host = '', port = ''] = /^(.+):([0-9]{1,5})$/.exec(text) ?? [];
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  if ((isIP(bare) === 0 && bare !== 'localhost') || Number(port) > 65_535 || port === '') {
    problem('COUNTERSIGN_LISTEN', 'must be an address and a port, such as 127.0.0.1:8080');
  }
  return [bare, Number(port)];
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function unknownNames(env: Readonly<Record<string, string | undefined>>): string[] {
  return Object.keys(env)
    .filter((name) => name.startsWith('COUNTERSIGN_') && !(names as readonly string[]).includes(name))
    .map((name) => `${name} is no setting; did you mean ${nearest(name)}?`);
}

function nearest(name: string): Name {
  return [...names].sort((one, other) => distance(name, one) - distance(name, other))[0] ?? names[0];
}

/** Levenshtein distance of two short names. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (one[i - 1] === other[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
