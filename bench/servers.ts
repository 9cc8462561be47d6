import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Child, startChild } from './child.ts';
import type { ServerOptions, StoreStats } from './protocol.ts';

/** Where servers keep their data, and which script starts one. */
export interface Place {
  readonly folder: string;
  readonly serverScript: string;
}

const STRACE = ['strace', '-f', '-qq', '--seccomp-bpf', '-e', 'trace=fdatasync,fsync', '-e', 'signal=none'];

/** The compiled script beside this file. */
export function scriptOf(name: string): string {
  return fileURLToPath(new URL(`./${name}.js`, import.meta.url));
}

/** Starts a server with a data directory of its own; what is not named is as a user has it. */
export function startServer(place: Place, options: Partial<ServerOptions> = {}): Promise<Child> {
  return startChild(place.serverScript, [argumentOf(place, options)]);
}

/** Whether there is a `strace` that may be used, with a filter in the kernel that leaves other calls at full speed. */
export function hasStrace(): boolean {
  return spawnSync(STRACE[0] ?? '', [...STRACE.slice(1), 'true']).status === 0;
}

/** Starts a server whose `stats` tell the calls of fdatasync and fsync that `strace` saw, not the store's own count. */
export async function startTracedServer(place: Place, options: Partial<ServerOptions> = {}): Promise<Child> {
  let fsyncs = 0;
  let line = '';
  const server = await startChild(place.serverScript, [argumentOf(place, options)], STRACE, (text) => {
    const lines = (line + text).split('\n');
    line = lines.pop() ?? '';
    // A call that another thread interrupts is on two lines; the second says "resumed" and has no opening bracket.
    fsyncs += lines.filter((one) => /\b(fdatasync|fsync)\(/.test(one)).length;
  });
  return {
    ...server,
    async ask(question, timeoutMs) {
      const value = await server.ask(question, timeoutMs);
      return question.kind === 'stats' ? { ...(value as StoreStats), fsyncs } : value;
    },
  };
}

/** Uses a server and stops it, whatever happens. */
export async function withServer<T>(starting: Promise<Child>, use: (server: Child) => Promise<T>): Promise<T> {
  const server = await starting;
  try {
    return await use(server);
  } finally {
    await server.stop();
  }
}

function argumentOf(place: Place, options: Partial<ServerOptions>): string {
  const dataDirectory = mkdtempSync(join(place.folder, 'server-'));
  const all: ServerOptions = {
    dataDirectory,
    provider: 'null',
    ttlSeconds: 300,
    commitDelayMs: 0,
    rates: 'off',
    ...options,
  };
  return JSON.stringify(all);
}

export async function statsOf(server: Child): Promise<StoreStats> {
  return (await server.ask({ kind: 'stats' })) as StoreStats;
}
