import type { CommandBase, Decider } from '../command.ts';
import type { ApiKey, Service, Tenant } from '../tenancy.ts';

/** Makes a tenant with its default service and one API key. */
export interface ProvisionTenant extends CommandBase {
  readonly kind: 'provision-tenant';
  readonly tenant: Omit<Tenant, 'createdAtMs'>;
  readonly service: Service;
  readonly apiKey: Omit<ApiKey, 'createdAtMs'>;
}

export type ProvisionOutcome = { readonly kind: 'provisioned' | 'exists' };

export const provisionTenant: Decider<ProvisionTenant, ProvisionOutcome> = {
  reads: ({ service }) => ({ services: [service.name] }),
  decide({ tenant, service, apiKey }, loaded, { nowMs }) {
    if (loaded.service(service.name) !== undefined) return { writes: {}, outcome: { kind: 'exists' } };
    const createdAtMs = nowMs;
    const writes = {
      tenants: [{ ...tenant, createdAtMs }],
      services: [service],
      apiKeys: [{ ...apiKey, createdAtMs }],
    };
    return { writes, outcome: { kind: 'provisioned' } };
  },
};
