import { describe } from 'vitest';
import { administrationContract, persistentAdministrationContract } from './store-contract/administration.ts';
import { auditTrailContract, persistentAuditTrailContract } from './store-contract/audit-trails.ts';
import { backupContract } from './store-contract/backups.ts';
import { balanceContract, persistentBalanceContract } from './store-contract/balances.ts';
import { batchContract } from './store-contract/batches.ts';
import { ceilingContract, testNumberContract } from './store-contract/ceilings.ts';
import { checkContract } from './store-contract/checks.ts';
import { codeLookupContract } from './store-contract/code-lookups.ts';
import { codeContract, persistentCodeContract } from './store-contract/codes-at-rest.ts';
import { createContract } from './store-contract/creates.ts';
import { eventContract, persistentEventContract } from './store-contract/events.ts';
import { faceContract } from './store-contract/faces.ts';
import type { OpenStore } from './store-contract/given.ts';
import { historyContract } from './store-contract/histories.ts';
import { idempotencyContract, persistentIdempotencyContract } from './store-contract/idempotency.ts';
import { keyContract, persistentKeyContract } from './store-contract/keys.ts';
import { listingContract } from './store-contract/listing.ts';
import { ownFactorContract } from './store-contract/own-factors.ts';
import { peopleContract, persistentPeopleContract } from './store-contract/people.ts';
import { resendContract } from './store-contract/resends.ts';
import { persistentRetentionContract, retentionContract } from './store-contract/retention.ts';
import { persistentSecondFactorContract, secondFactorContract } from './store-contract/second-factors.ts';
import { persistentSendContract, sendContract } from './store-contract/sends.ts';
import { tenantContract } from './store-contract/tenants.ts';
import { persistentTimeContract, timeContract } from './store-contract/time.ts';

/**
 * What every store does, whatever it is made of.
 * @param persistent - what it keeps outlives it: then `open` gives stores with `atRest`
 */
export function storeContract(name: string, open: OpenStore, { persistent }: { readonly persistent: boolean }): void {
  describe(name, () => {
    describe('creates', () => createContract(open));
    describe('checks', () => checkContract(open));
    describe('code lookups', () => codeLookupContract(open));
    describe('resends', () => resendContract(open));
    describe('for faces of vendors', () => faceContract(open));
    describe("users' own second factors", () => ownFactorContract(open));
    describe('histories', () => historyContract(open));
    describe('codes at rest', () => codeContract(open));
    describe('keys', () => keyContract(open));
    describe('sends', () => sendContract(open));
    describe('idempotency', () => idempotencyContract(open));
    describe('tenants', () => tenantContract(open));
    describe('administration', () => administrationContract(open));
    describe('audit trails', () => auditTrailContract(open));
    describe('ceilings', () => ceilingContract(open));
    describe('balances', () => balanceContract(open));
    describe('test numbers', () => testNumberContract(open));
    describe('time', () => timeContract(open));
    describe('batches', () => batchContract(open));
    describe('lists', () => listingContract(open));
    describe('events', () => eventContract(open));
    describe('users', () => peopleContract(open));
    describe('retention', () => retentionContract(open));
    describe('backups', () => backupContract(open));
    describe('second factors', () => secondFactorContract(open));
    if (!persistent) return;
    describe('over restarts', () => {
      persistentCodeContract(open);
      persistentKeyContract(open);
      persistentSendContract(open);
      persistentIdempotencyContract(open);
      persistentAdministrationContract(open);
      persistentAuditTrailContract(open);
      persistentBalanceContract(open);
      persistentTimeContract(open);
      persistentRetentionContract(open);
      persistentEventContract(open);
      persistentSecondFactorContract(open);
      persistentPeopleContract(open);
    });
  });
}
