import type Database from 'better-sqlite3';
import { resealedCode } from '../../domain/code.ts';
import type { KeyRings } from '../../domain/keys.ts';
import { resealedTestNumber, type TestNumber } from '../../domain/test-number.ts';
import { idFromBytes } from './ids.ts';
import { rewrapPeople } from './people-rewrap.ts';
import { rewrapSecrets } from './webhook-rewrap.ts';

export interface RewrapContext {
  readonly keys: KeyRings;
  /** A row changed behind the back of whoever remembers it. */
  forgetVerification(tenantId: string, id: string): void;
}

type SealedRow = readonly [tenant: Buffer, id: Buffer, generation: number, sealed: string];
type ServiceRow = readonly [tenant: Buffer, name: string, testNumbers: string];

/**
 * Seals values of older data keys anew under the active one, in a transaction of its caller's: codes that callers
 * supplied, codes of test numbers, secrets of webhook endpoints, recovery codes and secrets of authenticator apps. What
 * names a key that the ring lacks is left as it is.
 * @param nonces - one for each value, which bounds how many are changed
 * @returns how many values it changed
 * @throws Error when a value does not open: somebody changed it behind our back
 */
export function rewrap(db: Database.Database, nonces: readonly string[], context: RewrapContext): number {
  const { activeId, keys } = context.keys.data;
  const fresh = nonces.map((nonce) => Buffer.from(nonce, 'hex'));
  const olderIds = Object.keys(keys).filter((id) => id !== activeId);
  for (const olderId of olderIds) rewrapCodes(db, olderId, fresh, context);
  if (olderIds.length > 0) rewrapTestNumbers(db, olderIds, fresh, context.keys);
  if (olderIds.length > 0) rewrapSecrets(db, olderIds, fresh, context.keys);
  if (olderIds.length > 0) rewrapPeople(db, olderIds, fresh, context.keys);
  return nonces.length - fresh.length;
}

/** @param fresh - nonces, of which it takes those that it uses */
function rewrapCodes(db: Database.Database, keyId: string, fresh: Buffer[], context: RewrapContext): void {
  const rows = db
    .prepare(
      `select tenant_id, id, code_generation, code_sealed from verifications
       where code_sealed is not null and code_key_id = ? limit ?`,
    )
    .raw()
    .all(keyId, fresh.length) as SealedRow[];
  const write = db.prepare('update verifications set code_key_id = ?, code_sealed = ? where tenant_id = ? and id = ?');
  for (const [tenant, id, generation, sealed] of rows) {
    const place = { tenantId: idFromBytes(tenant), verificationId: idFromBytes(id) };
    const anew = resealedCode({ ...place, generation, keyId, sealed }, context.keys, taken(fresh));
    write.run(anew.keyId, anew.sealed, tenant, id);
    context.forgetVerification(place.tenantId, place.verificationId);
  }
}

function rewrapTestNumbers(db: Database.Database, olderIds: readonly string[], fresh: Buffer[], keys: KeyRings): void {
  const rows = db
    .prepare(`select tenant_id, name, test_numbers from services where test_numbers <> '[]'`)
    .raw()
    .all() as ServiceRow[];
  const write = db.prepare('update services set test_numbers = ? where tenant_id = ? and name = ?');
  for (const [tenant, name, packed] of rows) {
    const place = { tenantId: idFromBytes(tenant), service: name };
    const before = fresh.length;
    const testNumbers = (JSON.parse(packed) as TestNumber[]).map((number) =>
      fresh.length > 0 && olderIds.includes(number.keyId)
        ? resealedTestNumber(number, place, keys, taken(fresh))
        : number,
    );
    if (fresh.length < before) write.run(JSON.stringify(testNumbers), tenant, name);
  }
}

function taken(fresh: Buffer[]): Buffer {
  const nonce = fresh.pop();
  if (nonce === undefined) throw new Error('more values than nonces');
  return nonce;
}
