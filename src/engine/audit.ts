import { digest } from '../domain/bytes.ts';

/** Who asks for an administrative change, and from where. */
export interface Actor {
  /** `api-key <id>`, or `operator <account>` for who works on the server itself. */
  readonly name: string;
  /** Address of the client; absent on the server itself. */
  readonly address?: string | undefined;
  readonly requestId?: string | undefined;
}

/** One administrative change, as it is kept. Secrets are masked before they come here. */
export interface AuditEntry {
  readonly tenantId: string;
  /** 1 for the tenant's first; no number is left out. */
  readonly number: number;
  readonly atMs: number;
  readonly actor: string;
  /** What was done, in kebab case: `change-service`. */
  readonly action: string;
  /** What it was done to: `service default`. */
  readonly target: string;
  /** JSON text of what the change touched; `null` where there was nothing. */
  readonly before: string;
  readonly after: string;
  readonly address?: string | undefined;
  readonly requestId?: string | undefined;
  readonly previousHash: string;
  /** SHA-256 over the entry and the hash of the one before it, in hexadecimal. */
  readonly hash: string;
}

/** Where a tenant's trail ends, and where it begins once its oldest entries were purged. */
export interface AuditHead {
  readonly tenantId: string;
  readonly number: number;
  readonly hash: string;
  readonly firstNumber: number;
  readonly firstPreviousHash: string;
}

/** What the first entry of a trail has in the place of an earlier hash. */
export const noHash = '0'.repeat(64);

/** The hash that an entry has to have. */
export function auditHash(entry: Omit<AuditEntry, 'hash'>): string {
  const { tenantId, number, atMs, actor, action, target, before, after, address, requestId, previousHash } = entry;
  const said = [tenantId, number, atMs, actor, action, target, before, after, address ?? '', requestId ?? ''];
  return digest(JSON.stringify([...said, previousHash])).toString('hex');
}
