import { monitorEventLoopDelay } from 'node:perf_hooks';
import { answerParent } from './answering.ts';
import type { DialectName } from './paired/dialects.ts';
import type { Ready, ServerOptions, ServerQuestion, StoreStats } from './protocol.ts';

/** Every how many milliseconds the event loop is looked at. */
const RESOLUTION_MS = 5;

/** A server under test, listening on loopback. */
export interface RunningServer {
  /** `http://127.0.0.1:<port>`, no slash at the end. */
  readonly url: string;
  /** May create and check verifications of the default service. */
  readonly apiKey: string;
  /** The tenant, and its credential as it stands in the header of each API. */
  readonly customer?: string;
  readonly credentials?: Readonly<Record<DialectName, string>>;
  stats(): Promise<StoreStats>;
  /** The last code captured for a recipient (E.164), forgotten once told; undefined when none arrived. */
  takeCode(recipient: string): string | undefined;
  /** Stops listening, finishes the work in hand, closes the store. */
  stop(): Promise<void>;
}

/** Runs a server as a child of the benchmark: starts it, says that it is ready, answers until it is told to stop. */
export async function serveBenchmark(start: (options: ServerOptions) => Promise<RunningServer>): Promise<void> {
  // The parent is our own run.ts, which wrote this argument from the same type.
  const server = await start(JSON.parse(process.argv[2] ?? '{}') as ServerOptions);
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();

  const delayP99Ms = (): number => {
    // What is recorded includes the interval between two looks.
    const p99Ms = Math.max(0, delay.percentile(99) / 1e6 - RESOLUTION_MS);
    delay.reset();
    return p99Ms;
  };
  answerParent<ServerQuestion>(async (question) => {
    switch (question.kind) {
      case 'stats':
        return server.stats();
      case 'event-loop-delay':
        return delayP99Ms();
      case 'codes':
        return question.recipients.map((recipient) => server.takeCode(recipient) ?? '');
    }
  }, server.stop);
  const { url, apiKey, customer, credentials } = server;
  const others = customer === undefined || credentials === undefined ? {} : { customer, credentials };
  process.send?.({ kind: 'ready', pid: process.pid, url, apiKey, ...others } satisfies Ready);
}
