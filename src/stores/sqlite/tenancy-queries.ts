import type Database from 'better-sqlite3';
import type { Backlog, Queries } from '../../engine/store.ts';
import { idFromBytes, idToBytes } from './ids.ts';
import type { Row } from './rows.ts';
import {
  apiKeyColumns,
  auditColumns,
  auditHeadColumns,
  serviceColumns,
  tenantColumns,
  toApiKey,
  toAuditEntry,
  toAuditHead,
  toService,
  toTenant,
  toUsage,
  usageColumns,
} from './tenancy-rows.ts';

type TenancyQueries = Pick<
  Queries,
  | 'tenants'
  | 'tenant'
  | 'services'
  | 'service'
  | 'apiKeys'
  | 'apiKey'
  | 'usage'
  | 'audit'
  | 'auditHeads'
  | 'fact'
  | 'backlog'
>;

/** Reads of tenants, of what is set up for them, and of what concerns the whole server. */
export function tenancyQueries(db: Database.Database): TenancyQueries {
  const prepare = (sql: string) => db.prepare(sql).raw();
  const tenants = prepare(`select ${tenantColumns.join(', ')} from tenants order by id`);
  const tenant = prepare(`select ${tenantColumns.join(', ')} from tenants where id = ?`);
  const services = prepare(`select ${serviceColumns.join(', ')} from services where tenant_id = ? order by name`);
  const service = prepare(`select ${serviceColumns.join(', ')} from services where tenant_id = ? and name = ?`);
  const apiKeys = prepare(
    `select ${apiKeyColumns.join(', ')} from api_keys where tenant_id = ? order by created_at, id`,
  );
  const apiKey = prepare(`select ${apiKeyColumns.join(', ')} from api_keys where id = ?`);
  const usage = prepare(`select ${usageColumns.join(', ')} from usage where tenant_id = ?`);
  const audit = prepare(
    `select ${auditColumns.join(', ')} from audit where tenant_id = ? and number > ? order by number limit ?`,
  );
  const auditHeads = prepare(`select ${auditHeadColumns.join(', ')} from audit_heads order by tenant_id`);
  const fact = db.prepare('select value from facts where name = ?').pluck();
  const backlog = prepare(
    `select tenant_id, count(*) from sends where status = 'queued' and epoch is null group by tenant_id`,
  );
  const first = <T>(row: unknown, read: (row: Row) => T): T | undefined => (row ? read(row as Row) : undefined);

  return {
    tenants: async () => (tenants.all() as Row[]).map(toTenant),
    tenant: async (id) => first(tenant.get(idToBytes(id)), toTenant),
    services: async (tenantId) => (services.all(idToBytes(tenantId)) as Row[]).map(toService),
    service: async (tenantId, name) => first(service.get(idToBytes(tenantId), name), toService),
    apiKeys: async (tenantId) => (apiKeys.all(idToBytes(tenantId)) as Row[]).map(toApiKey),
    apiKey: async (id) => first(apiKey.get(id), toApiKey),
    usage: async (tenantId) => first(usage.get(idToBytes(tenantId)), toUsage),
    audit: async (tenantId, after, limit) => (audit.all(idToBytes(tenantId), after, limit) as Row[]).map(toAuditEntry),
    auditHeads: async () => (auditHeads.all() as Row[]).map(toAuditHead),
    fact: async (name) => fact.get(name) as string | undefined,
    backlog: async () => toBacklog(backlog.all() as [Buffer, number][]),
  };
}

function toBacklog(rows: readonly [Buffer, number][]): Backlog {
  const byTenant = new Map(rows.map(([tenant, queued]) => [idFromBytes(tenant), queued]));
  return { total: rows.reduce((sum, [, queued]) => sum + queued, 0), byTenant };
}
