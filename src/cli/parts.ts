import type { Api, OnProgress } from './api.ts';
import type { Facts } from './doctor/facts.ts';

/** Where a command works: what --config and --data-dir say, as they were written. */
export interface Whereabouts {
  readonly configFile?: string | undefined;
  readonly dataDir?: string | undefined;
}

export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** Whether somebody looks at it, or types into it. */
  readonly outIsTerminal: boolean;
  readonly errIsTerminal: boolean;
  readonly inIsTerminal: boolean;
  /** Asks on standard error and reads one line. @param hidden - what is typed is not shown */
  prompt(question: string, hidden?: 'hidden'): Promise<string>;
  /** Everything on standard input, up to 4 KiB. @throws CommandProblem when there is more */
  readInput(): Promise<string>;
}

/** One setting, for people who look for it. */
export interface ListedSetting {
  readonly key: string;
  readonly variable: string;
  /** As text; null where there is none. */
  readonly preset: string | null;
  readonly does: string;
}

export interface CheckedSettings {
  /** Where they were read from; null when everything is in the environment. */
  readonly file: string | null;
  /** A line each, every one of them. */
  readonly problems: readonly string[];
}

/** What a server says once it listens. */
export interface Started {
  readonly text: string;
  readonly json: unknown;
}

/** Everything that the commands need and do not know how to do. Failures come as CommandProblem. */
export interface CliParts {
  readonly version: string;
  readonly terminal: Terminal;
  /** NO_COLOR is set, so that nothing is coloured. */
  readonly plain: boolean;
  /** Directory that relative paths begin at. */
  readonly cwd: string;
  connect(where: Whereabouts): Promise<Api>;
  /** Resolves once it listens; the process goes on until it is stopped. */
  dev(where: Whereabouts): Promise<Started>;
  serve(where: Whereabouts): Promise<Started>;
  /** Brings the schema of a store that nobody uses up to date. */
  migrate(where: Whereabouts, onProgress: OnProgress): Promise<{ readonly from: number; readonly to: number }>;
  /** Puts a backup in the place of a store that nobody uses. @param file - absolute */
  restore(where: Whereabouts, file: string, onProgress: OnProgress): Promise<Readonly<Record<string, unknown>>>;
  exampleSettings(): Promise<string>;
  listSettings(): Promise<readonly ListedSetting[]>;
  checkSettings(where: Whereabouts, mode: 'development' | 'production'): Promise<CheckedSettings>;
  /** What `doctor` looks at and no API tells. Never throws: what cannot be learnt is a fact too. */
  gatherFacts(where: Whereabouts): Promise<Facts>;
}
