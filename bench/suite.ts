import type { Child } from './child.ts';
import { type Goal, rowNames } from './goals.ts';
import type { Measured, Options } from './options.ts';
import { checkRound, floorRound, type Generator, type Pace, type Round, sendRound } from './round.ts';
import { type Row, rowOf } from './row.ts';
import { hasStrace, type Place, startServer, startTracedServer, statsOf, withServer } from './servers.ts';

/** What a whole run shares: the processes that stay up, and what earlier rounds taught. */
export interface Suite {
  readonly options: Options;
  readonly place: Place;
  readonly generator: Generator;
  readonly floor: Child;
  /** Says on standard error what is going on. */
  readonly say: (text: string) => void;
  /** Checks a second to expect, so that enough verifications are prepared. */
  checksPerSecond: number;
}

/** The connections at which the goals are. */
const GOAL_CONNECTIONS = 64;
const FLOOR = 'node:http floor';
/** Only checks need their codes kept. */
export const providers = { send: 'null', check: 'capture' } as const;
const OPEN_LOOP_SHARE = 0.6;
const LONG_SHARE = 0.3;

/** Enough for the compilers to settle; nothing of it is kept. Checks are warmed up where their rate is found. */
export async function warmUp(suite: Suite, servers: Record<Measured, Child>): Promise<void> {
  suite.say('warming up');
  const pace = { connections: GOAL_CONNECTIONS, seconds: suite.options.seconds };
  await floorRound(suite.generator, suite.floor, pace);
  if (suite.options.only.includes('send')) await sendRound(suite.generator, servers.send, pace);
}

/** Alternating rounds of floor, send and check, so that each is compared with the floor of the same minute. */
export async function closedLoops(suite: Suite, servers: Record<Measured, Child>, connections: number): Promise<Row[]> {
  const { options, generator } = suite;
  const count = connections === GOAL_CONNECTIONS ? options.rounds : options.roundsElsewhere;
  const pace = { connections, seconds: options.seconds };
  const floors: Round[] = [];
  const measured: Record<Measured, Round[]> = { send: [], check: [] };
  // The rate of checks at other connections is another; a short round finds it.
  if (options.only.includes('check')) await oneRound(suite, 'check', servers.check, { connections, seconds: 1 });
  for (let round = 1; round <= count; round++) {
    suite.say(`${connections} connections, round ${round} of ${count}`);
    floors.push(await floorRound(generator, suite.floor, pace));
    for (const kind of options.only) measured[kind].push(await oneRound(suite, kind, servers[kind], pace));
  }
  const rows = options.only.map((kind) => rowOf(kind, connections, measured[kind], floors));
  return [rowOf(FLOOR, connections, floors), ...rows];
}

async function oneRound(suite: Suite, kind: Measured, server: Child, pace: Pace): Promise<Round> {
  if (kind === 'send') return sendRound(suite.generator, server, pace);
  const expected = (pace.ratePerSecond ?? suite.checksPerSecond * 1.05) * pace.seconds;
  const round = await checkRound(suite.generator, server, pace, Math.ceil(expected / 2));
  if (pace.ratePerSecond === undefined && round.requestsPerSecond > 0) suite.checksPerSecond = round.requestsPerSecond;
  return round;
}

/** At a share of what the closed loop managed, with latency from the intended start. */
export async function openLoops(
  suite: Suite,
  servers: Record<Measured, Child>,
  closed: readonly Row[],
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const kind of suite.options.only) {
    const capacity = capacityOf(closed, kind);
    suite.say(`open loop of ${kind}s at ${OPEN_LOOP_SHARE * 100} % of ${capacity.toFixed(0)}/s`);
    const pace = {
      connections: GOAL_CONNECTIONS,
      seconds: suite.options.openLoopSeconds,
      ratePerSecond: capacity * OPEN_LOOP_SHARE,
    };
    const round = await oneRound(suite, kind, servers[kind], pace);
    const floors = closed.filter((row) => row.name === FLOOR && row.connections === GOAL_CONNECTIONS);
    rows.push(rowOf(rowNames.openLoop(kind), pace.connections, [round], floors, true));
  }
  return rows;
}

/** Requests a second at 64 connections, or at the first number that was measured. */
function capacityOf(closed: readonly Row[], kind: Measured): number {
  const rows = closed.filter((row) => row.name === kind);
  return (rows.find((row) => row.connections === GOAL_CONNECTIONS) ?? rows[0])?.requestsPerSecond ?? 100;
}

/** A slow disk: two milliseconds more for each commit. */
export async function slowCommits(suite: Suite): Promise<Row[]> {
  const rows: Row[] = [];
  for (const kind of suite.options.only) {
    suite.say(`${kind}s with 2 ms more a commit`);
    const pace = { connections: GOAL_CONNECTIONS, seconds: suite.options.seconds };
    const starting = startServer(suite.place, { provider: providers[kind], commitDelayMs: 2 });
    const round = await withServer(starting, async (server) => {
      await oneRound(suite, kind, server, { ...pace, seconds: 1 });
      return oneRound(suite, kind, server, pace);
    });
    rows.push(rowOf(rowNames.slowCommit(kind), pace.connections, [round]));
  }
  return rows;
}

/** In the rows at 64 connections, `strace` replaces the store's own count, where it is installed. */
export async function countFsyncs(suite: Suite, rows: readonly Row[]): Promise<Row[]> {
  if (!hasStrace()) return [...rows];
  const counted = new Map<string, number>();
  for (const kind of suite.options.only) {
    suite.say(`counting the fsyncs of ${kind}s with strace`);
    const pace = { connections: GOAL_CONNECTIONS, seconds: Math.min(2, suite.options.seconds) };
    const starting = startTracedServer(suite.place, { provider: providers[kind] });
    const round = await withServer(starting, (server) => oneRound(suite, kind, server, pace));
    if (round.voidBecause === '' && round.fsyncsPerRequest !== undefined) counted.set(kind, round.fsyncsPerRequest);
  }
  return rows.map((row) => {
    const fsyncsPerRequest = row.connections === GOAL_CONNECTIONS ? counted.get(row.name) : undefined;
    return fsyncsPerRequest === undefined ? row : { ...row, fsyncsPerRequest, fsyncsBy: 'strace' as const };
  });
}

/** Three minutes of sends that nobody verifies and that live for one, so that expiry runs while they come. */
export async function longRun(suite: Suite, closed: readonly Row[]): Promise<{ row: Row; goal: Goal }> {
  const seconds = suite.options.longSeconds;
  const pace = {
    connections: GOAL_CONNECTIONS,
    seconds,
    ratePerSecond: capacityOf(closed, 'send') * LONG_SHARE,
  };
  suite.say(`${seconds} seconds of sends at ${pace.ratePerSecond.toFixed(0)}/s, with a life of 60 s`);
  return withServer(startServer(suite.place, { ttlSeconds: 60 }), async (server) => {
    const round = await sendRound(suite.generator, server, pace);
    const { verifications, secretsErased, secretsOverdue } = await statsOf(server);
    const ran = secretsErased > 0 && secretsOverdue === 0;
    const detail = `${secretsErased} of ${verifications} secrets erased, ${secretsOverdue} overdue (must be 0)`;
    return {
      row: rowOf(rowNames.long, pace.connections, [round]),
      goal: { name: 'expiry runs under load', verdict: ran ? 'met' : 'MISSED', detail },
    };
  });
}
