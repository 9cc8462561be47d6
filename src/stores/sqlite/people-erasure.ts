import type Database from 'better-sqlite3';
import type { BatchContext } from './batch-context.ts';
import { idToBytes } from './ids.ts';
import { eventForgetter } from './webhook-retention.ts';

/**
 * Takes a recipient out of the users of a tenant: their phone number or e-mail address, the login with it, what a face
 * kept of them, and factors that codes were sent to. The users themselves stay, with the tenant's reference.
 * @param recipient - canonical
 * @returns rows changed or deleted; 0 when there is nothing left
 */
export function erasePeople(
  db: Database.Database,
  { tenantId, recipient }: { readonly tenantId: string; readonly recipient: string },
  { nowMs, limit }: BatchContext,
): number {
  const tenant = idToBytes(tenantId);
  const found = (sql: string) => db.prepare(sql).pluck().all(tenant, recipient, limit) as Buffer[];
  const users = [
    ...found('select id from users where tenant_id = ? and phone_number = ? limit ?'),
    ...found('select id from users where tenant_id = ? and email = ? limit ?'),
    ...found('select user_id from factors where tenant_id = ? and recipient = ? limit ?'),
  ];
  // Nobody logs in with an address that is no more. The version tells slow work on the older password that it is gone.
  const forgetEmail = db.prepare(
    `update users set email = null, login = null, profile = null, updated_at = ?,
       password_version = password_version + (password is not null), password = null
     where tenant_id = ? and id = ? and email = ?`,
  );
  const forgetNumber = db.prepare(
    `update users set phone_number = null, profile = null, updated_at = ?
     where tenant_id = ? and id = ? and phone_number = ?`,
  );
  const forgetFactors = db.prepare('delete from factors where tenant_id = ? and user_id = ? and recipient = ?');
  const forgetEvents = eventForgetter(db);
  let changed = 0;
  for (const id of users.slice(0, limit)) {
    for (const forget of [forgetEmail, forgetNumber]) changed += forget.run(nowMs, tenant, id, recipient).changes;
    // What is to be told of the user may name the recipient.
    changed += forgetFactors.run(tenant, id, recipient).changes + forgetEvents(tenant, id);
  }
  return changed;
}
