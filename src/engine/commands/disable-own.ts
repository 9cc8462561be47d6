import { cancel } from '../../domain/verification.ts';
import type { ChangeDecider } from '../audited.ts';
import {
  isEnrolled,
  type NotProved,
  notProved,
  type OwnCommand,
  type OwnKind,
  ownReads,
  ownTarget,
  sentTo,
} from '../own-user.ts';
import { prove } from '../proof.ts';
import type { NotFound } from './check-verification.ts';
import type { CodeMissing } from './enable-own.ts';
import { factorFacts } from './enrol-factor.ts';

/** Takes the user's second factor away, for a code of it or for a recovery code. */
export interface DisableOwn extends OwnCommand {
  readonly kind: 'disable-own';
  readonly factorKind: OwnKind;
  /** As it came in; absent when nothing came. */
  readonly code?: string | undefined;
}

/** The user has no second factor, or not of this kind. */
export type NotEnabled = { readonly kind: 'not-enabled' };
export type DisableOwnOutcome = { readonly kind: 'disabled' } | NotEnabled | CodeMissing | NotProved | NotFound;

export const disableOwn: ChangeDecider<DisableOwn, DisableOwnOutcome> = {
  find: ({ userId }) => ({ people: { users: [userId] } }),
  reads: ({ userId }, found) => ownReads(userId, found),
  decide({ userId, factorKind, code }, loaded, context) {
    const user = loaded.user(userId);
    if (user === undefined) return { writes: {}, outcome: { kind: 'not-found' } };
    const factors = loaded.factors(userId);
    const enrolled = factors.filter(isEnrolled);
    const meant = enrolled.filter(({ kind }) => kind === factorKind);
    if (meant.length === 0) return { writes: {}, outcome: { kind: 'not-enabled' } };
    if (code === undefined) return { writes: {}, outcome: { kind: 'code-missing' } };
    const sent = factorKind === 'sms' ? sentTo(user, factors, loaded, context.nowMs) : undefined;
    if (sent === 'stale') return 'stale';

    const totp = meant.filter(({ kind, status }) => kind === 'totp' && status === 'active');
    const proved = prove(user, code, { totp, sent, recoveryCodes: true }, loaded, context);
    if (proved.kind !== 'proved') return notProved(proved);
    const isLast = enrolled.length === meant.length;
    const users = [isLast ? { ...proved.user, recovery: undefined } : proved.user];
    const removedFactors = factors.filter(({ kind }) => kind === factorKind);
    // A code that is under way has nothing left to prove.
    const verifications = sent && proved.factor === undefined ? [cancel(sent.verification, context.nowMs).next] : [];
    const recoveryCodesEnded = isLast && proved.proof.kind === 'recovery-code' ? [userId] : undefined;
    return {
      writes: { verifications, ...proved.writes, people: { users, removedFactors, recoveryCodesEnded } },
      outcome: { kind: 'disabled' },
      change: {
        action: 'remove-factor',
        target: ownTarget(userId),
        before: { factors: meant.map(factorFacts) },
      },
    };
  },
};
