import type { Channel } from '../../domain/channel.ts';
import type { CodeAlphabet } from '../../domain/code.ts';
import type { ApiKey, Service, Tenant } from '../../engine/tenancy.ts';
import { idToBytes } from './ids.ts';
import { type Cell, id, number, type Row, text } from './rows.ts';

/* Between rows and values, as in rows.ts: tenants and what is set up for them. */

export const serviceColumns = [
  'tenant_id',
  'name',
  'brand',
  'sender',
  'channels',
  'code_length',
  'code_alphabet',
  'ttl_seconds',
  'attempts_max',
  'weak_codes',
] as const;

export function serviceCells(tenant: Buffer, service: Service): Cell[] {
  const { length, alphabet, ttlSeconds, attemptsMax } = service.codePolicy;
  const channels = service.channels.join(',');
  const weak = service.weakCodes ? 1 : 0;
  return [
    tenant,
    service.name,
    service.brand,
    service.sender,
    channels,
    length,
    alphabet,
    ttlSeconds,
    attemptsMax,
    weak,
  ];
}

export function toService(row: Row): Service {
  return {
    tenantId: id(row[0]),
    name: text(row[1]),
    brand: text(row[2]),
    sender: text(row[3]),
    channels: text(row[4]).split(',') as Channel[],
    codePolicy: {
      length: number(row[5]),
      alphabet: row[6] as CodeAlphabet,
      ttlSeconds: number(row[7]),
      attemptsMax: number(row[8]),
    },
    weakCodes: row[9] === 1,
  };
}

export const tenantColumns = ['id', 'name', 'created_at'] as const;
export const tenantCells = (tenant: Tenant): Cell[] => [idToBytes(tenant.id), tenant.name, tenant.createdAtMs];
export const toTenant = (row: Row): Tenant => ({ id: id(row[0]), name: text(row[1]), createdAtMs: number(row[2]) });

export const apiKeyColumns = ['tenant_id', 'id', 'hash', 'created_at'] as const;
export const apiKeyCells = (tenant: Buffer, key: ApiKey): Cell[] => [tenant, key.id, key.hash, key.createdAtMs];
export const toApiKey = (row: Row): ApiKey => ({
  tenantId: id(row[0]),
  id: text(row[1]),
  hash: text(row[2]),
  createdAtMs: number(row[3]),
});
