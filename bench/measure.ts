import { readFileSync } from 'node:fs';
import type { Child } from './child.ts';

/** Ticks a second of the times in /proc: a constant of the Linux interface to programs. */
const TICKS_PER_SECOND = 100;

/** CPU milliseconds (user and system, all threads, ended ones too) of a process since its start. */
export async function cpuMsOf(child: Child): Promise<number> {
  return cpuMsFromProc(child.pid) ?? (await cpuMsAsked(child));
}

/** From /proc/<pid>/stat, exact to 10 ms; undefined where there is no such file. */
function cpuMsFromProc(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in brackets may hold spaces: fields are counted after it. User and system time are fields 14 and 15.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_PER_SECOND;
  } catch {
    return undefined;
  }
}

async function cpuMsAsked(child: Child): Promise<number> {
  const { user, system } = (await child.ask({ kind: 'cpu' })) as NodeJS.CpuUsage;
  return (user + system) / 1000;
}

/** The middle value, or the mean of the two middle ones; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? Number.NaN;
  return Number.isInteger(middle) ? ((sorted[middle - 1] ?? Number.NaN) + upper) / 2 : upper;
}
