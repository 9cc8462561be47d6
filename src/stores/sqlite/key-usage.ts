import { setImmediate as turn } from 'node:timers/promises';
import type Database from 'better-sqlite3';
import type { TestNumber } from '../../domain/test-number.ts';
import type { KeyUsage } from '../../engine/store.ts';
import { idempotencyKeptMs } from './maintenance.ts';

/** Rows read at once: requests are answered in between. */
const portionRows = 2000;

/**
 * Counts which keys are needed: by what codes come from, answers kept for a day, test numbers, webhook secrets, and what
 * users have of recovery codes and authenticator apps.
 */
export function sqliteKeyUsage(db: Database.Database, nowMs: () => number): () => Promise<KeyUsage> {
  const salted = db
    .prepare(
      `select expires_at, rowid, code_key_id, code_sealed is null from verifications
       where (code_salt is not null or code_sealed is not null) and (expires_at, rowid) > (?, ?)
       order by expires_at, rowid limit ?`,
    )
    .raw();
  const answers = db
    .prepare('select rowid, created_at, key_id from idempotency where rowid > ? order by rowid limit ?')
    .raw();
  const sealed = db
    .prepare('select code_key_id, count(*) from verifications where code_sealed is not null group by code_key_id')
    .raw();
  const tags = db.prepare('select key_id, count(*) from code_tags group by key_id').raw();
  const services = db.prepare(`select test_numbers from services where test_numbers <> '[]'`).pluck();

  const endpoints = db.prepare('select secret_key_id, previous_key_id from webhook_endpoints').raw();
  const ofPeople = [
    db.prepare(
      'select recovery_key_id, count(*) from users where recovery_key_id is not null group by recovery_key_id',
    ),
    db.prepare('select totp_key_id, count(*) from factors where totp_key_id is not null group by totp_key_id'),
  ].map((statement) => statement.raw());

  async function countSalted(pepper: Tally): Promise<void> {
    let rows: [expiresAt: number, rowid: number, keyId: string, isSalted: number][];
    let last = [-1, -1];
    do {
      rows = salted.all(...last, portionRows) as typeof rows;
      for (const [expiresAt, rowid, keyId, isSalted] of rows) {
        if (isSalted === 1) count(pepper, keyId);
        last = [expiresAt, rowid];
      }
      await turn();
    } while (rows.length === portionRows);
  }

  async function countAnswers(pepper: Tally): Promise<void> {
    let rows: [rowid: number, createdAt: number, keyId: string][];
    let last = -1;
    do {
      rows = answers.all(last, portionRows) as typeof rows;
      const keptSinceMs = nowMs() - idempotencyKeptMs;
      for (const [rowid, createdAt, keyId] of rows) {
        if (createdAt > keptSinceMs) count(pepper, keyId);
        last = rowid;
      }
      await turn();
    } while (rows.length === portionRows);
  }

  return async () => {
    const [pepper, data]: [Tally, Tally] = [new Map(), new Map()];
    await countSalted(pepper);
    await countAnswers(pepper);
    for (const [keyId, rows] of tags.all() as [string, number][]) count(pepper, keyId, rows);
    for (const [keyId, rows] of sealed.all() as [string, number][]) count(data, keyId, rows);
    for (const packed of services.all() as string[]) {
      for (const { keyId } of JSON.parse(packed) as TestNumber[]) count(data, keyId);
    }
    for (const [keyId, previousId] of endpoints.all() as [string, string | null][]) {
      count(data, keyId);
      if (previousId !== null) count(data, previousId);
    }
    for (const statement of ofPeople) {
      for (const [keyId, rows] of statement.all() as [string, number][]) count(data, keyId, rows);
      await turn();
    }
    return { pepper: Object.fromEntries(pepper), data: Object.fromEntries(data), signing: {} };
  };
}

type Tally = Map<string, number>;

function count(tally: Tally, keyId: string, rows = 1): void {
  tally.set(keyId, (tally.get(keyId) ?? 0) + rows);
}
