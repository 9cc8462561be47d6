import type { Attributed, ChangeDecider } from '../audited.ts';
import type { Service, Tenant } from '../tenancy.ts';
import type { NotFound } from './check-verification.ts';

/** A new tenant with its default service. It cannot send before it has a ceiling and its service lists countries. */
export interface CreateTenant extends Attributed {
  readonly kind: 'create-tenant';
  readonly tenant: Omit<Tenant, 'createdAtMs'>;
  readonly service: Service;
}

export interface ChangeTenant extends Attributed {
  readonly kind: 'change-tenant';
  readonly changes: Partial<Pick<Tenant, 'name' | 'dailySendsMax' | 'prepaid'>>;
}

export type TenantOutcome = { readonly kind: 'tenant'; readonly tenant: Tenant };

export const createTenant: ChangeDecider<CreateTenant, TenantOutcome | { readonly kind: 'exists' }> = {
  reads: () => ({ tenant: true }),
  decide({ tenant: wanted, service }, loaded, { nowMs }) {
    if (loaded.tenant() !== undefined) return { writes: {}, outcome: { kind: 'exists' } };
    const tenant = { ...wanted, createdAtMs: nowMs };
    return {
      writes: { tenants: [tenant], services: [service] },
      outcome: { kind: 'tenant', tenant },
      change: { action: 'create-tenant', target: `tenant ${tenant.id}`, after: wanted },
    };
  },
};

export const changeTenant: ChangeDecider<ChangeTenant, TenantOutcome | NotFound> = {
  reads: () => ({ tenant: true }),
  decide({ changes }, loaded) {
    const current = loaded.tenant();
    if (current === undefined) return { writes: {}, outcome: { kind: 'not-found' } };
    if (changesNothing(changes)) return { writes: {}, outcome: { kind: 'tenant', tenant: current } };
    const tenant = { ...current, ...changes };
    return {
      writes: { tenants: [tenant] },
      outcome: { kind: 'tenant', tenant },
      change: {
        action: 'change-tenant',
        target: `tenant ${tenant.id}`,
        before: touched<object>({ prepaid: false, ...current }, changes),
        after: changes,
      },
    };
  },
};

/** A change that names nothing is none: nothing is written, in the trail neither. */
export function changesNothing(changes: object): boolean {
  return Object.values(changes).every((value) => value === undefined);
}

/** Of what there was, the members that a change names. */
export function touched<T extends object>(before: T, changes: Partial<T>): Partial<T> {
  const names = new Set(Object.keys(changes));
  return Object.fromEntries(Object.entries(before).filter(([name]) => names.has(name))) as Partial<T>;
}
