import { shownRecoveryCodes } from '../../domain/recovery-codes.ts';
import type { User } from '../../domain/user.ts';
import type { ChangeDecider } from '../audited.ts';
import type { Context } from '../command.ts';
import { isEnrolled, type OwnCommand, ownTarget } from '../own-user.ts';
import type { NotFound } from './check-verification.ts';
import type { NotEnabled } from './disable-own.ts';
import { type DrawnCodes, withNewCodes } from './enable-own.ts';

/** Shows the user its recovery codes; written down, since whoever sees them can use them. */
export interface ReadOwnCodes extends OwnCommand {
  readonly kind: 'read-own-codes';
}

/** Ten new codes in the place of all older ones. */
export interface RenewOwnCodes extends OwnCommand {
  readonly kind: 'renew-own-codes';
  readonly drawn: DrawnCodes;
}

/** `codes`: those that are left. None of a set that was made to be shown once. */
export type OwnCodesOutcome =
  | { readonly kind: 'recovery-codes'; readonly codes: readonly string[] }
  | NotEnabled
  | NotFound;

const reads = ({ userId }: OwnCommand) => ({ people: { users: [userId] } });

export const readOwnCodes: ChangeDecider<ReadOwnCodes, OwnCodesOutcome> = {
  reads,
  decide({ userId }, loaded, { keys }) {
    const user = loaded.user(userId);
    if (user === undefined) return { writes: {}, outcome: { kind: 'not-found' } };
    if (!loaded.factors(userId).some(isEnrolled)) return { writes: {}, outcome: { kind: 'not-enabled' } };
    return {
      writes: { people: { recoveryCodesRead: [userId] } },
      outcome: { kind: 'recovery-codes', codes: codesOf(user, keys) },
      change: { action: 'read-recovery-codes', target: ownTarget(userId) },
    };
  },
};

export const renewOwnCodes: ChangeDecider<RenewOwnCodes, OwnCodesOutcome> = {
  reads,
  decide({ userId, drawn }, loaded, context) {
    const current = loaded.user(userId);
    if (current === undefined) return { writes: {}, outcome: { kind: 'not-found' } };
    if (!loaded.factors(userId).some(isEnrolled)) return { writes: {}, outcome: { kind: 'not-enabled' } };
    const user = withNewCodes(current, drawn, context);
    return {
      writes: { people: { users: [user] } },
      outcome: { kind: 'recovery-codes', codes: codesOf(user, context.keys) },
      change: { action: 'renew-recovery-codes', target: ownTarget(userId), after: { count: user.recovery?.count } },
    };
  },
};

function codesOf({ tenantId, id: userId, recovery }: User, keys: Context['keys']): readonly string[] {
  return recovery === undefined ? [] : shownRecoveryCodes(recovery, { tenantId, userId }, keys);
}
