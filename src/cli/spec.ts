import { InvalidArgumentError } from 'commander';
import type { Reply, Session } from './session.ts';

/** What the command line gave, by the names of the flags in camelCase. */
export type Options = Readonly<Record<string, unknown>>;

export interface OptionSpec {
  /** As commander reads them: `--daily-sends-max <number>`. */
  readonly flags: string;
  readonly does: string;
  readonly parse?: (text: string) => unknown;
}

/** One command, as data: what it is called, what it takes, and what it does. */
export interface CommandSpec {
  /** With the groups it is in: `service test-number set`. */
  readonly name: string;
  /** As commander reads them: `<recipient> [code]`. */
  readonly takes?: string;
  /** A sentence. */
  readonly does: string;
  readonly example: string;
  readonly options?: readonly OptionSpec[];
  run(session: Session, args: readonly (string | undefined)[], options: Options): Promise<Reply>;
}

/**
 * A command whose options have the types that its flags give them.
 * @param run - `args` are the positional arguments, in order, undefined where one was left out
 */
export function command<O = Options>(
  spec: Omit<CommandSpec, 'run'>,
  run: (session: Session, args: readonly (string | undefined)[], options: O) => Promise<Reply>,
): CommandSpec {
  // The parser has made them of the flags, so that they have the types that the flags name.
  return { ...spec, run: (session, args, options) => run(session, args, options as O) };
}

/** For options with a number. */
export function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

/** For options with an amount of money: `12.50`. */
export function money(text: string): number {
  if (!/^\d{1,10}(?:\.\d{1,6})?$/.test(text)) throw new InvalidArgumentError('It must be an amount such as 12.50.');
  return Number(text);
}

/** For options with several values: `sms,email`. An empty text is an empty list. */
export function list(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** For options with a moment: a day (its beginning, UTC) or a date with a time, as ISO 8601. */
export function moment(text: string): string {
  const form = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2}))?$/;
  const atMs = form.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(atMs)) throw new InvalidArgumentError('Write it as 2027-01-31 or 2027-01-31T12:00:00Z.');
  return new Date(atMs).toISOString();
}

export const tenantOption: OptionSpec = {
  flags: '--tenant <name|id>',
  does: 'the tenant; may be left out where there is only one',
};
export interface TenantOption {
  readonly tenant?: string;
}

export const yesOption: OptionSpec = { flags: '-y, --yes', does: 'do not ask' };
export interface YesOption {
  readonly yes?: boolean;
}

/** Only what was given. */
export function given(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** A path with those of its parameters that were given. */
export function withQuery(path: string, parameters: object): string {
  const named = Object.entries(given({ ...parameters })).map(
    ([name, value]) => `${name}=${encodeURIComponent(String(value))}`,
  );
  return named.length === 0 ? path : `${path}?${named.join('&')}`;
}
