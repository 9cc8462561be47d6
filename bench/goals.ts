import type { Row } from './row.ts';

export interface Goal {
  readonly name: string;
  readonly verdict: 'met' | 'met, stretch' | 'MISSED' | 'VOID' | 'not measured';
  /** The figure beside what it should be. */
  readonly detail: string;
}

/** What a figure should be. */
export interface Wanted {
  readonly name: string;
  readonly unit: string;
  readonly atMost?: number;
  readonly below?: number;
  readonly atLeast?: number;
  readonly stretch?: number;
}

/** What a figure of a row should be. */
interface Aim extends Wanted {
  readonly row: Row | undefined;
  readonly value: (row: Row) => number | undefined;
}

/** Names of rows, by which goals find them. */
export const rowNames = {
  openLoop: (kind: string) => `${kind}, open loop at 60 %`,
  slowCommit: (kind: string) => `${kind}, commits 2 ms longer`,
  long: 'send, three minutes, 60 s life',
};

/** The goals at 64 connections, judged. */
export function judge(rows: readonly Row[]): Goal[] {
  const find = (name: string) => rows.find((row) => row.name === name && row.connections === 64);
  const each = (kind: 'send' | 'check', cpu: number, share: number, stretch: number, openP99: number): Aim[] => {
    const [row, open, slow] = [find(kind), find(rowNames.openLoop(kind)), find(rowNames.slowCommit(kind))];
    return [
      { name: `${kind}: server CPU`, row, value: (one) => one.timesFloorCpu, unit: 'times the floor', atMost: cpu },
      { name: `${kind}: requests/s`, row, value: percentOfFloor, unit: '% of the floor', atLeast: share, stretch },
      { name: `${kind}: p99 in the open loop`, row: open, value: (one) => one.p99Ms, unit: 'ms', atMost: openP99 },
      { name: `${kind}: fsyncs`, row, value: (one) => one.fsyncsPerRequest, unit: 'a request', atMost: 0.1 },
      { name: `${kind}: p99, slow commits`, row: slow, value: (one) => one.p99Ms, unit: 'ms', below: 100 },
      { name: `${kind}: event loop p99, slow commits`, row: slow, value: loopDelay, unit: 'ms', below: 20 },
    ];
  };
  return [...each('send', 8, 15, 20, 15), ...each('check', 3, 35, 45, 8)].map(judged);
}

const percentOfFloor = (row: Row) => (row.shareOfFloor === undefined ? undefined : row.shareOfFloor * 100);
const loopDelay = (row: Row) => row.eventLoopDelayP99Ms;

function judged(aim: Aim): Goal {
  const { row } = aim;
  return judgedFigure(aim, row === undefined ? undefined : aim.value(row), row?.voidBecause !== '');
}

/** @param isVoid - the figure says nothing of the server */
export function judgedFigure(wish: Wanted, value: number | undefined, isVoid: boolean): Goal {
  const { name, unit, atMost, below, atLeast, stretch } = wish;
  if (value === undefined) return { name, verdict: 'not measured', detail: '' };
  const wanted = [
    atMost !== undefined && `at most ${atMost}`,
    below !== undefined && `below ${below}`,
    atLeast !== undefined && `at least ${atLeast}`,
    stretch !== undefined && `stretch ${stretch}`,
  ];
  const detail = `${Number(value.toPrecision(3))} ${unit} (${wanted.filter(Boolean).join(', ')})`;
  if (isVoid) return { name, verdict: 'VOID', detail };
  const met = value <= (atMost ?? value) && (below === undefined || value < below) && value >= (atLeast ?? value);
  if (!met) return { name, verdict: 'MISSED', detail };
  return { name, verdict: stretch !== undefined && value >= stretch ? 'met, stretch' : 'met', detail };
}
