import { pairOf } from '../domain/api-key.ts';
import { isUuid } from '../domain/uuid.ts';
import type { Administration } from './administration.ts';
import type { Actor } from './audit.ts';
import type { NotFound } from './commands/check-verification.ts';
import { serverTenantId } from './tenancy.ts';

/** Makes a key for a tenant that somebody names, without asking who they are: for where an operator wants that. */
export type IssueKey = (
  tenantId: string,
  by: Actor,
) => Promise<{ readonly kind: 'issued'; readonly key: string; readonly secret: string } | NotFound>;

/** Such a key may do what a backend needs, and no more; the audit trail of its tenant has an entry of it. */
export function keyIssue(administration: Pick<Administration, 'createApiKey' | 'hasTenant'>): IssueKey {
  return async (tenantId, by) => {
    // Keys of the server itself are operators'.
    const known = isUuid(tenantId) && tenantId !== serverTenantId && (await administration.hasTenant(tenantId));
    if (!known) return { kind: 'not-found' };
    const answer = await administration.createApiKey({ tenantId, by }, { name: 'Issued on request' });
    if (answer.kind === 'api-key') return { kind: 'issued', ...pairOf(answer.key) };
    if (answer.kind === 'not-found') return answer;
    throw new Error(`a key without wishes was refused: ${answer.kind}`);
  };
}
