import { type Goal, judgedFigure, type Wanted } from '../goals.ts';
import { percentile } from '../histogram.ts';
import { aligned } from '../table.ts';
import { type Answers, askedOf, doneOf, type MixResult, type Second } from './mix.ts';

/** One job of the run. */
export interface Phase {
  readonly name: string;
  readonly result: MixResult;
}

/** All that a run learnt. */
export interface Measured {
  readonly capacity: MixResult;
  readonly quiet: MixResult;
  readonly overload: MixResult;
  readonly recovery: MixResult;
  /** Of the server, in bytes, since its start; undefined where the system does not tell. */
  readonly peakBytes: number | undefined;
  /** Of one tenant alone, and beside another that floods. */
  readonly alone: MixResult;
  readonly beside: MixResult;
  readonly flood: MixResult;
}

const mostGeneratorCpu = 0.9;

export const perSecond = (result: MixResult): number => (doneOf(result) * 1000) / result.elapsedMs;

/** A second is normal again when nobody was refused and p99 is at most twice, or 20 ms, of what it was before. */
export function secondsUntilNormal(bySecond: readonly Second[], quietP99Ms: number): number {
  const limitMs = Math.max(2 * quietP99Ms, 20);
  const normal = bySecond.findIndex(
    ({ latencies, refused }) => refused === 0 && percentile(latencies, 0.99) <= limitMs,
  );
  return normal === -1 ? Number.POSITIVE_INFINITY : normal + 1;
}

const percent = (part: number, whole: number) => (part * 100) / Math.max(1, whole);

/** The figures beside their goals. */
export function judgeOverload(measured: Measured): Goal[] {
  const { capacity, quiet, overload, recovery, peakBytes, alone, beside, flood } = measured;
  const generatorBusy = isBusy(overload);
  const p95Times = percentile(beside.latencies, 0.95) / percentile(alone.latencies, 0.95);
  const figures: [wanted: Wanted, value: number | undefined, isVoid: boolean][] = [
    [
      { name: 'goodput', unit: '% of capacity', atLeast: 70 },
      percent(perSecond(overload), perSecond(capacity)),
      generatorBusy,
    ],
    [
      { name: 'answered 200, 201, 429 or 503 within 1 s', unit: '% of requests', atLeast: 100 },
      percent(overload.inTime, askedOf(overload)),
      generatorBusy,
    ],
    [
      { name: 'checks that succeed', unit: '% of checks', atLeast: 99 },
      percent(overload.checks.done, overload.checks.asked),
      generatorBusy,
    ],
    [
      { name: 'memory of the server', unit: 'MiB', below: 512 },
      peakBytes === undefined ? undefined : peakBytes / 2 ** 20,
      false,
    ],
    [
      { name: 'until p99 is normal again', unit: 's', atMost: 5 },
      secondsUntilNormal(recovery.bySecond, percentile(quiet.latencies, 0.99)),
      false,
    ],
    [
      { name: 'requests of a tenant beside a flood that succeed', unit: '%', atLeast: 99 },
      percent(doneOf(beside), askedOf(beside)),
      isBusy(flood),
    ],
    [{ name: 'p95 of a tenant beside a flood', unit: 'times its own alone', below: 2 }, p95Times, isBusy(flood)],
  ];
  return figures.map(([wanted, value, isVoid]) => judgedFigure(wanted, value, isVoid));
}

function isBusy({ cpuMs, elapsedMs }: MixResult): boolean {
  return cpuMs / elapsedMs > mostGeneratorCpu;
}

const columns: readonly [title: string, of: (phase: Phase) => string][] = [
  ['', ({ name }) => name],
  ['asked/s', ({ result }) => rate(askedOf(result), result)],
  ['done/s', ({ result }) => rate(doneOf(result), result)],
  ['creates done', ({ result }) => share(result.creates, 'done')],
  ['checks done', ({ result }) => share(result.checks, 'done')],
  ['503', ({ result }) => shareOfAll(result, 'shed')],
  ['429', ({ result }) => shareOfAll(result, 'limited')],
  ['other', ({ result }) => shareOfAll(result, 'odd')],
  ['no answer', ({ result }) => shareOfAll(result, 'unanswered')],
  ['not started', ({ result }) => shareOfAll(result, 'skipped')],
  ['p50 ms', ({ result }) => percentile(result.latencies, 0.5).toFixed(1)],
  ['p95 ms', ({ result }) => percentile(result.latencies, 0.95).toFixed(1)],
  ['p99 ms', ({ result }) => percentile(result.latencies, 0.99).toFixed(1)],
  ['generator CPU', ({ result }) => `${percent(result.cpuMs, result.elapsedMs).toFixed(0)} %`],
];

const rate = (count: number, { elapsedMs }: MixResult) => ((count * 1000) / elapsedMs).toFixed(0);

function share(answers: Answers, outcome: keyof Answers): string {
  return answers.asked === 0 ? '-' : `${percent(answers[outcome], answers.asked).toFixed(1)} %`;
}

function shareOfAll(result: MixResult, outcome: keyof Answers): string {
  const count = result.creates[outcome] + result.checks[outcome];
  return count === 0 ? '-' : `${percent(count, askedOf(result)).toFixed(2)} %`;
}

/** A line for each phase, then what was answered that should not be. */
export function phasesText(phases: readonly Phase[]): string {
  const lines = phases.map((phase) => columns.map(([, of]) => of(phase)));
  const odd = phases.filter(({ result }) => result.firstOdd !== '');
  return [
    ...aligned([columns.map(([title]) => title), ...lines], [0]),
    ...odd.map(({ name, result }) => `${name}: ${result.firstOdd}`),
  ].join('\n');
}
