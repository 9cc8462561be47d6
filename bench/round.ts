import { setTimeout as sleep } from 'node:timers/promises';
import type { Child } from './child.ts';
import { percentile } from './histogram.ts';
import { cpuMsOf } from './measure.ts';
import type { DialectName, Spoken } from './paired/dialects.ts';
import type { LoadJob, LoadResult, StoreStats, Work } from './protocol.ts';
import { recipientOf } from './recipients.ts';
import { statsOf } from './servers.ts';

/** What a send causes must be done so long after the last answer; it counts as the send's CPU until then. */
const SEND_SETTLE_MS = 2000;
/** A check causes nothing that outlives its answer by much. */
const CHECK_SETTLE_MS = 300;
const MOST_REQUESTS = 5_000_000;
const CODES_AT_ONCE = 5000;
const MOST_GENERATOR_CPU = 0.9;

/** The load generator and the numbering of recipients, none of which is used twice in one run. */
export interface Generator {
  readonly load: Child;
  nextIndex: number;
}

/** How a round is loaded: as fast as answers come, or at a rate. */
export interface Pace {
  readonly connections: number;
  readonly seconds: number;
  readonly ratePerSecond?: number;
}

export interface Round {
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly serverCpuMicros: number;
  /** CPU of the generator, 1 for one core. */
  readonly generatorCpu: number;
  /** By the store's own count, those of what the requests caused included; undefined for the floor. */
  readonly fsyncsPerRequest: number | undefined;
  readonly eventLoopDelayP99Ms: number | undefined;
  /** Why the round does not count; empty when it does. */
  readonly voidBecause: string;
}

export async function floorRound(generator: Generator, floor: Child, pace: Pace): Promise<Round> {
  const { result, serverCpuMs } = await loaded(generator, floor, pace, { kind: 'floor' }, 0);
  return roundOf(result, serverCpuMs, undefined, undefined, faultsOf(result));
}

/** Sends; void unless the store holds as many completed ones as were acknowledged, two seconds after the end. */
export async function sendRound(
  generator: Generator,
  server: Child,
  pace: Pace,
  dialect?: DialectName,
): Promise<Round> {
  const before = await statsOf(server);
  const spoken = spokenTo(server, dialect);
  const work: Work = { kind: 'send', apiKey: server.apiKey, collectIds: false, spoken };
  const { result, serverCpuMs, delayMs } = await loaded(generator, server, pace, work, SEND_SETTLE_MS);
  const after = await statsOf(server);
  const completed = after.completedSends - before.completedSends;
  const lost = completed === result.expected ? '' : `${result.expected} acknowledged but ${completed} completed`;
  return roundOf(result, serverCpuMs, fsyncs(before, after, result), delayMs, faultsOf(result, lost));
}

/**
 * Checks, a wrong and a right one for each of `verifications` new ones; void where those could not be made. The server must
 * capture codes.
 */
export async function checkRound(
  generator: Generator,
  server: Child,
  pace: Pace,
  verifications: number,
  dialect?: DialectName,
): Promise<Round> {
  const work = await prepare(generator, server, verifications, spokenTo(server, dialect));
  if (typeof work === 'string') return voidRound(work);
  // Where APIs take turns on one server nobody asks for fsyncs. What they are told with counts all rows and holds the
  // event loop up, so that the server may turn away the creates of the next round.
  const stats = dialect === undefined ? () => statsOf(server) : async () => undefined;
  const before = await stats();
  const { result, serverCpuMs, delayMs } = await loaded(generator, server, pace, work, CHECK_SETTLE_MS);
  const after = await stats();
  const perRequest = before && after && fsyncs(before, after, result);
  return roundOf(result, serverCpuMs, perRequest, delayMs, faultsOf(result));
}

/**
 * Creates verifications through the server's own API, and learns their codes from what it delivered.
 * @returns why there is nothing to check, where a create was answered otherwise or a code did not come
 */
async function prepare(
  generator: Generator,
  server: Child,
  count: number,
  spoken: Spoken | undefined,
): Promise<Work | string> {
  const firstIndex = generator.nextIndex;
  const work: Work = { kind: 'send', apiKey: server.apiKey, collectIds: true, spoken };
  const pace = { connections: 64, seconds: 60 };
  const { ids, expected, firstUnexpected } = await ask(generator, server, pace, work, count);
  if (expected !== count) return `prepared ${expected} of ${count} verifications: ${firstUnexpected}`;
  await sleep(500);

  const codes: string[] = [];
  while (codes.length < count) {
    const length = Math.min(CODES_AT_ONCE, count - codes.length);
    const recipients = Array.from({ length }, (_, offset) => recipientOf(firstIndex + codes.length + offset));
    codes.push(...((await server.ask({ kind: 'codes', recipients })) as string[]));
  }
  if (codes.includes('')) return 'a code was not delivered within half a second';
  return { kind: 'check', apiKey: server.apiKey, ids, codes, spoken };
}

/** @throws Error when the server does not say how it is to be spoken to */
function spokenTo({ customer, credentials }: Child, dialect: DialectName | undefined): Spoken | undefined {
  if (dialect === undefined) return undefined;
  if (customer === undefined || credentials === undefined) throw new Error('the server names no credentials of faces');
  return { dialect, credential: credentials[dialect], customer };
}

/** Runs one job and takes the server's CPU from its start to `settleMs` after its end. */
async function loaded(generator: Generator, server: Child, pace: Pace, work: Work, settleMs: number) {
  const watched = work.kind !== 'floor';
  if (watched) await server.ask({ kind: 'event-loop-delay' });
  const before = await cpuMsOf(server);
  const result = await ask(generator, server, pace, work, MOST_REQUESTS);
  const delayMs = watched ? ((await server.ask({ kind: 'event-loop-delay' })) as number) : undefined;
  await sleep(settleMs);
  return { result, serverCpuMs: (await cpuMsOf(server)) - before, delayMs };
}

async function ask(generator: Generator, server: Child, pace: Pace, work: Work, most: number): Promise<LoadResult> {
  const maxRequests = work.kind === 'check' ? 2 * work.ids.length : most;
  const job: LoadJob = { kind: 'load', url: server.url, work, firstIndex: generator.nextIndex, maxRequests, ...pace };
  const result = (await generator.load.ask(job, (pace.seconds + 30) * 1000)) as LoadResult;
  if (work.kind === 'send') generator.nextIndex += result.started;
  return result;
}

function fsyncs(before: StoreStats, after: StoreStats, { expected }: LoadResult): number {
  return (after.fsyncs - before.fsyncs) / Math.max(1, expected);
}

function faultsOf(result: LoadResult, more = ''): string {
  const { unexpected, unanswered, unstarted, cpuMs, elapsedMs, firstUnexpected } = result;
  const faults = [
    unexpected + unanswered > 0 && `${unexpected} unexpected and ${unanswered} missing answers: ${firstUnexpected}`,
    unstarted > 0 && `${unstarted} requests never started`,
    cpuMs / elapsedMs > MOST_GENERATOR_CPU && `generator CPU ${((cpuMs / elapsedMs) * 100).toFixed(0)} %`,
    more,
  ];
  return faults.filter(Boolean).join('; ');
}

/** One that was never begun. */
function voidRound(voidBecause: string): Round {
  return {
    requestsPerSecond: 0,
    p50Ms: 0,
    p99Ms: 0,
    serverCpuMicros: 0,
    generatorCpu: 0,
    fsyncsPerRequest: undefined,
    eventLoopDelayP99Ms: undefined,
    voidBecause,
  };
}

function roundOf(
  { expected, elapsedMs, cpuMs, latencies }: LoadResult,
  serverCpuMs: number,
  fsyncsPerRequest: number | undefined,
  eventLoopDelayP99Ms: number | undefined,
  voidBecause: string,
): Round {
  return {
    requestsPerSecond: (expected * 1000) / elapsedMs,
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
    serverCpuMicros: (serverCpuMs * 1000) / Math.max(1, expected),
    generatorCpu: cpuMs / elapsedMs,
    fsyncsPerRequest,
    eventLoopDelayP99Ms,
    voidBecause,
  };
}
