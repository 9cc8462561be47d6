import type { Channel } from '../../domain/channel.ts';

/* What doctor looks at. Each part is known, or it is said why not, so that one that fails leaves the others. */

export type Fact<T> =
  | { readonly kind: 'known'; readonly value: T }
  | { readonly kind: 'unknown'; readonly why: string };

export interface SettingsFacts {
  readonly mode: 'development' | 'production';
  /** A line each. */
  readonly problems: readonly string[];
}

/** A file or a directory. */
export interface PathFacts {
  readonly path: string;
  readonly exists: boolean;
  readonly owner: number;
  /** Permission bits. */
  readonly mode: number;
}

export interface DirectoryFacts extends PathFacts {
  /** User that this command runs as. */
  readonly user: number;
  readonly freeBytes: number;
}

export interface KeyFileFacts extends PathFacts {
  /** What is wrong with its form; null when nothing is. */
  readonly problem: string | null;
  /** Ids of the keys of each ring. */
  readonly rings: Readonly<Record<string, readonly string[]>>;
}

export interface StoreFacts {
  readonly file: string;
  readonly exists: boolean;
  /** What `quick_check` of SQLite says; `ok` when nothing is wrong. */
  readonly integrity: string;
  readonly schema: number;
  /** The one that this version writes. */
  readonly schemaKnown: number;
  /** It is a backup that was copied here and not restored. */
  readonly markedBackup: boolean;
  /** A process owns it. */
  readonly locked: boolean;
  /** The latest time that a server wrote down; 0 when none has. */
  readonly clockFloorMs: number;
}

export interface MachineFacts {
  readonly nowMs: number;
  /** Null where nobody can tell. */
  readonly clockSynchronised: boolean | null;
  /** Null where there is no limit, or none that can be read. */
  readonly openFilesMax: number | null;
  /** Most milliseconds that a timer of 1 ms was late, of a few. */
  readonly timerLateMs: number;
}

export interface ProviderFacts {
  readonly name: string;
  readonly channels: readonly Channel[];
  readonly probe:
    | { readonly kind: 'ready' }
    | { readonly kind: 'problem'; readonly problem: string; readonly remedy: string }
    /** It cannot be asked. */
    | { readonly kind: 'none' };
  readonly warnings: readonly string[];
}

export interface DeliveryFacts {
  readonly providers: readonly ProviderFacts[];
  /** Names of providers, by channel. */
  readonly routes: Readonly<Partial<Record<Channel, readonly string[]>>>;
}

/** What the machine and the files say. */
export interface Facts {
  readonly settings: Fact<SettingsFacts>;
  readonly directory: Fact<DirectoryFacts>;
  readonly keyFile: Fact<KeyFileFacts>;
  readonly store: Fact<StoreFacts>;
  readonly machine: Fact<MachineFacts>;
  readonly delivery: Fact<DeliveryFacts>;
  /** Whether a server answers in the data directory. */
  readonly running: boolean;
}

/** What is said of something that is wrong, whatever was thrown. */
export async function fact<T>(learn: () => T | Promise<T>): Promise<Fact<T>> {
  try {
    return { kind: 'known', value: await learn() };
  } catch (error) {
    const [why = ''] = (error instanceof Error ? error.message : String(error)).split('\n', 1);
    return { kind: 'unknown', why };
  }
}
