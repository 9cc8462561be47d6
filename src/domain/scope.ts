/** What an API key may do. `operator` alone reaches beyond its tenant, and only for keys of the server itself. */
export const scopes = [
  'verifications:send',
  'verifications:check',
  'verifications:read',
  'services:read',
  'services:write',
  'api-keys:read',
  'api-keys:write',
  'audit:read',
  'operator',
] as const;
export type Scope = (typeof scopes)[number];

/** What a backend needs to verify people, and no more. */
export const defaultScopes: readonly Scope[] = ['verifications:send', 'verifications:check', 'verifications:read'];

/** All that a tenant's own key can hold. */
export const tenantScopes: readonly Scope[] = scopes.filter((scope) => scope !== 'operator');

/** Whether a key that holds `held` may give `wanted` to another: nobody hands on more than it has. */
export function mayGrant(held: readonly Scope[], wanted: readonly Scope[]): boolean {
  return wanted.every((scope) => held.includes(scope));
}
