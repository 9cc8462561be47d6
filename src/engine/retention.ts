import { setTimeout as delay } from 'node:timers/promises';
import { isProblem, parseRecipient } from '../domain/recipient.ts';
import type { Invalid } from './create-request.ts';
import type { MaintenanceJob, Store } from './store.ts';

/** How long what is kept. */
export interface RetentionPeriods {
  /** Recipients of verifications that ran out, and their sends: 1 to 400 days. */
  readonly recipientDays: number;
  /** The audit trail. */
  readonly auditDays: number;
}

export const defaultRetention: RetentionPeriods = { recipientDays: 30, auditDays: 365 };

const dayMs = 86_400_000;
/** After that even the pseudonym goes. */
const rowDays = 400;
/** What webhooks were told can be told again for so long. */
const eventDays = 7;
const batchRows = 500;
/** Between two batches, so that what people wait for is committed in between. */
const pauseMs = 20;
/** A bound for one run of one job; the next run goes on where it ended. */
const batchesMax = 100_000;
/** A reader, such as a backup, keeps the log from being emptied; it is asked so often, so far apart. */
const truncateRunsMax = 20;
const truncatePauseMs = 100;

/** Told after each batch: what it does, and how many rows it has dealt with. */
export type RetentionProgress = (work: MaintenanceJob['kind'], rows: number) => void;

export type PurgeKind =
  | 'purge-events'
  | 'purge-verifications'
  | 'purge-verification-rows'
  | 'purge-addresses'
  | 'purge-audit';

export interface PurgeReport {
  /** Rows dealt with. */
  readonly rows: Readonly<Record<PurgeKind, number>>;
  /** Nothing of them is left in the log of the store; false when a backup or another reader was in the way. */
  readonly logTruncated: boolean;
}

interface Run {
  readonly progress?: RetentionProgress | undefined;
  /** Ends the run between two batches; the next one goes on. */
  readonly signal?: AbortSignal | undefined;
}

function purgeJobs({ recipientDays, auditDays }: RetentionPeriods): (MaintenanceJob & { readonly kind: PurgeKind })[] {
  const rowsKeptDays = Math.max(rowDays, recipientDays);
  return [
    { kind: 'purge-events', olderThanMs: eventDays * dayMs },
    { kind: 'purge-verifications', olderThanMs: recipientDays * dayMs },
    { kind: 'purge-verification-rows', olderThanMs: rowsKeptDays * dayMs },
    { kind: 'purge-addresses' },
    { kind: 'purge-audit', olderThanMs: auditDays * dayMs },
  ];
}

/** Forgets everything whose time is over. It may be ended at any moment, and begun again. */
export async function purge(store: Store, periods: RetentionPeriods, run: Run = {}): Promise<PurgeReport> {
  const rows: Partial<Record<PurgeKind, number>> = {};
  for (const job of purgeJobs(periods)) rows[job.kind] = await toTheEnd(store, job, run);
  // Also where nothing was changed now: a reader may have been in the way the last time.
  return { rows: rows as PurgeReport['rows'], logTruncated: await truncated(store, run) };
}

export interface Erased {
  readonly kind: 'erased';
  /** In canonical form. */
  readonly recipient: string;
  /** Rows of the recipient that were changed or deleted. */
  readonly rows: number;
  readonly logTruncated: boolean;
}

/**
 * Forgets one recipient, with one tenant or with all of them. What is pending ends as cancelled. It may be ended at
 * any moment, and begun again.
 * @param request - `recipient` as people write it; a national number is not understood
 */
export async function erase(
  store: Store,
  request: { readonly recipient: string; readonly tenantId?: string | undefined },
  run: Run = {},
): Promise<Erased | Invalid> {
  const parsed = parseRecipient(request.recipient, { fictitious: true });
  if (isProblem(parsed)) return { kind: 'invalid', ...parsed };
  const { value: recipient } = parsed;
  const all = (await store.queries.tenants()).map(({ id }) => id);
  const tenants = request.tenantId === undefined ? all : all.filter((id) => id === request.tenantId);
  // Not "nothing found": whoever misspelt a tenant must not believe that the person is forgotten.
  if (request.tenantId !== undefined && tenants.length === 0) return unknownTenant;
  let rows = 0;
  for (const tenantId of tenants) {
    rows += await toTheEnd(store, { kind: 'erase-recipient', tenantId, recipient }, run);
    await toTheEnd(store, { kind: 'erase-traces', tenantId, recipient }, run);
  }
  return { kind: 'erased', recipient, rows, logTruncated: await truncated(store, run) };
}

const unknownTenant: Invalid = { kind: 'invalid', field: 'tenant', remedy: 'must be the id of a tenant' };

async function toTheEnd(store: Store, job: MaintenanceJob, { progress, signal }: Run): Promise<number> {
  let rows = 0;
  for (let batch = 0; batch < batchesMax && signal?.aborted !== true; batch++) {
    const dealt = await store.maintain(job, batchRows);
    if (dealt === 0) break;
    rows += dealt;
    progress?.(job.kind, rows);
    await delay(pauseMs);
  }
  return rows;
}

async function truncated(store: Store, { signal }: Run): Promise<boolean> {
  for (let run = 0; run < truncateRunsMax; run++) {
    if (await store.truncateLog()) return true;
    if (signal?.aborted === true) return false;
    await delay(truncatePauseMs);
  }
  return false;
}
