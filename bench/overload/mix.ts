/** Creates and checks together, at a pace that the server may not keep up with. */
export interface MixJob {
  readonly kind: 'mix';
  /** Loopback only; anything else is refused. */
  readonly url: string;
  readonly apiKey: string;
  /** Of verifications to check, the wrong code first, then the right one; with none there are creates alone. */
  readonly ids: readonly string[];
  readonly codes: readonly string[];
  /** Creates number their recipients from here. */
  readonly firstIndex: number;
  readonly connections: number;
  /** No request starts after so many, nor after so many seconds. */
  readonly maxRequests: number;
  readonly seconds: number;
  /** With it an open loop: so many a second, whatever becomes of the earlier ones. */
  readonly ratePerSecond?: number;
}

/** What became of the requests of one kind. */
export interface Answers {
  /** Started, or skipped because no connection was free within a second of when they were due. */
  asked: number;
  skipped: number;
  /** Answered 201, or 200 with the result that is due. */
  done: number;
  /** Answered 503. */
  shed: number;
  /** Answered 429. */
  limited: number;
  /** Answered in any other way. */
  odd: number;
  /** Without an answer: the connection broke, or the job was over. */
  unanswered: number;
}

export interface Second {
  /** Counts of a latency histogram, see `histogram.ts`. */
  readonly latencies: Uint32Array;
  refused: number;
}

export interface MixResult {
  readonly creates: Answers;
  readonly checks: Answers;
  /** Answered as they should be, with 503 or with 429, within a second of when they were due. */
  readonly inTime: number;
  readonly firstOdd: string;
  /** Of all that was answered, from when it was due. */
  readonly latencies: Uint32Array;
  /** The same by the second in which they were due. */
  readonly bySecond: readonly Second[];
  /** From the first start to the last answer. */
  readonly elapsedMs: number;
  /** CPU of the generator in that time. */
  readonly cpuMs: number;
}

/** One request in so many is a check. Checks alone must fit into the capacity, or nothing could save them. */
export const checkEvery = 5;

export const askedOf = ({ creates, checks }: MixResult): number => creates.asked + checks.asked;
export const doneOf = ({ creates, checks }: MixResult): number => creates.done + checks.done;
