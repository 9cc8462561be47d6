/** Different label values of one counter; what comes beyond them is counted together. No label is taken from input. */
const seriesMax = 500;
const elsewhere = 'other';
const between = '\u0000';

/** Counts by labels whose values are few and known beforehand: no tenant, recipient or id. */
export class Counter<Label extends string = never> {
  readonly labels: readonly Label[];
  readonly #counts = new Map<string, { count: number }>();
  /** What was counted last: mostly it is the same again, and then nothing is looked up. */
  #lastValues: readonly (string | number)[] = [];
  #last: { count: number } | undefined;

  constructor(...labels: readonly Label[]) {
    this.labels = labels;
  }

  /** @param values - one for each label, in their order */
  add(values: readonly (string | number)[], by = 1): void {
    if (this.#last === undefined || !this.#isLast(values)) {
      this.#last = this.#cellOf(this.#keyOf(values.join(between)));
      this.#lastValues = values;
    }
    this.#last.count += by;
  }

  #isLast(values: readonly (string | number)[]): boolean {
    for (let at = 0; at < values.length; at++) if (values[at] !== this.#lastValues[at]) return false;
    return true;
  }

  #cellOf(key: string): { count: number } {
    const known = this.#counts.get(key);
    if (known !== undefined) return known;
    const cell = { count: 0 };
    this.#counts.set(key, cell);
    return cell;
  }

  #keyOf(key: string): string {
    if (this.#counts.size < seriesMax || this.#counts.has(key)) return key;
    return this.labels.map(() => elsewhere).join(between);
  }

  /** Every combination that occurred, and how often. */
  series(): { readonly labels: Readonly<Record<Label, string>>; readonly count: number }[] {
    return [...this.#counts].map(([key, { count }]) => {
      const values = key.split(between);
      const labels = Object.fromEntries(this.labels.map((label, at) => [label, values[at] ?? '']));
      return { labels: labels as Record<Label, string>, count };
    });
  }
}

/** How values are spread over fixed bounds. */
export class Spread {
  /** Upper bounds, inclusive, ascending. */
  readonly bounds: readonly number[];
  /** How many values fell below each bound and above the one before; the last one is for what is beyond all. */
  readonly counts: Float64Array;
  sum = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = new Float64Array(bounds.length + 1);
  }

  observe(value: number): void {
    let at = 0;
    while (at < this.bounds.length && value > (this.bounds[at] ?? 0)) at++;
    this.counts[at] = (this.counts[at] ?? 0) + 1;
    this.sum += value;
  }
}

const commitSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
const commitCommands = [1, 2, 4, 8, 16, 32, 64, 128, 256];
const callSeconds = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** What is counted while the server works. Plain numbers in memory; docs/observability.md says what each means. */
export interface Meter {
  readonly requests: Counter<'face' | 'status'>;
  readonly commands: Counter<'command' | 'outcome'>;
  readonly sends: Counter<'channel' | 'provider' | 'result'>;
  /** `to` is `endpoint` or `callback`. */
  readonly webhooks: Counter<'to' | 'result'>;
  readonly notices: Counter<'kind'>;
  readonly shed: Counter<'urgency'>;
  readonly commitSeconds: Spread;
  readonly commitCommands: Spread;
  /** By the name of the provider. */
  readonly callSeconds: ReadonlyMap<string, Spread>;
  providerCall(provider: string, seconds: number): void;
}

export function createMeter(): Meter {
  const calls = new Map<string, Spread>();
  return {
    requests: new Counter('face', 'status'),
    commands: new Counter('command', 'outcome'),
    sends: new Counter('channel', 'provider', 'result'),
    webhooks: new Counter('to', 'result'),
    notices: new Counter('kind'),
    shed: new Counter('urgency'),
    commitSeconds: new Spread(commitSeconds),
    commitCommands: new Spread(commitCommands),
    callSeconds: calls,
    providerCall(provider, seconds) {
      const spread = calls.get(provider) ?? new Spread(callSeconds);
      calls.set(provider, spread);
      spread.observe(seconds);
    },
  };
}
