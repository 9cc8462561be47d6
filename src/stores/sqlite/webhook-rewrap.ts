import type Database from 'better-sqlite3';
import type { KeyRings } from '../../domain/keys.ts';
import { resealedSecret } from '../../domain/sealed-secret.ts';
import { secretContext } from '../../domain/webhook.ts';
import { idToBytes } from './ids.ts';
import type { Row } from './rows.ts';
import { endpointColumns, toEndpoint } from './webhook-rows.ts';

/**
 * Seals the secrets of endpoints anew, in a transaction of its caller's.
 * @param fresh - nonces, of which it takes those that it uses
 */
export function rewrapSecrets(
  db: Database.Database,
  olderIds: readonly string[],
  fresh: Buffer[],
  keys: KeyRings,
): void {
  const places = olderIds.map(() => '?').join(', ');
  const rows = db
    .prepare(
      `select ${endpointColumns.join(', ')} from webhook_endpoints
       where secret_key_id in (${places}) or previous_key_id in (${places}) limit ?`,
    )
    .raw()
    .all(...olderIds, ...olderIds, fresh.length) as Row[];
  const write = db.prepare(
    `update webhook_endpoints set secret_key_id = ?, secret_sealed = ?, previous_key_id = ?, previous_sealed = ?
     where tenant_id = ? and id = ?`,
  );
  for (const endpoint of rows.map(toEndpoint)) {
    const anew = <S extends { readonly keyId: string; readonly sealed: string }>(secret: S): S => {
      const nonce = olderIds.includes(secret.keyId) ? fresh.pop() : undefined;
      return nonce === undefined
        ? secret
        : { ...secret, ...resealedSecret(secret, secretContext(endpoint), keys, nonce) };
    };
    const { previous } = endpoint;
    const changed = { ...endpoint, secret: anew(endpoint.secret), previous: previous && anew(previous) };
    write.run(
      changed.secret.keyId,
      changed.secret.sealed,
      changed.previous?.keyId ?? null,
      changed.previous?.sealed ?? null,
      idToBytes(endpoint.tenantId),
      idToBytes(endpoint.id),
    );
  }
}
