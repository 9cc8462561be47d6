import { type Factor, isForgotten } from '../../domain/factor.ts';
import { newRecoverySet, recoveryCodesFrom } from '../../domain/recovery-codes.ts';
import type { User } from '../../domain/user.ts';
import type { ChangeDecider } from '../audited.ts';
import type { Context, Loaded } from '../command.ts';
import {
  isEnrolled,
  messageFactorOf,
  type NotProved,
  notProved,
  type OwnCommand,
  type OwnKind,
  ownReads,
  ownTarget,
  sentTo,
} from '../own-user.ts';
import { type Acceptable, prove } from '../proof.ts';
import type { NotFound } from './check-verification.ts';
import { factorFacts, type NewSecret, sealedTotp } from './enrol-factor.ts';

/** A secret for an authenticator app. It proves nothing before a first code of it was right. */
export interface EnrolOwnApp extends OwnCommand {
  readonly kind: 'enrol-own-app';
  readonly factor: { readonly id: string };
  readonly totp: NewSecret;
}

/** What is drawn for ten new recovery codes. */
export interface DrawnCodes {
  /** `recoveryBytes('shown')` fresh bytes in hexadecimal. */
  readonly codes: string;
  /** 12 fresh bytes in hexadecimal. */
  readonly nonce: string;
}

/** Makes a kind of factor the user's second factor, once a code of it was right. */
export interface EnableOwn extends OwnCommand {
  readonly kind: 'enable-own';
  readonly factorKind: OwnKind;
  /** As it came in; absent when nothing came. */
  readonly code?: string | undefined;
  readonly drawn: DrawnCodes;
}

/** There is a second factor already, of this kind or another. */
export type AlreadyEnabled = { readonly kind: 'already-enabled' };
/** Nothing was handed in, so that nothing was guessed. */
export type CodeMissing = { readonly kind: 'code-missing' };

export type EnableOwnOutcome = { readonly kind: 'enabled' } | AlreadyEnabled | CodeMissing | NotProved | NotFound;

export const enrolOwnApp: ChangeDecider<EnrolOwnApp, { readonly kind: 'enrolled' } | AlreadyEnabled | NotFound> = {
  reads: ({ userId }) => ({ people: { users: [userId] } }),
  decide(command, loaded, { nowMs, keys }) {
    const { tenantId, userId } = command;
    if (loaded.user(userId) === undefined) return { writes: {}, outcome: { kind: 'not-found' } };
    const factors = loaded.factors(userId);
    if (factors.some(isEnrolled)) return { writes: {}, outcome: { kind: 'already-enabled' } };
    const begun = { ...command.factor, tenantId, userId, kind: 'totp', status: 'pending' } as const;
    const factor: Factor = { ...begun, totp: sealedTotp(command, keys), createdAtMs: nowMs };
    return {
      writes: { people: { factors: [factor], removedFactors: factors.filter(({ kind }) => kind === 'totp') } },
      outcome: { kind: 'enrolled' },
      change: { action: 'enrol-factor', target: ownTarget(userId), after: factorFacts(factor) },
    };
  },
};

export const enableOwn: ChangeDecider<EnableOwn, EnableOwnOutcome> = {
  find: ({ userId }) => ({ people: { users: [userId] } }),
  reads: ({ userId }, found) => ownReads(userId, found),
  decide({ userId, factorKind, code, drawn }, loaded, context) {
    const user = loaded.user(userId);
    if (user === undefined) return { writes: {}, outcome: { kind: 'not-found' } };
    const factors = loaded.factors(userId);
    if (factors.some(isEnrolled)) return { writes: {}, outcome: { kind: 'already-enabled' } };
    if (code === undefined) return { writes: {}, outcome: { kind: 'code-missing' } };
    const acceptable = acceptableOf(factorKind, user, factors, loaded, context);
    if (acceptable === 'stale') return 'stale';

    const proved = prove(user, code, acceptable, loaded, context);
    if (proved.kind !== 'proved') return notProved(proved);
    const { nowMs } = context;
    if (proved.factor === undefined) throw new Error('a pending factor was proved by nothing of its own');
    const active: Factor = { ...proved.factor, status: 'active', activatedAtMs: nowMs };
    // The code that was sent last goes on being one; every other secret that was not taken up is of no use any more.
    const kept = [active.id, messageFactorOf(user, factors)?.id];
    const removedFactors = factors.filter(({ id }) => !kept.includes(id));
    const users = [withNewCodes(proved.user, drawn, context)];
    return {
      writes: { ...proved.writes, people: { users, factors: [active], removedFactors } },
      outcome: { kind: 'enabled' },
      change: { action: 'activate-factor', target: ownTarget(userId), after: factorFacts(active) },
    };
  },
};

function acceptableOf(
  kind: OwnKind,
  user: User,
  factors: readonly Factor[],
  loaded: Loaded,
  { nowMs }: Context,
): Acceptable | 'stale' {
  if (kind === 'totp') {
    const apps = factors.filter((factor) => factor.kind === 'totp' && !isForgotten(factor, nowMs));
    return { totp: apps, recoveryCodes: false };
  }
  const sent = sentTo(user, factors, loaded, nowMs);
  return sent === 'stale' ? sent : { totp: [], sent, recoveryCodes: false };
}

/** The user with ten new recovery codes, which can be shown again, in the place of any older ones. */
export function withNewCodes(user: User, { codes, nonce }: DrawnCodes, { keys, nowMs }: Context): User {
  const place = { tenantId: user.tenantId, userId: user.id };
  const given = { place, older: user.recovery, keys, nonce: Buffer.from(nonce, 'hex'), nowMs };
  const recovery = newRecoverySet(recoveryCodesFrom(codes, 'shown'), 'shown', given);
  return { ...user, recovery, updatedAtMs: nowMs };
}
