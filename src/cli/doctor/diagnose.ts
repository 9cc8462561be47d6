import type { ApiKeyBody } from '../commands/api-key-view.ts';
import type { VerificationOfTrails } from '../commands/audit.ts';
import type { KeyBody } from '../commands/key.ts';
import type { StatusBody } from '../commands/server.ts';
import { type Check, checked } from './check.ts';
import { deliveryChecks } from './delivery.ts';
import type { Fact, Facts } from './facts.ts';
import { directoryChecks, keyFileChecks, limitChecks, settingsChecks } from './machine.ts';
import { auditChecks, sendingChecks, serverChecks } from './server.ts';
import { clockChecks, missingKeyChecks, storeChecks } from './store.ts';
import { apiKeyChecks, type TenantFacts, tenantsChecks } from './tenants.ts';

/** What the server says, or one that was put together over its store. */
export interface ServerFacts {
  readonly status: Fact<StatusBody>;
  readonly keys: Fact<readonly KeyBody[]>;
  readonly tenants: Fact<readonly TenantFacts[]>;
  readonly operatorKeys: Fact<readonly ApiKeyBody[]>;
  readonly audit: Fact<VerificationOfTrails>;
}

/** Every check, in the order in which one would mend things. */
export function diagnose(facts: Facts, server: ServerFacts): readonly Check[] {
  const { settings, directory, keyFile, store, machine, delivery, running } = facts;
  const nowMs = machine.kind === 'known' ? machine.value.nowMs : 0;
  const status = server.status.kind === 'known' ? server.status.value : undefined;
  return [
    ...checked('settings', settings, settingsChecks),
    ...checked('data directory', directory, directoryChecks),
    ...checked('key file', keyFile, keyFileChecks),
    ...checked('store', store, (value) => storeChecks(value, running)),
    ...checked('clock', machine, (value) => clockChecks(value, store)),
    ...checked('limits', machine, limitChecks),
    ...serverChecks(running, status),
    ...checked('sending', server.status, sendingChecks),
    ...checked('keys', server.keys, (keys) => missingKeyChecks(keys, keyFile)),
    ...checked('providers', delivery, (value) => deliveryChecks(value, channelsOf(server.tenants))),
    ...checked('tenants', server.tenants, (tenants) => tenantsChecks(tenants, nowMs)),
    ...checked('operator keys', server.operatorKeys, (keys) =>
      keys.flatMap((key) => apiKeyChecks('operator keys', '--operator', key, nowMs)),
    ),
    ...checked('audit trails', server.audit, auditChecks),
  ];
}

function channelsOf(tenants: Fact<readonly TenantFacts[]>): ReadonlySet<string> {
  if (tenants.kind === 'unknown') return new Set();
  return new Set(tenants.value.flatMap(({ services }) => services.flatMap(({ channels }) => channels)));
}
