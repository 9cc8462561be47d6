import type Database from 'better-sqlite3';
import type { KeyRings } from '../../domain/keys.ts';
import { recoveryContext } from '../../domain/recovery-codes.ts';
import { resealedSecret, type SealedSecret } from '../../domain/sealed-secret.ts';
import { totpContext } from '../../domain/totp.ts';
import { idToBytes } from './ids.ts';
import { factorColumns, toFactor, toUser, userColumns } from './people-rows.ts';
import type { Row } from './rows.ts';

/**
 * Seals the recovery codes of users, and the secrets of their authenticator apps, anew, in a transaction of its caller's.
 * @param fresh - nonces, of which it takes those that it uses
 * @throws Error when a value does not open: somebody changed it behind our back
 */
export function rewrapPeople(
  db: Database.Database,
  olderIds: readonly string[],
  fresh: Buffer[],
  keys: KeyRings,
): void {
  const places = olderIds.map(() => '?').join(', ');
  const older = (sql: string) =>
    db
      .prepare(`${sql} in (${places}) limit ?`)
      .raw()
      .all(...olderIds, fresh.length) as Row[];
  const write = {
    user: db.prepare('update users set recovery_key_id = ?, recovery_sealed = ? where tenant_id = ? and id = ?'),
    factor: db.prepare(
      'update factors set totp_key_id = ?, totp_sealed = ? where tenant_id = ? and user_id = ? and id = ?',
    ),
  };
  const anew = (secret: SealedSecret, context: readonly string[]): SealedSecret => {
    const nonce = fresh.pop();
    if (nonce === undefined) throw new Error('more values than nonces');
    return resealedSecret(secret, context, keys, nonce);
  };

  for (const { tenantId, id, recovery } of older(
    `select ${userColumns.join(', ')} from users where recovery_key_id`,
  ).map(toUser)) {
    if (recovery === undefined) continue;
    const { keyId, sealed } = anew(recovery.secret, recoveryContext({ tenantId, userId: id }, recovery.version));
    write.user.run(keyId, sealed, idToBytes(tenantId), idToBytes(id));
  }
  for (const factor of older(`select ${factorColumns.join(', ')} from factors where totp_key_id`).map(toFactor)) {
    if (factor.totp === undefined) continue;
    const { keyId, sealed } = anew(factor.totp.secret, totpContext(factor));
    write.factor.run(keyId, sealed, idToBytes(factor.tenantId), idToBytes(factor.userId), idToBytes(factor.id));
  }
}
