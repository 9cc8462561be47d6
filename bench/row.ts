import { median } from './measure.ts';
import type { Round } from './round.ts';

/** One line of the table: the medians of its rounds, each compared with the floor's round beside it. */
export interface Row {
  readonly name: string;
  readonly connections: number;
  readonly rounds: number;
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly serverCpuMicros: number;
  readonly timesFloorCpu: number | undefined;
  readonly shareOfFloor: number | undefined;
  readonly fsyncsPerRequest: number | undefined;
  readonly fsyncsBy: 'strace' | 'store';
  readonly eventLoopDelayP99Ms: number | undefined;
  readonly generatorCpu: number;
  readonly voidBecause: string;
}

/** What a round is compared with. */
type Floor = Pick<Round, 'requestsPerSecond' | 'serverCpuMicros'>;

/**
 * @param floors - the floor's rounds, in the order of `rounds`; left out where the comparison means nothing
 * @param open - an open loop's rate is chosen, so its share of the floor says nothing
 */
export function rowOf(
  name: string,
  connections: number,
  rounds: readonly Round[],
  floors: readonly Floor[] = [],
  open = false,
): Row {
  const mid = (of: (round: Round) => number) => median(rounds.map(of));
  const some = (of: (round: Round) => number | undefined) =>
    defined(median(rounds.map((one) => of(one) ?? Number.NaN)));
  const ratio = (of: (round: Floor) => number) =>
    defined(median(rounds.map((round, at) => of(round) / floorOf(floors[at], of))));
  const faults = rounds.filter((round) => round.voidBecause !== '');
  return {
    name,
    connections,
    rounds: rounds.length,
    requestsPerSecond: mid((round) => round.requestsPerSecond),
    p50Ms: mid((round) => round.p50Ms),
    p99Ms: mid((round) => round.p99Ms),
    serverCpuMicros: mid((round) => round.serverCpuMicros),
    timesFloorCpu: ratio((round) => round.serverCpuMicros),
    shareOfFloor: open ? undefined : ratio((round) => round.requestsPerSecond),
    fsyncsPerRequest: some((round) => round.fsyncsPerRequest),
    fsyncsBy: 'store',
    eventLoopDelayP99Ms: some((round) => round.eventLoopDelayP99Ms),
    generatorCpu: mid((round) => round.generatorCpu),
    voidBecause: faults[0] === undefined ? '' : `${faults.length} of ${rounds.length}: ${faults[0].voidBecause}`,
  };
}

function floorOf(floor: Floor | undefined, of: (round: Floor) => number): number {
  return floor === undefined ? Number.NaN : of(floor);
}

function defined(value: number): number | undefined {
  return Number.isNaN(value) ? undefined : value;
}
