import { type Connections, connectAll } from '../connections.ts';
import type { Response } from '../response.ts';
import type { MixJob, MixResult } from './mix.ts';
import { mixRequestsOf } from './mix-requests.ts';
import { type Kind, patienceMs, Tally } from './tally.ts';

/** Time for the last answers after the last request may start; the job then ends whatever is missing. */
const graceMs = 10_000;

/**
 * Runs one job to its end. A closed loop starts a connection's next request at its answer. An open loop starts request n
 * at n ÷ rate, or as soon after that as a connection is free, and skips it when that would be a second too late: who
 * does not get through does not wait for ever.
 * @throws Error when the target is not loopback or does not accept the connections
 */
export async function runMix(job: MixJob): Promise<MixResult> {
  const tally = new Tally();
  const flow = flowOf(job, tally);
  const connections = await connectAll(job.url, job.connections, flow);
  const cpu = process.cpuUsage();
  try {
    const elapsedMs = await flow.run(connections);
    const { user, system } = process.cpuUsage(cpu);
    return tally.result(elapsedMs, (user + system) / 1000);
  } finally {
    connections.close();
  }
}

function flowOf(job: MixJob, tally: Tally) {
  const { ratePerSecond: rate, seconds } = job;
  const requests = mixRequestsOf(job);
  const most = rate === undefined ? job.maxRequests : Math.min(job.maxRequests, Math.floor(rate * seconds));
  const underway: ({ readonly kind: Kind; readonly dueMs: number } | undefined)[] = [];
  const idle = Array.from({ length: job.connections }, (_, slot) => slot);
  let connections: Connections | undefined;
  let next = 0;
  let startMs = 0;
  let lastAnswerMs = 0;
  let inFlight = 0;
  let finish: (() => void) | undefined;
  let fail: ((error: unknown) => void) | undefined;

  const start = (slot: number, dueMs: number): void => {
    const kind = requests.kindOf(next++);
    const bytes = requests.next(slot, kind);
    underway[slot] = { kind, dueMs };
    inFlight++;
    tally.asked(kind);
    connections?.send(slot, bytes);
  };

  const isOver = (nowMs: number) => next >= most || (rate === undefined && nowMs - startMs >= seconds * 1000);

  const startDue = (nowMs: number): void => {
    while (!isOver(nowMs)) {
      const dueMs = rate === undefined ? nowMs : startMs + (next * 1000) / rate;
      if (dueMs > nowMs) return;
      if (nowMs - dueMs > patienceMs) {
        tally.skipped(requests.kindOf(next++));
        continue;
      }
      const slot = idle.pop();
      if (slot === undefined) return;
      start(slot, dueMs);
    }
    if (inFlight === 0) finish?.();
  };

  const turn = (): void => {
    try {
      startDue(performance.now());
    } catch (error) {
      fail?.(error);
    }
  };

  /** Takes a slot's request off the list of those under way. */
  const ended = (slot: number) => {
    const request = underway[slot];
    underway[slot] = undefined;
    if (request !== undefined) inFlight--;
    return request;
  };

  return {
    answered(slot: number, response: Response): void {
      const request = ended(slot);
      if (request === undefined) return;
      const { kind, dueMs } = request;
      lastAnswerMs = performance.now();
      const done = requests.judge(slot, kind, response);
      tally.answered(kind, response, done, dueMs - startMs, lastAnswerMs - dueMs);
      idle.push(slot);
      turn();
    },

    broken(slot: number, reason: string): void {
      const free = idle.indexOf(slot);
      if (free !== -1) idle.splice(free, 1);
      const request = ended(slot);
      if (request !== undefined) tally.unanswered(request.kind, reason);
      turn();
    },

    /** Resolves with the milliseconds to the last answer, when all have come or the deadline has. */
    run(opened: Connections): Promise<number> {
      connections = opened;
      startMs = performance.now();
      lastAnswerMs = startMs;
      return new Promise((resolve, reject) => {
        const ticks = setInterval(turn, 1);
        const deadline = setTimeout(() => finish?.(), seconds * 1000 + graceMs);
        const stop = () => {
          clearInterval(ticks);
          clearTimeout(deadline);
          finish = undefined;
          fail = undefined;
        };
        finish = () => {
          stop();
          for (const request of underway)
            if (request !== undefined) tally.unanswered(request.kind, 'no answer in time');
          resolve(Math.max(lastAnswerMs - startMs, 1));
        };
        fail = (error) => {
          stop();
          reject(error);
        };
        turn();
      });
    },
  };
}
