import { copyFileSync, existsSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import type { Verification } from '../src/domain/verification.ts';
import { openWriter } from '../src/stores/sqlite/connection.ts';
import { sqliteQueries } from '../src/stores/sqlite/queries.ts';
import type { Promised } from './crash-load.ts';

/** A database as the disk held it at one moment. */
export interface DatabaseCopy extends Disposable {
  /** `['ok']`, or what is broken. */
  integrity(): readonly unknown[];
  count(sql: string): number;
  /** Where it differs from what was answered. */
  contradictions(tenantId: string, promised: readonly Promised[]): Promise<readonly string[]>;
  /** References of the sends that are recorded as submitted. */
  submitted(tenantId: string, promised: readonly Promised[]): Promise<readonly string[]>;
}

/**
 * Opens a copy of a database and its log, as the next start would find them; the original is left alone. No process
 * may be writing it.
 * @param logBytes - cuts the log's copy to so many bytes
 */
export function copyDatabase(file: string, into: string, logBytes?: number): DatabaseCopy {
  const copy = join(into, 'copy.db');
  copyFileSync(file, copy);
  if (existsSync(`${file}-wal`)) copyFileSync(`${file}-wal`, `${copy}-wal`);
  if (logBytes !== undefined) truncateSync(`${copy}-wal`, logBytes);
  const db = openWriter(copy);
  const queries = sqliteQueries(db, () => Date.now());
  return {
    integrity: () => db.prepare('pragma integrity_check').pluck().all(),
    count: (sql) => db.prepare(sql).pluck().get() as number,
    async contradictions(tenantId, promised) {
      const found = promised.map(async (one) => difference(one, await queries.verification(tenantId, one.id)));
      return (await Promise.all(found)).filter((text) => text !== undefined);
    },
    async submitted(tenantId, promised) {
      const sends = (await Promise.all(promised.map(({ id }) => queries.sends(tenantId, id)))).flat();
      return sends.filter((send) => send.status === 'submitted').map((send) => `${send.verificationId}-${send.number}`);
    },
    [Symbol.dispose]: () => db.close(),
  };
}

function difference(promised: Promised, found: Verification | undefined): string | undefined {
  if (found === undefined) return `${promised.id} is lost`;
  const { status, attemptsUsed } = found;
  const goneOn = promised.busy && promised.status === 'pending' && attemptsUsed - promised.attemptsUsed <= 1;
  const same = status === promised.status && attemptsUsed === promised.attemptsUsed;
  if (same || (goneOn && attemptsUsed >= promised.attemptsUsed)) return undefined;
  return `${promised.id} was ${promised.status} with ${promised.attemptsUsed} used, is ${status} with ${attemptsUsed}`;
}
