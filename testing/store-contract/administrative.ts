import { defaultCodePolicy } from '../../src/domain/policy.ts';
import { sealTestCode, type TestNumber } from '../../src/domain/test-number.ts';
import type { Actor, AuditEntry } from '../../src/engine/audit.ts';
import type { ChangeBalance } from '../../src/engine/commands/change-balance.ts';
import type { ChangeTenant } from '../../src/engine/commands/change-tenant.ts';
import type { Command } from '../../src/engine/deciders.ts';
import { type ApiKey, serverTenantId } from '../../src/engine/tenancy.ts';
import { aService, freshId, keys, tenantId } from '../builders.ts';

/* Administrative commands, each whole and unremarkable. */

export const by: Actor = { name: 'api-key 00112233', address: '192.0.2.7', requestId: 'request-1' };
export const newTenantId = freshId();

const newTenant = { id: newTenantId, name: 'Umbrella', dailySendsMax: 5 };

export const anApiKey = (given: Partial<ApiKey> = {}) => ({
  id: 'aaaabbbbccccdddd',
  tenantId,
  hash: 'bb'.repeat(32),
  name: 'backend',
  scopes: ['verifications:send'] as const,
  sources: [],
  ...given,
});

export const secretCode = '864213';

export function aTestNumber(given: Partial<TestNumber> = {}): TestNumber {
  const recipient = given.recipient ?? '+12025550123';
  const key = keys.data.keys.d1 ?? new Uint8Array();
  const nonce = Buffer.from(recipient.slice(-12).padEnd(12, 'n'));
  const sealed = sealTestCode(secretCode, { tenantId, service: 'default', recipient }, key, nonce);
  return { recipient, keyId: 'd1', sealed, ...given };
}

export const setNumber = (testNumber: TestNumber = aTestNumber(), name = 'default'): Command => ({
  kind: 'set-test-number',
  tenantId,
  by,
  name,
  recipient: testNumber.recipient,
  testNumber,
});
export const removeNumber: Command = {
  kind: 'set-test-number',
  tenantId,
  by,
  name: 'default',
  recipient: '+12025550123',
};
export const createKey: Command = { kind: 'create-api-key', tenantId, by, apiKey: anApiKey() };
export const keyTarget = 'api-key aaaabbbbccccdddd';
const shownKey = { name: 'backend', scopes: ['verifications:send'], sources: [], expiresAtMs: null };
export const changeKey: Command = {
  kind: 'change-api-key',
  tenantId,
  by,
  id: 'aaaabbbbccccdddd',
  changes: { name: 'other', expiresAtMs: 4_000_000_000_000 },
};
export const rotateKey: Command = {
  kind: 'rotate-api-key',
  tenantId,
  by,
  id: 'aaaabbbbccccdddd',
  replacement: { id: 'eeeeffff00001111', hash: 'cc'.repeat(32) },
  overlapSeconds: 60,
};
export const revokeKey: Command = { kind: 'revoke-api-key', tenantId, by, id: 'aaaabbbbccccdddd' };
export const createTenant: Command = {
  kind: 'create-tenant',
  tenantId: newTenantId,
  by,
  tenant: newTenant,
  service: aService({ tenantId: newTenantId, countries: [] }),
};
export const renameTenant = (name: string, given: { readonly tenantId?: string } = {}): Command => ({
  kind: 'change-tenant',
  tenantId,
  by,
  changes: { name },
  ...given,
});
export const prepay: ChangeTenant = { kind: 'change-tenant', tenantId, by, changes: { prepaid: true } };
export const topUp = (amountMicros: number): ChangeBalance => ({ kind: 'change-balance', tenantId, by, amountMicros });
export const createService: Command = {
  kind: 'create-service',
  tenantId,
  by,
  service: aService({ name: 'checkout', countries: ['FR'] }),
};
export const changeService: Command = {
  kind: 'change-service',
  tenantId,
  by,
  name: 'default',
  changes: { brand: 'Other', countries: ['FR'], codePolicy: { length: 8 } },
};
export const stopSending: Command = { kind: 'set-sending', tenantId: serverTenantId, by, stopped: true };
export const recordBackup: Command = {
  kind: 'record-audit',
  tenantId: serverTenantId,
  by,
  change: { action: 'backup', target: 'server', after: { bytes: 1 } },
};

/** What the entry of a change says, with before and after as values. */
export type Said = Pick<AuditEntry, 'action' | 'target'> & { readonly before: unknown; readonly after: unknown };

export interface Administrative {
  readonly what: string;
  /** What has to be there first. */
  readonly first?: readonly Command[];
  readonly command: Command;
  /** For a store whose clock stands at `nowMs`. */
  readonly says: (nowMs: number) => Said;
}

const { tenantId: _, testNumbers: __, ...shownService } = aService({ name: 'checkout', countries: ['FR'] });

/** Every kind of change, and what the audit trail says of it. */
export const changes: readonly Administrative[] = [
  {
    what: 'a new tenant',
    command: createTenant,
    says: () => ({ action: 'create-tenant', target: `tenant ${newTenantId}`, before: null, after: newTenant }),
  },
  {
    what: 'a changed tenant',
    command: renameTenant('Umbrella'),
    says: () => ({
      action: 'change-tenant',
      target: `tenant ${tenantId}`,
      before: { name: 'Acme' },
      after: { name: 'Umbrella' },
    }),
  },
  {
    what: 'a tenant that pays beforehand',
    command: prepay,
    says: () => ({
      action: 'change-tenant',
      target: `tenant ${tenantId}`,
      before: { prepaid: false },
      after: { prepaid: true },
    }),
  },
  {
    what: 'a payment',
    first: [topUp(5_000_000)],
    command: topUp(-250_000),
    says: () => ({
      action: 'change-balance',
      target: `tenant ${tenantId}`,
      before: { balanceMicros: 5_000_000 },
      after: { balanceMicros: 4_750_000 },
    }),
  },
  {
    what: 'a new service',
    command: createService,
    says: () => ({ action: 'create-service', target: 'service checkout', before: null, after: shownService }),
  },
  {
    what: 'a changed service',
    command: changeService,
    says: () => ({
      action: 'change-service',
      target: 'service default',
      before: { brand: 'Acme', countries: ['*'], codePolicy: defaultCodePolicy },
      after: { brand: 'Other', countries: ['FR'], codePolicy: { length: 8 } },
    }),
  },
  {
    what: 'a test number',
    command: setNumber(),
    says: () => ({
      action: 'set-test-number',
      target: 'service default',
      before: null,
      after: { recipient: '+12025550123', validUntilMs: null },
    }),
  },
  {
    what: 'a removed test number',
    first: [setNumber(aTestNumber({ validUntilMs: 4_000_000_000_000 }))],
    command: removeNumber,
    says: () => ({
      action: 'remove-test-number',
      target: 'service default',
      before: { recipient: '+12025550123', validUntilMs: 4_000_000_000_000 },
      after: null,
    }),
  },
  {
    what: 'a new API key',
    command: createKey,
    says: () => ({ action: 'create-api-key', target: keyTarget, before: null, after: shownKey }),
  },
  {
    what: 'a changed API key',
    first: [createKey],
    command: changeKey,
    says: () => ({
      action: 'change-api-key',
      target: keyTarget,
      before: { name: 'backend', expiresAtMs: null },
      after: { name: 'other', expiresAtMs: 4_000_000_000_000 },
    }),
  },
  {
    what: 'a replaced API key',
    first: [createKey],
    command: rotateKey,
    says: (nowMs) => ({
      action: 'rotate-api-key',
      target: keyTarget,
      before: { expiresAtMs: null },
      after: { expiresAtMs: nowMs + 60_000, replacement: 'eeeeffff00001111' },
    }),
  },
  {
    what: 'a revoked API key',
    first: [createKey],
    command: revokeKey,
    says: (nowMs) => ({
      action: 'revoke-api-key',
      target: keyTarget,
      before: null,
      after: { revokedAtMs: nowMs },
    }),
  },
  {
    what: 'the stop switch',
    command: stopSending,
    says: () => ({ action: 'stop-sending', target: 'server', before: null, after: null }),
  },
  {
    what: 'what was done beside the store',
    command: recordBackup,
    says: () => ({ action: 'backup', target: 'server', before: null, after: { bytes: 1 } }),
  },
];
