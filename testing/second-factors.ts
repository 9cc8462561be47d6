import { createHash } from 'node:crypto';
import * as OTPAuth from 'otpauth';
import { defaultTotp, type FactorKind } from '../src/domain/factor.ts';
import { recoveryBytes, recoveryCodesFrom } from '../src/domain/recovery-codes.ts';
import type { ActivateFactor } from '../src/engine/commands/activate-factor.ts';
import type { CreateUser, NewUser } from '../src/engine/commands/change-user.ts';
import type { CheckChallenge } from '../src/engine/commands/check-challenge.ts';
import type { CreateChallenge } from '../src/engine/commands/create-challenge.ts';
import type { CreateVerification } from '../src/engine/commands/create-verification.ts';
import type { EnrolFactor, NewSecret } from '../src/engine/commands/enrol-factor.ts';
import type { GenerateRecoveryCodes } from '../src/engine/commands/generate-recovery-codes.ts';
import type { RemoveFactor } from '../src/engine/commands/remove-factor.ts';
import type { SendFactorCode } from '../src/engine/commands/send-factor-code.ts';
import type { TotpTerms } from '../src/engine/shown-factor.ts';
import { aCreate, freshId, freshNumber, tenantId } from './builders.ts';
import { by } from './store-contract/administrative.ts';

/* Commands about users and their factors, each whole and unremarkable. */

let drawn = 0;

/** As many bytes in hexadecimal, others each time. */
function freshHex(bytes: number): string {
  drawn += 1;
  return createHash('shake256', { outputLength: bytes }).update(String(drawn)).digest('hex');
}

export function aUser(given: Partial<NewUser> = {}): CreateUser {
  return { kind: 'create-user', tenantId, by, user: { tenantId, id: freshId(), ...given } };
}

/** The enrolment of an authenticator app. */
export type AppEnrolment = EnrolFactor & { readonly totp: NewSecret };

export function anApp(userId: string, terms: Partial<TotpTerms> = {}): AppEnrolment {
  const totp = { ...defaultTotp, ...terms, secret: freshHex(20), nonce: freshHex(12) };
  return { kind: 'enrol-factor', tenantId, by, userId, factor: { id: freshId(), kind: 'totp' }, totp };
}

/** What an authenticator app shows at a moment: by an implementation that is not ours. */
export function appCode({ totp }: Pick<AppEnrolment, 'totp'>, atMs: number): string {
  const { algorithm, digits } = totp;
  const secret = OTPAuth.Secret.fromHex(totp.secret);
  return new OTPAuth.TOTP({ secret, algorithm, digits, period: 30 }).generate({ timestamp: atMs });
}

/** The enrolment of a phone number, or of an e-mail address. */
export type RecipientEnrolment = EnrolFactor & { readonly create: CreateVerification };

export function aRecipientFactor(
  userId: string,
  recipient = freshNumber(),
  kind: Exclude<FactorKind, 'totp'> = 'sms',
): RecipientEnrolment {
  const create = aCodeFor(recipient);
  return { kind: 'enrol-factor', tenantId, by, userId, factor: { id: freshId(), kind, recipient }, create };
}

export function aCodeFor(recipient: string): CreateVerification {
  return aCreate({ whilePending: 'separate', requested: { recipient } });
}

type OfFactor = Pick<EnrolFactor, 'userId' | 'factor'>;

export function anActivation({ userId, factor }: OfFactor, code: string): ActivateFactor {
  return { kind: 'activate-factor', tenantId, by, userId, factorId: factor.id, code };
}

export function aRemoval({ userId, factor }: OfFactor): RemoveFactor {
  return { kind: 'remove-factor', tenantId, by, userId, factorId: factor.id };
}

export function anotherCode({ userId, factor, create }: RecipientEnrolment): SendFactorCode {
  const again = aCodeFor(create.requested.recipient);
  return { kind: 'send-factor-code', tenantId, userId, factorId: factor.id, create: again };
}

/** @param sender - the factor that is to send a code for it */
export function aChallenge(
  userId: string,
  sender?: RecipientEnrolment,
): CreateChallenge & { readonly code?: CreateVerification } {
  const asked = { kind: 'create-challenge', tenantId, userId, id: freshId(), wish: {} } as const;
  if (sender === undefined) return asked;
  const { factor, create } = sender;
  const code = aCodeFor(create.requested.recipient);
  return { ...asked, wish: { factorId: factor.id }, sending: { factorId: factor.id, create: code }, code };
}

export function aChallengeCheck({ userId, id }: Pick<CreateChallenge, 'userId' | 'id'>, code: string): CheckChallenge {
  return { kind: 'check-challenge', tenantId, by, userId, challengeId: id, code };
}

export function newRecoveryCodes(userId: string): GenerateRecoveryCodes {
  const codes = recoveryCodesFrom(freshHex(recoveryBytes('hashed')), 'hashed');
  return { kind: 'generate-recovery-codes', tenantId, by, userId, codes, nonce: freshHex(12) };
}
