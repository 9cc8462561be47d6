import { carefulSpeech, speechOf } from './paired/dialects.ts';
import type { LoadJob } from './protocol.ts';
import type { Response } from './response.ts';

/** Decides what each connection (a slot) sends next and whether the answer is the one it should be. */
export interface Requests {
  /** The next request for this slot; undefined when nothing can start now. The bytes are reused for the slot's next. */
  next(slot: number): Buffer | undefined;
  /** @returns whether the answer is as expected */
  judge(slot: number, response: Response): boolean;
  /** True once no request will ever follow, whatever is answered. */
  exhausted(): boolean;
  /** Ids of what was created, by offset from the job's first index. */
  readonly ids: string[];
}

/** The requests of a job, of which each connection holds its own pre-built bytes. */
export function requestsOf(job: LoadJob): Requests {
  const host = new URL(job.url).host;
  if (job.work.kind === 'check') return checks(job, job.work, host);
  return creates(job, host);
}

function speech({ work }: LoadJob, host: string) {
  if (work.kind === 'floor') return carefulSpeech(host, 'k'.repeat(80));
  return work.spoken === undefined ? carefulSpeech(host, work.apiKey) : speechOf(work.spoken, host);
}

function creates(job: LoadJob, host: string): Requests {
  const send = job.work.kind === 'send' ? job.work : undefined;
  const spoken = speech(job, host);
  const slots = Array.from({ length: job.connections }, () => spoken.send());
  const indexes = new Float64Array(job.connections);
  const ids: string[] = [];
  let index = job.firstIndex;
  return {
    ids,
    next(slot) {
      const request = slots[slot];
      indexes[slot] = index;
      request?.fill(index++);
      return request?.bytes;
    },
    judge(slot, { status, body }) {
      if (status !== (send === undefined ? 200 : spoken.sent)) return false;
      if (send?.collectIds) ids[(indexes[slot] ?? 0) - job.firstIndex] = spoken.idIn(body);
      return true;
    },
    exhausted: () => false,
  };
}

/** Wrong, then right, of each verification: the right one may start once the wrong one is answered, and is preferred. */
function checks(job: LoadJob, work: Extract<LoadJob['work'], { kind: 'check' }>, host: string): Requests {
  const spoken = speech(job, host);
  const slots = Array.from({ length: job.connections }, () => spoken.check());
  const asked = Array.from({ length: job.connections }, () => ({ verification: 0, right: false }));
  const ready: number[] = [];
  let untouched = 0;

  return {
    ids: [],
    next(slot) {
      const right = ready.pop();
      if (right === undefined && untouched === work.ids.length) return undefined;
      const verification = right ?? untouched++;
      asked[slot] = { verification, right: right !== undefined };
      const code = work.codes[verification] ?? '';
      slots[slot]?.fill(work.ids[verification] ?? '', right === undefined ? spoken.wrongCode(code) : code);
      return slots[slot]?.bytes;
    },
    judge(slot, { body }) {
      const question = asked[slot];
      if (question === undefined) return false;
      if (!question.right) ready.push(question.verification);
      return body.includes(question.right ? spoken.right : spoken.wrong);
    },
    exhausted: () => untouched === work.ids.length && ready.length === 0,
  };
}
