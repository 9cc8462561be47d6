import { type ChildProcess, spawn } from 'node:child_process';
import type { MixJob } from './overload/mix.ts';
import type { DialectName } from './paired/dialects.ts';
import type { Answer, CommonQuestion, LoadJob, Ready, ServerQuestion } from './protocol.ts';

const START_TIMEOUT_MS = 30_000;
const ANSWER_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 15_000;

/** A process of the benchmark, started and ready. One question at a time. */
export interface Child {
  /** The process that does the work, which under `strace` is not the one that was started. */
  readonly pid: number;
  readonly url: string;
  readonly apiKey: string;
  /** The tenant, and its credential as it stands in the header of each API; absent for other processes than servers. */
  readonly customer?: string;
  readonly credentials?: Readonly<Record<DialectName, string>>;
  /** @throws Error when it answers that it failed, ends, or is silent for too long */
  ask(question: ServerQuestion | CommonQuestion | LoadJob | MixJob, timeoutMs?: number): Promise<unknown>;
  /** Ends it, kindly at first; never throws. */
  stop(): Promise<void>;
}

/** Process ids of what runs; under `strace` two for one child. */
const running = new Set<ReadonlySet<number>>();

/** Kills whatever still runs, by process id. */
export function killAll(): void {
  for (const pids of running) pids.forEach(kill);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}

/**
 * Starts a script of ours and waits until it is ready.
 * @param prefix - a command and its arguments to run it under, such as `strace`; its standard error goes to `onStderr`
 * @throws Error when it ends or is silent for 30 seconds instead
 */
export async function startChild(
  script: string,
  args: readonly string[] = [],
  prefix: readonly string[] = [],
  onStderr?: (text: string) => void,
): Promise<Child> {
  const [command = process.execPath, ...rest] = [...prefix, process.execPath, script, ...args];
  const child = spawn(command, rest, {
    stdio: ['ignore', 'inherit', onStderr === undefined ? 'inherit' : 'pipe', 'ipc'],
    serialization: 'advanced',
    // Nothing of the caller's own settings may reach the server under test.
    env: { PATH: process.env.PATH, NODE_ENV: 'production' },
  });
  if (onStderr !== undefined) child.stderr?.setEncoding('latin1').on('data', onStderr);
  const pids = new Set(child.pid === undefined ? [] : [child.pid]);
  running.add(pids);
  child.once('exit', () => running.delete(pids));

  const ready = (await nextMessage(child, START_TIMEOUT_MS, `${script} did not start`)) as Ready | Answer;
  if (ready.kind !== 'ready') throw new Error(`${script}: ${ready.kind === 'failed' ? ready.message : 'not ready'}`);
  pids.add(ready.pid);
  return {
    ...ready,
    async ask(question, timeoutMs = ANSWER_TIMEOUT_MS) {
      const reply = nextMessage(child, timeoutMs, `${script} did not answer ${question.kind}`);
      child.send(question);
      const answer = (await reply) as Answer;
      if (answer.kind === 'failed') throw new Error(`${script}: ${answer.message}`);
      return answer.value;
    },
    stop: () => stopChild(child, pids),
  };
}

function nextMessage(child: ChildProcess, timeoutMs: number, complaint: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      clearTimeout(timer);
      child.off('message', onMessage).off('exit', onExit).off('error', onError);
      act();
    };
    const onMessage = (message: unknown) => settle(() => resolve(message));
    const onExit = () => settle(() => reject(new Error(`${complaint}: it ended`)));
    const onError = (error: Error) => settle(() => reject(error));
    const timer = setTimeout(() => settle(() => reject(new Error(`${complaint} in ${timeoutMs} ms`))), timeoutMs);
    child.on('message', onMessage).on('exit', onExit).on('error', onError);
  });
}

async function stopChild(child: ChildProcess, pids: ReadonlySet<number>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const timer = setTimeout(() => pids.forEach(kill), STOP_TIMEOUT_MS);
  if (child.connected) child.send({ kind: 'stop' });
  await ended;
  clearTimeout(timer);
}
