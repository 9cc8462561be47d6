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
  'webhooks:read',
  'webhooks:write',
  'users:read',
  'users:write',
  'factors:write',
  'recovery-codes:write',
  'challenges:write',
  'sessions:read',
  'sessions:write',
  'operator',
] as const;
export type Scope = (typeof scopes)[number];

/** What a backend needs to verify people, and no more. */
export const defaultScopes: readonly Scope[] = ['verifications:send', 'verifications:check', 'verifications:read'];

/** All that a tenant's own key can hold. */
export const tenantScopes: readonly Scope[] = scopes.filter((scope) => scope !== 'operator');

/** What a key may do, from where, and until when. */
export interface KeyBounds {
  readonly scopes: readonly Scope[];
  /** Addresses and ranges; empty for any. */
  readonly sources: readonly string[];
  readonly expiresAtMs?: number | undefined;
}

/** Whether a key may hand `wanted` on: nobody gives more than it has, nor to more places, nor for longer. */
export function mayGrant(own: KeyBounds, wanted: KeyBounds): boolean {
  const { expiresAtMs: end = Number.POSITIVE_INFINITY } = own;
  const { expiresAtMs: wantedEnd = Number.POSITIVE_INFINITY } = wanted;
  const anywhere = wanted.sources.length === 0;
  const reaches = own.sources.length === 0 || (!anywhere && wanted.sources.every((one) => own.sources.includes(one)));
  return wantedEnd <= end && reaches && wanted.scopes.every((scope) => own.scopes.includes(scope));
}
