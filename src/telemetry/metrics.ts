import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Counter as Counted, Meter, Spread } from '../engine/meter.ts';
import type { LoopDelay } from './loop-delay.ts';

/** What is looked at when metrics are asked for. */
export interface Gauges {
  readonly commandsWaiting: number;
  readonly sendsQueued: number;
  readonly sendsRunning: number;
  readonly sendingStopped: boolean;
  readonly webhooksRunning: number;
  readonly webhooksWaiting: number;
  readonly webhooksOldestMs: number;
  readonly loopDelay: LoopDelay;
  readonly clockSteps: number;
  readonly ready: boolean;
  readonly secretsOverdue: number;
  /** By file of the store; none where it has no files. */
  readonly storeBytes: Readonly<Partial<Record<'database' | 'log', number>>>;
}

export interface MetricSources {
  readonly meter: Meter;
  readonly version: string;
  readonly gauges: () => Promise<Gauges>;
}

export interface Metrics {
  /** Everything as text, in the format of Prometheus. */
  scrape(): Promise<{ readonly contentType: string; readonly text: string }>;
}

const counters: readonly [name: string, help: string, of: (meter: Meter) => Counted<string>][] = [
  ['http_requests_total', 'Requests by face and status of the answer', ({ requests }) => requests],
  ['commands_total', 'Commands by kind and what they were answered', ({ commands }) => commands],
  ['sends_total', 'Tries to send a message by channel, provider and result', ({ sends }) => sends],
  ['webhooks_total', 'Attempts to tell of an event, by what is told and result', ({ webhooks }) => webhooks],
  ['notices_total', 'What an operator wants to hear of, by kind', ({ notices }) => notices],
  ['shed_total', 'What was turned away because there was too much to do, by urgency', ({ shed }) => shed],
];

const gauges: readonly [name: string, help: string, of: (now: Gauges) => number][] = [
  ['commands_waiting', 'Commands that wait for a commit', ({ commandsWaiting }) => commandsWaiting],
  ['sends_queued', 'Messages that wait to be sent, as last counted', ({ sendsQueued }) => sendsQueued],
  ['sends_running', 'Calls to providers under way', ({ sendsRunning }) => sendsRunning],
  ['sending_stopped', '1 while no message is begun', ({ sendingStopped }) => Number(sendingStopped)],
  ['webhooks_running', 'Calls to receivers under way', ({ webhooksRunning }) => webhooksRunning],
  ['webhooks_waiting', 'Events that wait to be told, 10,000 at most', ({ webhooksWaiting }) => webhooksWaiting],
  ['webhooks_oldest_seconds', 'How long the oldest has been due', ({ webhooksOldestMs }) => webhooksOldestMs / 1000],
  ['ready', '1 while the server is to be trusted with requests', ({ ready }) => Number(ready)],
  ['secrets_overdue', 'Ended verifications whose code is not erased in time', ({ secretsOverdue }) => secretsOverdue],
];

/** Makes what the server counts readable. One for each server: nothing is kept globally. */
export function createMetrics({ meter, version, gauges: read }: MetricSources): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const named = (name: string, help: string) => ({ name: `countersign_${name}`, help, registers });

  new Gauge({ ...named('info', 'Always 1; the version is a label'), labelNames: ['version'] }).set({ version }, 1);
  const counted = counters.map(([name, help, of]) => {
    const source = of(meter);
    return { source, shown: new Counter({ ...named(name, help), labelNames: source.labels }) };
  });
  const steps = new Counter(named('clock_steps_total', 'Steps of the time of day of more than five seconds'));
  const looked = gauges.map(([name, help, of]) => ({ of, shown: new Gauge(named(name, help)) }));
  const bytes = new Gauge({ ...named('store_bytes', 'Size of the files of the store'), labelNames: ['file'] });
  const delay = new Gauge({
    ...named('event_loop_delay_seconds', 'How late the event loop was in the last five seconds'),
    labelNames: ['quantile'],
  });
  const commits = () => [{ labels: {}, spread: meter.commitSeconds }];
  const batches = () => [{ labels: {}, spread: meter.commitCommands }];
  const calls = () => [...meter.callSeconds].map(([provider, spread]) => ({ labels: { provider }, spread }));
  new Spreads(named('commit_seconds', 'How long commits take'), commits);
  new Spreads(named('commit_commands', 'How many commands a commit holds'), batches);
  new Spreads(named('provider_call_seconds', 'How long calls to a provider take'), calls);
  collectDefaultMetrics({ register: registry, prefix: 'countersign_' });

  return {
    async scrape() {
      const now = await read();
      for (const { source, shown } of counted) {
        shown.reset();
        for (const { labels, count } of source.series()) shown.inc(labels, count);
      }
      steps.reset();
      steps.inc(now.clockSteps);
      for (const { of, shown } of looked) shown.set(of(now));
      bytes.reset();
      for (const [file, size] of Object.entries(now.storeBytes)) bytes.set({ file }, size);
      const { p50Ms, p99Ms, maxMs } = now.loopDelay;
      for (const [quantile, ms] of Object.entries({ 0.5: p50Ms, 0.99: p99Ms, 1: maxMs })) {
        delay.set({ quantile }, ms / 1000);
      }
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
  };
}

interface LabelledSpread {
  readonly labels: Readonly<Record<string, string>>;
  readonly spread: Spread;
}

/** A histogram whose values were counted elsewhere. */
class Spreads extends Histogram {
  readonly #name: string;
  readonly #help: string;
  readonly #spreads: () => readonly LabelledSpread[];

  constructor(
    options: { name: string; help: string; registers: Registry[] },
    spreads: () => readonly LabelledSpread[],
  ) {
    super(options);
    this.#name = options.name;
    this.#help = options.help;
    this.#spreads = spreads;
  }

  /** What the registry asks for, in place of what `observe` would have counted. */
  async getForPromString() {
    const values = this.#spreads().flatMap((one) => this.#valuesOf(one));
    return { name: this.#name, help: this.#help, type: 'histogram', aggregator: 'sum', values };
  }

  #valuesOf({ labels, spread: { bounds, counts, sum } }: LabelledSpread) {
    const of = (suffix: string, value: number, own: Record<string, string | number> = {}) => ({
      metricName: `${this.#name}_${suffix}`,
      sharedLabels: labels,
      labels: own,
      value,
    });
    let below = 0;
    const buckets = [...bounds, '+Inf'].map((le, at) => {
      below += counts[at] ?? 0;
      return of('bucket', below, { le });
    });
    return [...buckets, of('sum', sum), of('count', below)];
  }
}
