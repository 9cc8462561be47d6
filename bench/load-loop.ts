import { type Connections, connectAll } from './connections.ts';
import { newHistogram, record } from './histogram.ts';
import type { LoadJob, LoadResult } from './protocol.ts';
import type { Response } from './response.ts';
import { type Requests, requestsOf } from './work.ts';

/** Time for the last answers after the last request may start; the job then ends whatever is missing. */
const GRACE_MS = 10_000;

/** What is counted while a job runs. */
interface Tally {
  started: number;
  expected: number;
  unexpected: number;
  firstUnexpected: string;
  unanswered: number;
  lastAnswerMs: number;
}

/**
 * Runs one job to its end: its connections, its requests, its deadline.
 * @throws Error when the target is not loopback or does not accept the connections
 */
export async function runJob(job: LoadJob): Promise<LoadResult> {
  const requests = requestsOf(job);
  const latencies = newHistogram();
  const tally: Tally = { started: 0, expected: 0, unexpected: 0, firstUnexpected: '', unanswered: 0, lastAnswerMs: 0 };
  const flow = trafficOf(job, requests, latencies, tally);
  const connections = await connectAll(job.url, job.connections, flow);

  const cpu = process.cpuUsage();
  const startMs = performance.now();
  await flow.run(connections, startMs);
  const { user, system } = process.cpuUsage(cpu);
  connections.close();

  const { lastAnswerMs, ...counts } = tally;
  return {
    ...counts,
    unstarted: job.ratePerSecond === undefined ? 0 : scheduled(job, job.ratePerSecond) - tally.started,
    elapsedMs: Math.max(lastAnswerMs - startMs, 1),
    latencies,
    cpuMs: (user + system) / 1000,
    ids: requests.ids,
  };
}

function scheduled(job: LoadJob, ratePerSecond: number): number {
  return Math.min(job.maxRequests, Math.floor(ratePerSecond * job.seconds));
}

/**
 * The state of the connections. A closed loop starts a slot's next request at its answer; an open loop starts
 * request n at n ÷ rate, or as soon after that as a slot is free, and counts its latency from that intended start.
 */
function trafficOf(job: LoadJob, requests: Requests, latencies: Uint32Array, tally: Tally) {
  const rate = job.ratePerSecond;
  const most = rate === undefined ? job.maxRequests : scheduled(job, rate);
  const intendedMs = new Float64Array(job.connections);
  const busy = new Uint8Array(job.connections);
  const idle: number[] = Array.from({ length: job.connections }, (_, slot) => slot);
  let connections: Connections;
  let startMs = 0;
  let endMs = Number.POSITIVE_INFINITY;
  let inFlight = 0;
  let finish: (() => void) | undefined;

  const start = (slot: number, fromMs: number): boolean => {
    const bytes = requests.next(slot);
    if (bytes === undefined) return false;
    busy[slot] = 1;
    inFlight++;
    tally.started++;
    intendedMs[slot] = fromMs;
    connections.send(slot, bytes);
    return true;
  };

  const startDue = (nowMs: number): void => {
    while (tally.started < most) {
      const dueMs = rate === undefined ? nowMs : startMs + (tally.started * 1000) / rate;
      if (rate === undefined ? nowMs >= endMs : dueMs > nowMs) return;
      const slot = idle.shift();
      if (slot === undefined) return;
      if (!start(slot, dueMs)) return void idle.push(slot);
    }
  };

  const endIfDone = (nowMs: number): void => {
    const over = tally.started >= most || (rate === undefined && nowMs >= endMs);
    if (inFlight === 0 && (over || requests.exhausted())) finish?.();
  };

  const end = (slot: number, nowMs: number): void => {
    busy[slot] = 0;
    inFlight--;
    tally.lastAnswerMs = nowMs;
  };

  return {
    answered(slot: number, response: Response): void {
      if (busy[slot] !== 1) return;
      const nowMs = performance.now();
      record(latencies, nowMs - (intendedMs[slot] ?? nowMs));
      if (requests.judge(slot, response)) tally.expected++;
      else note(tally, response);
      end(slot, nowMs);
      idle.push(slot);
      startDue(nowMs);
      endIfDone(nowMs);
    },

    broken(slot: number, reason: string): void {
      const free = idle.indexOf(slot);
      if (free !== -1) idle.splice(free, 1);
      if (busy[slot] === 1) {
        tally.unanswered++;
        tally.firstUnexpected ||= reason;
        end(slot, performance.now());
      }
      if (inFlight === 0 && idle.length === 0) finish?.();
    },

    /** Resolves when every request has its answer, no connection is left, or the deadline has come. */
    run(opened: Connections, atMs: number): Promise<void> {
      connections = opened;
      startMs = atMs;
      endMs = atMs + job.seconds * 1000;
      tally.lastAnswerMs = atMs;
      return new Promise((resolve) => {
        const ticks = rate === undefined ? undefined : setInterval(() => startDue(performance.now()), 1);
        const deadline = setTimeout(() => finish?.(), job.seconds * 1000 + GRACE_MS);
        finish = () => {
          clearInterval(ticks);
          clearTimeout(deadline);
          finish = undefined;
          tally.unanswered += inFlight;
          resolve();
        };
        startDue(atMs);
        endIfDone(atMs);
      });
    },
  };
}

function note(tally: Tally, { status, body }: Response): void {
  tally.unexpected++;
  tally.firstUnexpected ||= `${status} ${body.slice(0, 200)}`;
}
