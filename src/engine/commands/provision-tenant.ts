import type { Scope } from '../../domain/scope.ts';
import type { CommandBase, Decider } from '../command.ts';
import type { ApiKey, Service, Tenant } from '../tenancy.ts';

/** Makes a tenant with its default service and one API key. Where it is already, the key gets the scopes that it lacks. */
export interface ProvisionTenant extends CommandBase {
  readonly kind: 'provision-tenant';
  readonly tenant: Omit<Tenant, 'createdAtMs'>;
  readonly service: Service;
  readonly apiKey: Omit<ApiKey, 'createdAtMs'>;
}

export type ProvisionOutcome = { readonly kind: 'provisioned' | 'exists' };

export const provisionTenant: Decider<ProvisionTenant, ProvisionOutcome> = {
  reads: ({ service, apiKey }) => ({ services: [service.name], apiKeys: [apiKey.id] }),
  decide({ tenant, service, apiKey }, loaded, { nowMs }) {
    if (loaded.service(service.name) !== undefined) {
      const current = loaded.apiKey(apiKey.id);
      const missing = apiKey.scopes.filter((scope) => current?.scopes.includes(scope) === false);
      const apiKeys = current === undefined || missing.length === 0 ? [] : [withScopes(current, missing)];
      return { writes: { apiKeys }, outcome: { kind: 'exists' } };
    }
    const createdAtMs = nowMs;
    const writes = {
      tenants: [{ ...tenant, createdAtMs }],
      services: [service],
      apiKeys: [{ ...apiKey, createdAtMs }],
    };
    return { writes, outcome: { kind: 'provisioned' } };
  },
};

function withScopes(apiKey: ApiKey, more: readonly Scope[]): ApiKey {
  return { ...apiKey, scopes: [...apiKey.scopes, ...more] };
}
