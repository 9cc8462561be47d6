import type { Failures } from './limits.ts';
import { isProblem, parseRecipient } from './recipient.ts';
import type { RecoverySet } from './recovery-codes.ts';

/** A person known to a tenant. Times are milliseconds UTC by the store's clock. */
export interface User {
  readonly tenantId: string;
  readonly id: string;
  /** The tenant's own name for it, unique within the tenant. */
  readonly reference?: string | undefined;
  /** Canonical E.164. */
  readonly phoneNumber?: string | undefined;
  /** Canonical. */
  readonly email?: string | undefined;
  /** Who has one logs in with the e-mail address, which is unique then among those of the tenant who do. */
  readonly password?: string | undefined;
  /** What a face keeps for its vendor's clients, such as names: JSON text. */
  readonly profile?: string | undefined;
  /** Wrong codes in a row, of any factor and of recovery codes together. */
  readonly failures: Failures;
  /** Wrong passwords in a row. */
  readonly loginFailures: Failures;
  readonly recovery?: RecoverySet | undefined;
  /** Sessions opened before this time are over: a new password ends them all. User tokens go on. */
  readonly sessionsFromMs: number;
  /** Raised by each new password, so that slow work on an older one is noticed. */
  readonly passwordVersion: number;
  readonly lastLoginAtMs?: number | undefined;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** What the user logs in with. @returns undefined for one who cannot */
export function loginOf({ email, password }: Pick<User, 'email' | 'password'>): string | undefined {
  return password === undefined ? undefined : email;
}

/** What somebody logs in with, in canonical form. @returns undefined when what was typed is no e-mail address */
export function readLogin(typed: string): string | undefined {
  const address = parseRecipient(typed, { fictitious: true });
  return !isProblem(address) && address.kind === 'email' ? address.value : undefined;
}
