import type { Attributed, ChangeDecider } from '../audited.ts';
import type { CommandBase, Decider } from '../command.ts';
import { type ApiKey, serverTenantId } from '../tenancy.ts';
import { changesNothing, touched } from './change-tenant.ts';
import type { NotFound } from './check-verification.ts';

export interface CreateApiKey extends Attributed {
  readonly kind: 'create-api-key';
  readonly apiKey: Omit<ApiKey, 'createdAtMs'>;
}

export interface ChangeApiKey extends Attributed {
  readonly kind: 'change-api-key';
  readonly id: string;
  readonly changes: {
    readonly name?: string | undefined;
    readonly scopes?: ApiKey['scopes'] | undefined;
    readonly sources?: readonly string[] | undefined;
    /** null takes the end away. */
    readonly expiresAtMs?: number | null | undefined;
  };
}

/** A new key in the place of an older one, which goes on working for a while. */
export interface RotateApiKey extends Attributed {
  readonly kind: 'rotate-api-key';
  readonly id: string;
  readonly replacement: Pick<ApiKey, 'id' | 'hash'>;
  readonly overlapSeconds: number;
}

export interface RevokeApiKey extends Attributed {
  readonly kind: 'revoke-api-key';
  readonly id: string;
}

/** Says when a key was used last. Nothing administrative: it is not audited. */
export interface NoteKeyUse extends CommandBase {
  readonly kind: 'note-key-use';
  readonly id: string;
  readonly usedAtMs: number;
}

export type ApiKeyOutcome = { readonly kind: 'api-key'; readonly apiKey: ApiKey };
/** It was revoked or has run out, and nothing brings it back. */
export type KeyEnded = { readonly kind: 'key-ended' };

export const createApiKey: ChangeDecider<CreateApiKey, ApiKeyOutcome | NotFound> = {
  reads: () => ({ tenant: true }),
  decide({ tenantId, apiKey: wanted }, loaded, { nowMs }) {
    if (loaded.tenant() === undefined && tenantId !== serverTenantId) {
      return { writes: {}, outcome: { kind: 'not-found' } };
    }
    const apiKey = { ...wanted, createdAtMs: nowMs };
    return {
      writes: { apiKeys: [apiKey] },
      outcome: { kind: 'api-key', apiKey },
      change: { action: 'create-api-key', target: targetOf(apiKey), after: shown(apiKey) },
    };
  },
};

export const changeApiKey: ChangeDecider<ChangeApiKey, ApiKeyOutcome | NotFound | KeyEnded> = {
  reads: ({ id }) => ({ apiKeys: [id] }),
  decide({ id, changes }, loaded, { nowMs }) {
    const current = loaded.apiKey(id);
    if (current === undefined) return { writes: {}, outcome: { kind: 'not-found' } };
    if (hasEnded(current, nowMs)) return { writes: {}, outcome: { kind: 'key-ended' } };
    if (changesNothing(changes)) return { writes: {}, outcome: { kind: 'api-key', apiKey: current } };
    const { name = current.name, scopes = current.scopes, sources = current.sources, expiresAtMs } = changes;
    const end = expiresAtMs === undefined ? current.expiresAtMs : (expiresAtMs ?? undefined);
    const apiKey = { ...current, name, scopes, sources, expiresAtMs: end };
    return {
      writes: { apiKeys: [apiKey] },
      outcome: { kind: 'api-key', apiKey },
      change: {
        action: 'change-api-key',
        target: targetOf(apiKey),
        before: touched<object>(shown(current), changes),
        after: changes,
      },
    };
  },
};

export const rotateApiKey: ChangeDecider<RotateApiKey, ApiKeyOutcome | NotFound | KeyEnded> = {
  reads: ({ id }) => ({ apiKeys: [id] }),
  decide({ id, replacement, overlapSeconds }, loaded, { nowMs }) {
    const current = loaded.apiKey(id);
    if (current === undefined) return { writes: {}, outcome: { kind: 'not-found' } };
    if (hasEnded(current, nowMs)) return { writes: {}, outcome: { kind: 'key-ended' } };
    const endMs = Math.min(current.expiresAtMs ?? Number.POSITIVE_INFINITY, nowMs + overlapSeconds * 1000);
    const apiKey = { ...current, ...replacement, createdAtMs: nowMs, lastUsedAtMs: undefined };
    return {
      writes: { apiKeys: [{ ...current, expiresAtMs: endMs }, apiKey] },
      outcome: { kind: 'api-key', apiKey },
      change: {
        action: 'rotate-api-key',
        target: targetOf(current),
        before: { expiresAtMs: current.expiresAtMs ?? null },
        after: { expiresAtMs: endMs, replacement: apiKey.id },
      },
    };
  },
};

export const revokeApiKey: ChangeDecider<RevokeApiKey, ApiKeyOutcome | NotFound> = {
  reads: ({ id }) => ({ apiKeys: [id] }),
  decide({ id }, loaded, { nowMs }) {
    const current = loaded.apiKey(id);
    if (current === undefined) return { writes: {}, outcome: { kind: 'not-found' } };
    if (current.revokedAtMs !== undefined) return { writes: {}, outcome: { kind: 'api-key', apiKey: current } };
    const apiKey = { ...current, revokedAtMs: nowMs };
    return {
      writes: { apiKeys: [apiKey] },
      outcome: { kind: 'api-key', apiKey },
      change: { action: 'revoke-api-key', target: targetOf(apiKey), after: { revokedAtMs: nowMs } },
    };
  },
};

export const noteKeyUse: Decider<NoteKeyUse, { readonly kind: 'noted' }> = {
  reads: ({ id }) => ({ apiKeys: [id] }),
  decide({ id, usedAtMs }, loaded) {
    const current = loaded.apiKey(id);
    const later = current !== undefined && usedAtMs > (current.lastUsedAtMs ?? 0);
    const writes = later ? { apiKeys: [{ ...current, lastUsedAtMs: usedAtMs }] } : {};
    return { writes, outcome: { kind: 'noted' } };
  },
};

/** Whether a key works no longer. */
export function hasEnded({ revokedAtMs, expiresAtMs }: ApiKey, nowMs: number): boolean {
  return revokedAtMs !== undefined || (expiresAtMs !== undefined && expiresAtMs <= nowMs);
}

function targetOf({ id }: Pick<ApiKey, 'id'>): string {
  return `api-key ${id}`;
}

function shown({ name, scopes, sources, expiresAtMs }: ApiKey) {
  return { name, scopes, sources, expiresAtMs: expiresAtMs ?? null };
}
