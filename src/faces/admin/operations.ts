/** What an operator sees of the server as a whole. */
export interface ServerStatus {
  readonly version: string;
  readonly mode: 'development' | 'production';
  readonly ready: boolean;
  /** Why it is not ready. */
  readonly reasons: readonly string[];
  readonly sendingStopped: boolean;
  readonly startedAtMs: number;
  readonly clock: { readonly nowMs: number; readonly confirmed: boolean; readonly steps: number };
  /** Messages that wait. */
  readonly queued: number;
  /** Number of the latest migration that the store has. */
  readonly schema: number;
}

export type RingName = 'pepper' | 'data' | 'signing';

export interface KeyUse {
  readonly ring: RingName;
  readonly id: string;
  readonly active: boolean;
  /** Rows that need it. */
  readonly rows: number;
}

/** A refusal in the words of a problem: what was asked is not possible as things stand. */
export interface Refused {
  readonly kind: 'refused';
  readonly code: string;
  readonly detail: string;
}

export type Progress = (done: number, total: number) => void;
export type Report = { readonly kind: 'done'; readonly result: Readonly<Record<string, unknown>> } | Refused;

/** What is done to the server beside its tenants. `main` puts it together from store, keys and files. */
export interface Operations {
  status(): Promise<ServerStatus>;
  keyUsage(): Promise<readonly KeyUse[]>;
  rotateKey(ring: RingName): Promise<{ readonly kind: 'rotated'; readonly id: string } | Refused>;
  retireKey(ring: RingName, id: string): Promise<{ readonly kind: 'retired' } | Refused>;
  rewrap(progress: Progress): Promise<Report>;
  /** @param file - absolute path, on the server */
  backup(file: string, progress: Progress): Promise<Report>;
  purge(progress: Progress): Promise<Report>;
  erase(
    whom: { readonly recipient: string; readonly tenantId?: string | undefined },
    progress: Progress,
  ): Promise<Report>;
}
