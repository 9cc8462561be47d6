import { newRecoverySet, recoveryCodesLeft } from '../../domain/recovery-codes.ts';
import type { Attributed, ChangeDecider } from '../audited.ts';
import type { NotFound } from './check-verification.ts';

/** New recovery codes for a user; the ones before work no longer. They are never stored in clear or logged. */
export interface GenerateRecoveryCodes extends Attributed {
  readonly kind: 'generate-recovery-codes';
  readonly userId: string;
  readonly codes: readonly string[];
  /** 12 fresh bytes in hexadecimal. */
  readonly nonce: string;
}

/** The user has no active factor. */
export type NoFactor = { readonly kind: 'no-factor' };

export type GenerateOutcome =
  | { readonly kind: 'generated'; readonly userId: string; readonly left: number; readonly createdAtMs: number }
  | NoFactor
  | NotFound;

export const generateRecoveryCodes: ChangeDecider<GenerateRecoveryCodes, GenerateOutcome> = {
  reads: ({ userId }) => ({ people: { users: [userId] } }),
  decide({ tenantId, userId, codes, nonce }, loaded, { nowMs, keys }) {
    const user = loaded.user(userId);
    if (user === undefined) return { writes: {}, outcome: { kind: 'not-found' } };
    if (!loaded.factors(userId).some(({ status }) => status === 'active')) {
      return { writes: {}, outcome: { kind: 'no-factor' } };
    }
    const place = { tenantId, userId };
    const older = user.recovery;
    const made = { place, older, keys, nonce: Buffer.from(nonce, 'hex'), nowMs };
    const recovery = newRecoverySet(codes, 'hashed', made);
    return {
      writes: { people: { users: [{ ...user, recovery, updatedAtMs: nowMs }] } },
      outcome: { kind: 'generated', userId, left: recovery.count, createdAtMs: nowMs },
      change: {
        action: 'generate-recovery-codes',
        target: `user ${userId}`,
        ...(older === undefined ? {} : { before: { left: recoveryCodesLeft(older) } }),
        after: { left: recovery.count },
      },
    };
  },
};
