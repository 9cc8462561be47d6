import { aligned } from '../table.ts';

/** One measured figure and what it should stay below. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  /** Empty for a figure without a unit. */
  readonly unit: string;
  readonly below: number;
  /** What it was measured over. */
  readonly over: string;
}

/** The figures as a table, each with its goal beside it. A figure that is no number misses its goal. */
export function figuresText(figures: readonly Figure[]): string {
  const lines = figures.map(({ name, value, unit, below, over }) => {
    const shown = `${Number(value.toPrecision(3))} ${unit}`.trim();
    return [name, shown, `< ${below} ${unit}`.trim(), value < below ? 'met' : 'MISSED', over];
  });
  return aligned([['', 'measured', 'goal', '', 'over'], ...lines], [0, 3, 4]).join('\n');
}
