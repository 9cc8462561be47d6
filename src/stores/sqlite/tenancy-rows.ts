import type { Usage } from '../../domain/ceiling.ts';
import type { Channel } from '../../domain/channel.ts';
import type { CodeAlphabet } from '../../domain/code.ts';
import type { Scope } from '../../domain/scope.ts';
import type { AuditEntry, AuditHead } from '../../engine/audit.ts';
import type { ApiKey, Service, Tenant } from '../../engine/tenancy.ts';
import { idToBytes } from './ids.ts';
import { type Cell, id, number, optionalNumber, optionalText, type Row, text } from './rows.ts';

/* Between rows and values, as in rows.ts: tenants, what is set up for them, and the audit trail of it. */

const unpackList = (cell: Cell | undefined) => (cell === '' ? [] : text(cell).split(' '));

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
  'countries',
  'test_numbers',
  'options',
] as const;

export function serviceCells(tenant: Buffer, service: Service): Cell[] {
  const { length, alphabet, ttlSeconds, attemptsMax } = service.codePolicy;
  return [
    tenant,
    service.name,
    service.brand,
    service.sender,
    service.channels.join(','),
    length,
    alphabet,
    ttlSeconds,
    attemptsMax,
    service.weakCodes ? 1 : 0,
    service.countries.join(' '),
    JSON.stringify(service.testNumbers),
    service.options === undefined ? null : JSON.stringify(service.options),
  ];
}

export function toService(row: Row): Service {
  return {
    tenantId: id(row[0]),
    name: text(row[1]),
    brand: text(row[2]),
    sender: text(row[3]),
    channels: row[4] === '' ? [] : (text(row[4]).split(',') as Channel[]),
    codePolicy: {
      length: number(row[5]),
      alphabet: row[6] as CodeAlphabet,
      ttlSeconds: number(row[7]),
      attemptsMax: number(row[8]),
    },
    weakCodes: row[9] === 1,
    countries: unpackList(row[10]),
    testNumbers: JSON.parse(text(row[11])),
    ...(row[12] === null ? {} : { options: JSON.parse(text(row[12])) }),
  };
}

export const tenantColumns = ['id', 'name', 'created_at', 'daily_sends_max', 'prepaid'] as const;
export const tenantCells = (tenant: Tenant): Cell[] => [
  idToBytes(tenant.id),
  tenant.name,
  tenant.createdAtMs,
  tenant.dailySendsMax,
  tenant.prepaid ? 1 : 0,
];
export const toTenant = (row: Row): Tenant => ({
  id: id(row[0]),
  name: text(row[1]),
  createdAtMs: number(row[2]),
  dailySendsMax: number(row[3]),
  ...(row[4] === 1 ? { prepaid: true } : {}),
});

export const usageColumns = ['tenant_id', 'day', 'sends', 'balance'] as const;
export const usageCells = (tenant: Buffer, { day, sends, balanceMicros = 0 }: Usage): Cell[] => [
  tenant,
  day,
  sends,
  balanceMicros,
];
export const toUsage = (row: Row): Usage => {
  const [day, sends, balanceMicros] = [number(row[1]), number(row[2]), number(row[3])];
  return balanceMicros === 0 ? { day, sends } : { day, sends, balanceMicros };
};

export const apiKeyColumns = [
  'tenant_id',
  'id',
  'hash',
  'created_at',
  'name',
  'scopes',
  'sources',
  'expires_at',
  'revoked_at',
  'last_used_at',
] as const;

export const apiKeyCells = (tenant: Buffer, key: ApiKey): Cell[] => [
  tenant,
  key.id,
  key.hash,
  key.createdAtMs,
  key.name,
  key.scopes.join(' '),
  key.sources.join(' '),
  key.expiresAtMs ?? null,
  key.revokedAtMs ?? null,
  key.lastUsedAtMs ?? null,
];

export const toApiKey = (row: Row): ApiKey => ({
  tenantId: id(row[0]),
  id: text(row[1]),
  hash: text(row[2]),
  createdAtMs: number(row[3]),
  name: text(row[4]),
  scopes: unpackList(row[5]) as Scope[],
  sources: unpackList(row[6]),
  expiresAtMs: optionalNumber(row[7]),
  revokedAtMs: optionalNumber(row[8]),
  lastUsedAtMs: optionalNumber(row[9]),
});

export const auditColumns = [
  'tenant_id',
  'number',
  'at',
  'actor',
  'action',
  'target',
  'before',
  'after',
  'address',
  'request_id',
  'previous_hash',
  'hash',
] as const;

export const auditCells = (tenant: Buffer, entry: AuditEntry): Cell[] => [
  tenant,
  entry.number,
  entry.atMs,
  entry.actor,
  entry.action,
  entry.target,
  entry.before,
  entry.after,
  entry.address ?? null,
  entry.requestId ?? null,
  entry.previousHash,
  entry.hash,
];

export const toAuditEntry = (row: Row): AuditEntry => ({
  tenantId: id(row[0]),
  number: number(row[1]),
  atMs: number(row[2]),
  actor: text(row[3]),
  action: text(row[4]),
  target: text(row[5]),
  before: text(row[6]),
  after: text(row[7]),
  address: optionalText(row[8]),
  requestId: optionalText(row[9]),
  previousHash: text(row[10]),
  hash: text(row[11]),
});

export const auditHeadColumns = ['tenant_id', 'number', 'hash', 'first_number', 'first_previous_hash'] as const;

export const auditHeadCells = (tenant: Buffer, head: AuditHead): Cell[] => [
  tenant,
  head.number,
  head.hash,
  head.firstNumber,
  head.firstPreviousHash,
];

export const toAuditHead = (row: Row): AuditHead => ({
  tenantId: id(row[0]),
  number: number(row[1]),
  hash: text(row[2]),
  firstNumber: number(row[3]),
  firstPreviousHash: text(row[4]),
});
