import {
  groupedRecoveryCode,
  type RecoveryForm,
  recoveryBytes,
  recoveryCodesFrom,
  recoveryCodesLeft,
} from '../domain/recovery-codes.ts';
import type { AlreadyDone } from './administration.ts';
import type { Asked } from './asked.ts';
import type { NotFound } from './commands/check-verification.ts';
import type { GenerateOutcome } from './commands/generate-recovery-codes.ts';
import { committing, repeating } from './committing.ts';
import type { EngineOptions } from './engine.ts';
import type { IdempotencyMismatch } from './idempotency.ts';

/** The codes stand in the answer that made them, and in no later one. */
export type GenerateAnswer =
  | (Extract<GenerateOutcome, { kind: 'generated' }> & { readonly codes: readonly string[] })
  | Exclude<GenerateOutcome, { kind: 'generated' }>
  | AlreadyDone
  | IdempotencyMismatch;

export interface RecoveryCount {
  readonly kind: 'recovery-codes';
  readonly left: number;
  /** Absent where the user has no set. */
  readonly createdAtMs?: number | undefined;
  readonly form?: RecoveryForm | undefined;
}

/** Recovery codes of users, which stand in for a factor once each. */
export function createRecoveryCodes(options: EngineOptions) {
  const { store, keys, random } = options;
  const commit = committing(options);
  const repeat = repeating(keys);

  return {
    /** Ten new ones; those before work no longer. */
    async generate(asked: Asked, userId: string): Promise<GenerateAnswer> {
      const { tenantId, by, idempotencyKey } = asked;
      const codes = recoveryCodesFrom(random.hex(recoveryBytes('hashed')), 'hashed');
      const idempotency = repeat(asked, 'generate-recovery-codes', idempotencyKey, { userId });
      const nonce = random.hex(12);
      const { outcome, replayed } = await commit<GenerateOutcome>(
        { kind: 'generate-recovery-codes', tenantId, by, userId, codes, nonce, idempotency },
        'change',
      );
      if (outcome.kind !== 'generated') return outcome;
      return replayed ? { kind: 'already-done', id: userId } : { ...outcome, codes: codes.map(groupedRecoveryCode) };
    },

    async count(tenantId: string, userId: string): Promise<RecoveryCount | NotFound> {
      const user = await store.queries.user(tenantId, userId);
      if (user === undefined) return { kind: 'not-found' };
      const { recovery } = user;
      if (recovery === undefined) return { kind: 'recovery-codes', left: 0 };
      const { createdAtMs, form } = recovery;
      return { kind: 'recovery-codes', left: recoveryCodesLeft(recovery), createdAtMs, form };
    },
  };
}
