import type Database from 'better-sqlite3';
import type { DueDeliveries, DueDelivery, Queries } from '../../engine/store.ts';
import { idFromBytes, idToBytes } from './ids.ts';
import type { Row } from './rows.ts';
import { deliveryColumns, endpointColumns, toDelivery, toEndpoint } from './webhook-rows.ts';

const deliveryList = [...deliveryColumns.fixed, ...deliveryColumns.changing].join(', ');
/** Destinations that one look passes by, and deliveries of each that it finds. */
const destinationsMax = 500;
const eachMax = 4;
/** Up to here what waits is counted. */
const countedMax = 10_000;

type WebhookQueries = Pick<
  Queries,
  | 'webhookEndpoints'
  | 'webhookDeliveries'
  | 'webhookDeliveriesSince'
  | 'webhookDeliveriesOf'
  | 'dueDeliveries'
  | 'dueExpiries'
  | 'webhookBacklog'
>;
type DueRow = readonly [tenant: Buffer, verification: Buffer, number: number, destination: string];

/** Reads of webhooks, and of what is due for them. */
export function webhookQueries(db: Database.Database, nowMs: () => number): WebhookQueries {
  const prepare = (sql: string) => db.prepare(sql).raw();
  const endpoints = prepare(
    `select ${endpointColumns.join(', ')} from webhook_endpoints where tenant_id = ? order by id`,
  );
  const newest = prepare(
    `select ${deliveryList} from deliveries
     where tenant_id = ? and destination = ? and (created_at, verification_id, number) < (?, ?, ?)
     order by created_at desc, verification_id desc, number desc limit ?`,
  );
  const since = prepare(
    `select ${deliveryList} from deliveries
     where tenant_id = ? and destination = ? and (created_at, verification_id, number) > (?, ?, ?)
     order by created_at, verification_id, number limit ?`,
  );
  const ofEvent = prepare(
    `select ${deliveryList} from deliveries where tenant_id = ? and destination = ? and event_id = ?`,
  );
  const destinationAfter = db
    .prepare(
      `select destination from deliveries
       where status = 'queued' and epoch is null and destination > ? order by destination limit 1`,
    )
    .pluck();
  const due = prepare(
    `select tenant_id, verification_id, number, destination from deliveries
     where status = 'queued' and epoch is null and destination = ? and due_at <= ? order by due_at limit ${eachMax}`,
  );
  const expiries = prepare(`select tenant_id, verification_id from expiries where due_at <= ? order by due_at limit ?`);
  const waiting = prepare(
    `select count(*), min(due_at) from (
       select due_at from deliveries where status = 'queued' and epoch is null limit ${countedMax})`,
  );

  return {
    webhookEndpoints: async (tenantId) => (endpoints.all(idToBytes(tenantId)) as Row[]).map(toEndpoint),
    async webhookDeliveries(tenantId, destination, before, limit) {
      const { createdAtMs, verificationId, number } = before ?? latest;
      const place = [createdAtMs, idToBytes(verificationId), number];
      return (newest.all(idToBytes(tenantId), destination, ...place, limit) as Row[]).map(toDelivery);
    },
    async webhookDeliveriesSince(tenantId, destination, { createdAtMs, verificationId, number }, limit) {
      const place = [createdAtMs, idToBytes(verificationId), number];
      return (since.all(idToBytes(tenantId), destination, ...place, limit) as Row[]).map(toDelivery);
    },
    webhookDeliveriesOf: async (tenantId, destination, eventId) =>
      (ofEvent.all(idToBytes(tenantId), destination, idToBytes(eventId)) as Row[]).map(toDelivery),
    async dueDeliveries(after, limit): Promise<DueDeliveries> {
      const found: DueDelivery[] = [];
      const now = nowMs();
      let last = after;
      for (let looked = 0; looked < destinationsMax && found.length < limit; looked++) {
        const destination = destinationAfter.get(last) as string | undefined;
        if (destination === undefined) return { due: found };
        found.push(...(due.all(destination, now) as DueRow[]).map(toDue));
        last = destination;
      }
      return { due: found, next: last };
    },
    dueExpiries: async (limit) =>
      (expiries.all(nowMs(), limit) as [Buffer, Buffer][]).map(([tenant, verification]) => ({
        tenantId: idFromBytes(tenant),
        verificationId: idFromBytes(verification),
      })),
    async webhookBacklog() {
      const [count, oldest] = waiting.get() as [number, number | null];
      return { waiting: count, oldestMs: oldest === null ? 0 : Math.max(0, nowMs() - oldest) };
    },
  };
}

const latest = {
  createdAtMs: Number.MAX_SAFE_INTEGER,
  verificationId: 'ffffffff-ffff-ffff-ffff-ffffffffffff',
  number: Number.MAX_SAFE_INTEGER,
};

function toDue([tenant, verification, number, destination]: DueRow): DueDelivery {
  return { tenantId: idFromBytes(tenant), verificationId: idFromBytes(verification), number, destination };
}
