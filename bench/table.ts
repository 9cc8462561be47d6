import type { Goal } from './goals.ts';
import type { Machine } from './machine.ts';
import type { Row } from './row.ts';

const columns: readonly [title: string, of: (row: Row) => string][] = [
  ['', (row) => row.name],
  ['connections', (row) => String(row.connections)],
  ['requests/s', (row) => row.requestsPerSecond.toFixed(0)],
  ['p50 ms', (row) => row.p50Ms.toFixed(2)],
  ['p99 ms', (row) => row.p99Ms.toFixed(2)],
  ['CPU µs/request', (row) => row.serverCpuMicros.toFixed(1)],
  ['× floor', (row) => shown(row.timesFloorCpu, 2)],
  ['% of floor', (row) => shown(row.shareOfFloor === undefined ? undefined : row.shareOfFloor * 100, 1)],
  ['fsyncs/request', (row) => shown(row.fsyncsPerRequest, 3) + (row.fsyncsBy === 'strace' ? '*' : '')],
  ['loop p99 ms', (row) => shown(row.eventLoopDelayP99Ms, 1)],
  ['generator CPU', (row) => `${(row.generatorCpu * 100).toFixed(0)} %`],
  ['', (row) => (row.voidBecause === '' ? '' : 'VOID')],
];

function shown(value: number | undefined, digits: number): string {
  return value === undefined ? '-' : value.toFixed(digits);
}

/** Lines of cells, one under the other: the columns in `left` begin together, the others end together. */
export function aligned(lines: readonly (readonly string[])[], left: readonly number[]): string[] {
  const widthOf = (column: number) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0));
  const widths = (lines[0] ?? []).map((_, column) => widthOf(column));
  const pad = (cell: string, column: number) =>
    left.includes(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
  return lines.map((cells) => cells.map(pad).join('  ').trimEnd());
}

/** The table as text: a heading, a line for each row, then why rows are void and where fsyncs were counted. */
export function tableText(rows: readonly Row[]): string {
  const cells = [columns.map(([title]) => title), ...rows.map((row) => columns.map(([, of]) => of(row)))];
  const voids = rows.filter((row) => row.voidBecause !== '');
  return [
    ...aligned(cells, [0]),
    rows.some((row) => row.fsyncsBy === 'strace')
      ? '* fdatasync and fsync calls counted by strace in a pass of its own; the others by the store'
      : 'fsyncs are those the store counts itself: there is no strace here',
    ...voids.map((row) => `VOID ${row.name}, ${row.connections} connections, rounds ${row.voidBecause}`),
  ].join('\n');
}

export function goalsText(goals: readonly Goal[]): string {
  const width = Math.max(...goals.map((goal) => goal.name.length));
  return goals
    .map(({ name, verdict, detail }) => `${verdict.padEnd(12)} ${name.padEnd(width)}  ${detail}`.trimEnd())
    .join('\n');
}

export function machineText(machine: Machine): string {
  const { cpu, cores, memoryGiB, kernel, node, fdatasyncMs, inMemory, loadAverage } = machine;
  return [
    `${cpu}, ${cores} cores, ${memoryGiB} GiB, Linux ${kernel}, Node ${node}`,
    `fdatasync of 4 KiB ${fdatasyncMs.toFixed(2)} ms; load average before the run ${loadAverage.toFixed(2)}`,
    ...(loadAverage > 0.5 ? ['WARNING: something else keeps this machine busy, the figures will suffer'] : []),
    ...(inMemory ? ['WARNING: the data is in memory, nothing is durable: choose a disk with --dir'] : []),
  ].join('\n');
}
