import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from './until.ts';

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A process of a test's own. It is killed at the end of the block it was started in, whatever it is doing. */
export interface Process extends AsyncDisposable {
  readonly pid: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly ended: Promise<Exit>;
  signal(name: NodeJS.Signals): void;
  /** Writes a line to its standard input. */
  type(line: string): void;
  /** Sends a signal and waits for the end. @throws Error when it does not end within 20 seconds */
  end(name: NodeJS.Signals): Promise<Exit>;
}

export interface ServerProcess extends Process {
  /** Where it listens, without a slash at its end. */
  readonly url: string;
}

type Environment = Readonly<Record<string, string>>;

const startMs = 15_000;
const endMs = 20_000;
const root = fileURLToPath(new URL('..', import.meta.url));

/** The command as a user starts it, and a path of ours below dist/ that Node runs as it is. */
export const command = join(root, 'bin/countersign');
export const built = (path: string) => join(root, 'dist', path);

/** A directory that goes with the block it was made in. */
export function temporaryDirectory(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'countersign-test-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** Starts a program with nothing in its environment but what is given. Its standard input ends when this process does. */
export function startProcess(program: string, args: readonly string[], env: Environment = {}): Process {
  const child = spawn(program, args, {
    cwd: tmpdir(),
    env: { PATH: process.env.PATH, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  }
  const ended = exitOf(child);
  const alive = () => child.exitCode === null && child.signalCode === null;
  const signal = (name: NodeJS.Signals) => void (alive() && child.kill(name));
  return {
    pid: child.pid ?? 0,
    get stdout() {
      return output.stdout;
    },
    get stderr() {
      return output.stderr;
    },
    ended,
    signal,
    type: (line) => void child.stdin.write(`${line}\n`),
    async end(name) {
      signal(name);
      const exit = await Promise.race([ended, late(`the end of ${program} after ${name}`, endMs)]);
      return exit;
    },
    async [Symbol.asyncDispose]() {
      signal('SIGKILL');
      await ended;
    },
  };
}

/** Runs a program to its end. @throws Error when that takes longer than 20 seconds */
export async function run(
  program: string,
  args: readonly string[],
  env: Environment = {},
): Promise<Exit & { readonly stdout: string; readonly stderr: string }> {
  await using started = startProcess(program, args, env);
  const exit = await Promise.race([started.ended, late(`the end of ${program} ${args.join(' ')}`, endMs)]);
  return { ...exit, stdout: started.stdout, stderr: started.stderr };
}

/** Starts development mode on a free port of this machine. @throws Error when it ends instead of listening */
export function startDevelopment(dataDir: string, env: Environment = {}): Promise<ServerProcess> {
  const settings = { COUNTERSIGN_DATA_DIR: dataDir, COUNTERSIGN_LISTEN: '127.0.0.1:0', ...env };
  return listening(startProcess(process.execPath, [command, 'dev'], settings));
}

/** Waits until a server has said where it listens: the first URL on its standard output. */
export async function listening(server: Process): Promise<ServerProcess> {
  let exit: Exit | undefined;
  void server.ended.then((how) => {
    exit = how;
  });
  try {
    const url = await until(
      'a server to listen',
      () => {
        if (exit !== undefined) throw new Error(`it ended with ${exit.code ?? exit.signal}`);
        // Its output is whole only once the line has ended.
        return /(http:\/\/\S+)\n/.exec(server.stdout)?.[1];
      },
      startMs,
    );
    return Object.defineProperties({ url } as ServerProcess, Object.getOwnPropertyDescriptors(server));
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw new Error(`a server did not start: ${(error as Error).message}\n${server.stderr}`);
  }
}

function exitOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    // `close`, and not `exit`: by then all of its output has been read.
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
}

function late(what: string, ms: number): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error(`waited ${ms} ms in vain for ${what}`)), ms).unref();
  });
}
