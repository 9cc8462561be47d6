import type Database from 'better-sqlite3';
import type { WebhookDelivery, WebhookEndpoint } from '../../domain/webhook.ts';
import type { WebhookWrites } from '../../engine/command.ts';
import type { StoredEvent } from '../../engine/events.ts';
import { idToBytes } from './ids.ts';
import { Recent } from './recent.ts';
import type { Row } from './rows.ts';
import {
  deliveryChanging,
  deliveryColumns,
  deliveryFixed,
  deliveryKey,
  endpointCells,
  endpointColumns,
  eventCells,
  eventColumns,
  toDelivery,
  toEndpoint,
  toEvent,
} from './webhook-rows.ts';

const rememberedTenants = 1024;
const deliveryList = [...deliveryColumns.fixed, ...deliveryColumns.changing].join(', ');

/**
 * The rows of webhooks on the writing connection. Whether a tenant wants to hear of anything is remembered, so that one
 * that does not costs a look into a map; the rest is read and written only for those who do.
 */
export class WebhookTables {
  readonly #endpoints = new Recent<readonly WebhookEndpoint[]>(rememberedTenants);
  readonly #statements: ReturnType<typeof prepare>;

  constructor(db: Database.Database) {
    this.#statements = prepare(db);
  }

  /** Forgets what a rolled-back transaction wrote, or what maintenance changed. */
  clear(): void {
    this.#endpoints.clear();
  }

  endpoints(tenantId: string): readonly WebhookEndpoint[] {
    return this.#endpoints.get(tenantId, () =>
      (this.#statements.endpoints.all(idToBytes(tenantId)) as Row[]).map(toEndpoint),
    );
  }

  deliveries(tenantId: string, verificationId: string): readonly WebhookDelivery[] {
    const rows = this.#statements.deliveries.all(idToBytes(tenantId), idToBytes(verificationId));
    return (rows as Row[]).map(toDelivery);
  }

  event(tenantId: string, verificationId: string, number: number): StoredEvent | undefined {
    const row = this.#statements.event.get(idToBytes(tenantId), idToBytes(verificationId), number);
    return row ? toEvent(row as Row) : undefined;
  }

  write(tenantId: string, writes: WebhookWrites): void {
    const sql = this.#statements;
    const tenant = idToBytes(tenantId);
    for (const row of writes.endpoints ?? []) sql.putEndpoint.run(endpointCells(tenant, row));
    for (const id of writes.removedEndpoints ?? []) sql.removeEndpoint.run(tenant, idToBytes(id));
    if (writes.endpoints !== undefined || writes.removedEndpoints !== undefined) this.#endpoints.forget(tenantId);
    for (const row of writes.newEvents ?? []) sql.addEvent.run(eventCells(tenant, row));
    for (const row of writes.newDeliveries ?? [])
      sql.addDelivery.run([...deliveryFixed(tenant, row), ...deliveryChanging(row)]);
    for (const row of writes.deliveries ?? []) {
      const { changes } = sql.setDelivery.run([...deliveryChanging(row), ...deliveryKey(tenant, row)]);
      if (changes !== 1) throw new Error('a delivery to be changed is not there');
    }
    for (const { verificationId, dueAtMs } of writes.newExpiries ?? [])
      sql.addExpiry.run(tenant, idToBytes(verificationId), dueAtMs);
    for (const id of writes.removedExpiries ?? []) sql.removeExpiry.run(tenant, idToBytes(id));
  }
}

/** Whoever owned them is dead: any process may take them. */
export function retireDeliveries(db: Database.Database, tenants: readonly Buffer[], epoch: string): void {
  const retire = db.prepare(
    'update deliveries set epoch = null where tenant_id = ? and epoch is not null and epoch <> ?',
  );
  for (const tenant of tenants) retire.run(tenant, epoch);
}

function prepare(db: Database.Database) {
  const others = ([, ...columns]: readonly string[]) => columns.join(', ');
  const places = (columns: readonly unknown[]) => columns.map(() => '?').join(', ');
  return {
    endpoints: db
      .prepare(`select ${endpointColumns.join(', ')} from webhook_endpoints where tenant_id = ? order by id`)
      .raw(),
    putEndpoint: db.prepare(
      `insert or replace into webhook_endpoints (tenant_id, ${others(endpointColumns)}) values (${places(endpointColumns)})`,
    ),
    removeEndpoint: db.prepare('delete from webhook_endpoints where tenant_id = ? and id = ?'),
    event: db
      .prepare(
        `select ${eventColumns.join(', ')} from events where tenant_id = ? and verification_id = ? and number = ?`,
      )
      .raw(),
    addEvent: db.prepare(`insert into events (tenant_id, ${others(eventColumns)}) values (${places(eventColumns)})`),
    deliveries: db
      .prepare(
        `select ${deliveryList} from deliveries where tenant_id = ? and verification_id = ? order by number, destination`,
      )
      .raw(),
    addDelivery: db.prepare(
      `insert into deliveries (tenant_id, ${others(deliveryColumns.fixed)}, ${deliveryColumns.changing.join(', ')})
       values (${places([...deliveryColumns.fixed, ...deliveryColumns.changing])})`,
    ),
    setDelivery: db.prepare(
      `update deliveries set ${deliveryColumns.changing.map((column) => `${column} = ?`).join(', ')}
       where tenant_id = ? and verification_id = ? and number = ? and destination = ?`,
    ),
    addExpiry: db.prepare('insert into expiries (tenant_id, verification_id, due_at) values (?, ?, ?)'),
    removeExpiry: db.prepare('delete from expiries where tenant_id = ? and verification_id = ?'),
  };
}
