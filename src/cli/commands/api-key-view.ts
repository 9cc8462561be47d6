import { fields } from '../layout.ts';
import type { Reply, Session } from '../session.ts';

export interface ApiKeyBody {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly sources: readonly string[];
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
  readonly lastUsedAt: string | null;
  /** Only in the answer to what made it. */
  readonly key?: string;
  readonly secret?: string;
  readonly applicationId?: string;
}

export function shownApiKey({ paint }: Session, body: ApiKeyBody): Reply {
  const {
    key,
    secret,
    applicationId,
    id,
    name,
    scopes: may,
    sources,
    createdAt,
    expiresAt,
    revokedAt,
    lastUsedAt,
  } = body;
  const pairs = [
    ...(key === undefined ? [] : ([['key', key]] as const)),
    ['id', id],
    ...(secret === undefined ? [] : ([['secret', secret]] as const)),
    ...(applicationId === undefined ? [] : ([['application', applicationId]] as const)),
    ['name', name],
    ['scopes', may],
    ['sources', sources],
    ['created', createdAt],
    ['expires', expiresAt],
    ['revoked', revokedAt],
    ['last used', lastUsedAt],
  ] as const;
  const note = key === undefined ? '' : '\n\nThe key is shown once: keep it now.';
  return { json: body, text: fields(pairs, paint) + note };
}
