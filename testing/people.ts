import { createHash } from 'node:crypto';
import type { Challenge } from '../src/domain/challenge.ts';
import type { Factor } from '../src/domain/factor.ts';
import { noFailures } from '../src/domain/limits.ts';
import {
  newRecoverySet,
  type RecoveryForm,
  type RecoverySet,
  recoveryBytes,
  recoveryCodesFrom,
} from '../src/domain/recovery-codes.ts';
import { type SealedSecret, sealedSecret } from '../src/domain/sealed-secret.ts';
import type { Session } from '../src/domain/session.ts';
import { totpContext } from '../src/domain/totp.ts';
import type { User } from '../src/domain/user.ts';
import { freshId, keys, tenantId } from './builders.ts';
import { startMs } from './clock.ts';

/* Users, and what is theirs, that are whole and unremarkable, so that a test names only what it is about. */

/** The secret of every TOTP factor made here: that of the vectors in RFC 6238. */
export const totpSecret = Buffer.from('12345678901234567890');

export function aUser(given: Partial<User> = {}): User {
  return {
    tenantId,
    id: freshId(),
    failures: noFailures,
    loginFailures: noFailures,
    sessionsFromMs: 0,
    passwordVersion: 0,
    createdAtMs: startMs,
    updatedAtMs: startMs,
    ...given,
  };
}

/** Active; one of the kind `totp` has a secret. */
export function aFactor(given: Partial<Factor> & Pick<Factor, 'userId' | 'kind'>): Factor {
  const factor = { tenantId, id: freshId(), status: 'active', createdAtMs: startMs, ...given } as const;
  if (given.kind !== 'totp' || given.totp !== undefined) return factor;
  return { ...factor, totp: { algorithm: 'SHA1', digits: 6, drift: 1, secret: sealedTotp(factor) } };
}

/** That secret, sealed for its place under the first data key. */
export function sealedTotp(place: Pick<Factor, 'tenantId' | 'userId' | 'id'>): SealedSecret {
  return sealedSecret(totpSecret, totpContext(place), keys, Buffer.from(place.id.slice(-12)));
}

/** Ten codes that follow from the form alone. */
export function recoveryCodes(form: RecoveryForm = 'hashed'): readonly string[] {
  const drawn = createHash('shake256', { outputLength: recoveryBytes(form) }).update(form);
  return recoveryCodesFrom(drawn.digest('hex'), form);
}

export function aRecoverySet(
  { tenantId: tenant, id: userId }: Pick<User, 'tenantId' | 'id'>,
  form: RecoveryForm = 'hashed',
): RecoverySet {
  const place = { tenantId: tenant, userId };
  const nonce = Buffer.from(userId.slice(-12));
  return newRecoverySet(recoveryCodes(form), form, { place, older: undefined, keys, nonce, nowMs: startMs });
}

export function aChallenge(given: Partial<Challenge> & Pick<Challenge, 'userId'>): Challenge {
  return {
    tenantId,
    id: freshId(),
    status: 'pending',
    attemptsUsed: 0,
    attemptsMax: 5,
    createdAtMs: startMs,
    expiresAtMs: startMs + 600_000,
    ...given,
  };
}

/** A complete login of twelve hours. */
export function aSession(given: Partial<Session> & Pick<Session, 'userId'>): Session {
  const id = freshId();
  return {
    tenantId,
    id,
    hash: id.slice(-12).padStart(64, 'a'),
    state: 'complete',
    face: 'native',
    createdAtMs: startMs,
    expiresAtMs: startMs + 12 * 3_600_000,
    idleSeconds: 900,
    lastUsedAtMs: startMs,
    ...given,
  };
}
