import { type Child, startChild } from '../child.ts';
import { type Goal, judgedFigure } from '../goals.ts';
import { median } from '../measure.ts';
import type { Measured } from '../options.ts';
import { checkRound, type Generator, type Round, sendRound } from '../round.ts';
import { type Place, scriptOf, startServer, withServer } from '../servers.ts';
import { aligned } from '../table.ts';
import { type DialectName, dialectNames } from './dialects.ts';

/**
 * Short rounds of one thing and of others in turn, so that whatever else the machine does falls on all alike: figures of
 * each round are compared with those of the round of the first one beside it.
 */
export interface PairedRun {
  readonly place: Place;
  readonly only: readonly Measured[];
  readonly rounds: number;
  readonly say: (text: string) => void;
}

/** One of those that are compared. */
interface Contestant {
  readonly name: string;
  readonly server: Child;
  readonly dialect?: DialectName;
}

export interface PairedRow {
  readonly name: string;
  /** It is what the others of its kind are compared with. */
  readonly isFirst: boolean;
  /** Medians of the rounds. */
  readonly requestsPerSecond: number;
  readonly serverCpuMicros: number;
  /** Median of the rounds' own ratios to the first contestant's. */
  readonly timesCpu: number;
  readonly timesRate: number;
  readonly voidBecause: string;
}

const connections = 64;
const sendSeconds = 2;
const checkSeconds = 6;
/** Verifications prepared for a round of checks, of two checks each. */
const prepared = 6000;

/** The vendors' faces beside the native API, all asked for as little as they can be. */
export async function measureFaces(run: PairedRun): Promise<readonly PairedRow[]> {
  return withServer(startServer(run.place, { provider: 'capture' }), (server) =>
    compared(
      run,
      dialectNames.map((dialect) => ({ name: dialect, server, dialect })),
    ),
  );
}

/** This build beside another. @param script - starts the other one */
export async function measureAgainst(run: PairedRun, script: string): Promise<readonly PairedRow[]> {
  const other = { ...run.place, serverScript: script };
  return withServer(startServer(other, { provider: 'capture' }), (before) =>
    withServer(startServer(run.place, { provider: 'capture' }), (now) =>
      compared(run, [
        { name: 'the other build', server: before },
        { name: 'this build', server: now },
      ]),
    ),
  );
}

async function compared(run: PairedRun, contestants: readonly Contestant[]): Promise<PairedRow[]> {
  const generator = { load: await startChild(scriptOf('load')), nextIndex: 0 };
  const rows: PairedRow[] = [];
  for (const kind of run.only) {
    run.say(`warming up ${kind}s`);
    for (const one of contestants) await roundOf(generator, kind, one);
    const rounds = contestants.map((): Round[] => []);
    for (let round = 0; round < run.rounds; round++) {
      run.say(`${kind}s, round ${round + 1} of ${run.rounds}`);
      for (const at of inTurn(contestants.length, round)) {
        const contestant = contestants[at];
        if (contestant !== undefined) rounds[at]?.push(await roundOf(generator, kind, contestant));
      }
    }
    rows.push(...contestants.map(({ name }, at) => rowOf(`${kind}, ${name}`, rounds[at] ?? [], rounds[0] ?? [])));
  }
  await generator.load.stop();
  return rows;
}

/** Nobody is always the first, nor always behind the same one. */
export function inTurn(count: number, round: number): number[] {
  const order = Array.from({ length: count }, (_, at) => (at + round) % count);
  return Math.floor(round / count) % 2 === 0 ? order : order.reverse();
}

function roundOf(generator: Generator, kind: Measured, { server, dialect }: Contestant): Promise<Round> {
  if (kind === 'send') return sendRound(generator, server, { connections, seconds: sendSeconds }, dialect);
  return checkRound(generator, server, { connections, seconds: checkSeconds }, prepared, dialect);
}

/** A round that is void makes its row void; its figures, and those beside it, are left out. */
export function rowOf(name: string, rounds: readonly Round[], beside: readonly Round[]): PairedRow {
  const ratio = (of: (round: Round) => number) =>
    median(
      rounds.flatMap((round, at) => {
        const other = beside[at];
        return other === undefined || !(counts(round) && counts(other)) ? [] : [of(round) / of(other)];
      }),
    );
  const sound = rounds.filter(counts);
  return {
    name,
    isFirst: rounds === beside,
    requestsPerSecond: median(sound.map((round) => round.requestsPerSecond)),
    serverCpuMicros: median(sound.map((round) => round.serverCpuMicros)),
    timesCpu: ratio((round) => round.serverCpuMicros),
    timesRate: ratio((round) => round.requestsPerSecond),
    voidBecause: rounds.find((round) => round.voidBecause !== '')?.voidBecause ?? '',
  };
}

const counts = ({ voidBecause }: Round) => voidBecause === '';

export function pairedText(rows: readonly PairedRow[]): string {
  const heading = ['', 'requests/s', 'CPU µs/request', '× CPU', '× requests/s', ''];
  const cells = rows.map((row) => [
    row.name,
    row.requestsPerSecond.toFixed(0),
    row.serverCpuMicros.toFixed(1),
    row.timesCpu.toFixed(3),
    row.timesRate.toFixed(3),
    row.voidBecause === '' ? '' : `VOID: ${row.voidBecause}`,
  ]);
  return aligned([heading, ...cells], [0]).join('\n');
}

/** Each but the first of its kind held against what it may cost. @param atMost - times the CPU of the first */
export function pairedGoals(rows: readonly PairedRow[], atMost: number): Goal[] {
  return rows
    .filter(({ isFirst }) => !isFirst)
    .map(({ name, timesCpu, voidBecause }) =>
      judgedFigure({ name, unit: 'times the CPU', atMost }, timesCpu, voidBecause !== ''),
    );
}
