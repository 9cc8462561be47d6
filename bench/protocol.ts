import type { RootCredentials } from '../src/main/data-directory.ts';
import type { DialectName, Spoken } from './paired/dialects.ts';

/** What `run.ts` and the processes it starts say to each other over IPC: one question at a time, one answer each. */

/** How the server under test is to be started; it arrives as one JSON argument. */
export interface ServerOptions {
  /** An empty folder for this server alone, on the disk being measured. */
  readonly dataDirectory: string;
  /** `null` drops every message; `capture` keeps the last code of each recipient until it is asked for. */
  readonly provider: 'null' | 'capture';
  /** The life of a verification that names none. */
  readonly ttlSeconds: number;
  /** Put into each commit of the writer thread, to see what a slow disk does; 0 for none. */
  readonly commitDelayMs: number;
  /** Rates of tenants and keys: off, because all load comes from one tenant, or as in production. */
  readonly rates: 'off' | 'default';
  /** A second tenant, to whom nothing of the first may be known. */
  readonly otherTenant?: RootCredentials;
}

/** What the store holds, counted when asked. Counting may be dear: it is asked outside the measured time. */
export interface StoreStats {
  /** Sends whose delivery is recorded as handed over, since the data directory was new. */
  readonly completedSends: number;
  /** The store's own count of durable commits (and checkpoints, where it knows them), since it was opened. */
  readonly fsyncs: number;
  readonly verifications: number;
  /** Verifications whose salt or sealed code is erased. */
  readonly secretsErased: number;
  /** Verifications that expired over a minute ago and still hold one; must be 0. */
  readonly secretsOverdue: number;
}

export type ServerQuestion =
  /** Answered with `StoreStats`. */
  | { readonly kind: 'stats' }
  /** Answered with the 99th percentile, in milliseconds, of how late the event loop was since this was last asked. */
  | { readonly kind: 'event-loop-delay' }
  /** The captured codes of these recipients, in their order; each is forgotten once told. */
  | { readonly kind: 'codes'; readonly recipients: readonly string[] };

/** What every process says first. `url` and `apiKey` are empty for the load generator. */
export interface Ready {
  readonly kind: 'ready';
  readonly pid: number;
  readonly url: string;
  readonly apiKey: string;
  /** The tenant, and its credential as it stands in the header of each API. */
  readonly customer?: string;
  readonly credentials?: Readonly<Record<DialectName, string>>;
}

/** Asked of any process; `stop` is answered before the process ends. */
export type CommonQuestion = { readonly kind: 'cpu' } | { readonly kind: 'stop' };

export type Answer =
  | { readonly kind: 'answer'; readonly value: unknown }
  | { readonly kind: 'failed'; readonly message: string };

/** What the requests of a job are. */
export type Work =
  /** The bytes of a send, to a server that does nothing with them. */
  | { readonly kind: 'floor' }
  | {
      readonly kind: 'send';
      readonly apiKey: string;
      readonly collectIds: boolean;
      /** In another way than the native API with all that it takes. */
      readonly spoken?: Spoken | undefined;
    }
  /** One wrong code, then the right one, for each verification. */
  | {
      readonly kind: 'check';
      readonly apiKey: string;
      readonly ids: readonly string[];
      readonly codes: readonly string[];
      readonly spoken?: Spoken | undefined;
    };

export interface LoadJob {
  readonly kind: 'load';
  /** Loopback only; anything else is refused. */
  readonly url: string;
  readonly work: Work;
  /** Sends number their recipients from here, so that no two jobs share one. */
  readonly firstIndex: number;
  readonly connections: number;
  /** No request starts after so many, nor after so many seconds. */
  readonly maxRequests: number;
  readonly seconds: number;
  /** With it an open loop: so many a second, evenly spaced, however slow the answers. */
  readonly ratePerSecond?: number;
}

export interface LoadResult {
  readonly started: number;
  /** Requests of the open loop's schedule that no connection was free for before the deadline. */
  readonly unstarted: number;
  /** Answers with the status and result they should have; a send among these is acknowledged. */
  readonly expected: number;
  readonly unexpected: number;
  /** The first answer that was not as it should be, cut short; empty when all were. */
  readonly firstUnexpected: string;
  /** Requests whose connection broke or that had no answer at the deadline. */
  readonly unanswered: number;
  /** From the first start to the last answer. */
  readonly elapsedMs: number;
  /** Counts of a latency histogram, see `histogram.ts`. */
  readonly latencies: Uint32Array;
  /** CPU of the generator in that time, all its threads. */
  readonly cpuMs: number;
  /** With `collectIds`: the id created for each index from `firstIndex`, empty where none was. */
  readonly ids: readonly string[];
}
