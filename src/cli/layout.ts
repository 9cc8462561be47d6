import { type Paint, printable } from './paint.ts';

export type Column<Row> = readonly [title: string, of: (row: Row) => unknown];

/** Rows below the titles of their columns, each column as wide as its widest cell; `none` when there is no row. */
export function table<Row>(rows: readonly Row[], columns: readonly Column<Row>[], paint: Paint, none: string): string {
  if (rows.length === 0) return none;
  const cells = rows.map((row) => columns.map(([, of]) => printable(of(row))));
  const titles = columns.map(([title]) => title.toUpperCase());
  const widths = titles.map((title, index) => Math.max(...[title, ...cells.map((row) => row[index] ?? '')].map(width)));
  const lines = cells.map((row) => aligned(row, widths));
  return [paint('bold', aligned(titles, widths)), ...lines].join('\n');
}

/** Names and values, a line each, the values below each other. */
export function fields(pairs: readonly (readonly [name: string, value: unknown])[], paint: Paint): string {
  const widest = Math.max(...pairs.map(([name]) => width(name)));
  return pairs.map(([name, value]) => `${paint('bold', padded(name, widest))}  ${printable(value)}`).join('\n');
}

function aligned(cells: readonly string[], widths: readonly number[]): string {
  return cells
    .map((cell, index) => padded(cell, widths[index] ?? 0))
    .join('  ')
    .trimEnd();
}

function padded(text: string, to: number): string {
  return text + ' '.repeat(Math.max(0, to - width(text)));
}

/** Characters, not UTF-16 units. */
function width(text: string): number {
  return [...text].length;
}

/** `1 tenant`, `1,200 tenants` */
export function amount(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;
}

/** `12.3 MiB` */
export function bytesText(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'] as const;
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, bytes)) / 10)));
  return `${(bytes / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}
