import type { Static } from 'typebox';
import type { ProofKind } from '../../domain/challenge.ts';
import type { ChallengeRequest } from '../../engine/challenges.ts';
import type { ActivateOutcome } from '../../engine/commands/activate-factor.ts';
import type { ChallengeChecked } from '../../engine/commands/check-challenge.ts';
import type { EnrolOutcome } from '../../engine/commands/enrol-factor.ts';
import type { MessageWish } from '../../engine/factor-messages.ts';
import type { AppSecret, EnrolRequest } from '../../engine/factors.ts';
import type { RecoveryCount } from '../../engine/recovery-codes.ts';
import type { ShownChallenge } from '../../engine/shown-challenge.ts';
import type { ShownFactor } from '../../engine/shown-factor.ts';
import type { Snapshot } from '../../engine/snapshot.ts';
import { endUserAddress } from '../../http/end-user-address.ts';
import { qrCodeOf } from '../../http/qr-code.ts';
import { iso, isoOrNull } from '../../http/times.ts';
import type {
  activateReply,
  challengeBody,
  challengeCheckReply,
  challengeReply,
  enrolBody,
  enrolReply,
  factorReply,
  recoveryCodesReply,
  sendBody,
} from './factor-wire.ts';

/* Our words for factors, recovery codes and challenges to those of the wire, and back. */

/** @throws EdgeRefusal when the address of the end user is none */
export function toMessage({ signals, ...wish }: Static<typeof sendBody>): MessageWish {
  return { ...wish, address: endUserAddress(signals?.ip) };
}

/** Throws as `toMessage` does. */
export function toEnrolment({ signals, ...wish }: Static<typeof enrolBody>): EnrolRequest {
  return { ...wish, address: endUserAddress(signals?.ip) };
}

/** Throws as `toMessage` does. */
export function toChallenge({ signals, ...wish }: Static<typeof challengeBody>): ChallengeRequest {
  return { ...wish, address: endUserAddress(signals?.ip) };
}

export function factorBodyOf(factor: ShownFactor): Static<typeof factorReply> {
  const { id, kind, status, name, recipient, totp } = factor;
  return {
    ...{ id, kind, status },
    name: name ?? null,
    recipient: recipient ?? null,
    algorithm: totp?.algorithm ?? null,
    digits: totp?.digits ?? null,
    drift: totp?.drift ?? null,
    createdAt: iso(factor.createdAtMs),
    activatedAt: isoOrNull(factor.activatedAtMs),
    lastUsedAt: isoOrNull(factor.lastUsedAtMs),
  };
}

type Enrolled = Extract<EnrolOutcome, { kind: 'enrolled' }> & { readonly app?: AppSecret | undefined };

export function enrolledBodyOf({ factor, verification, app }: Enrolled): Static<typeof enrolReply> {
  return {
    ...factorBodyOf(factor),
    ...(verification === undefined ? {} : sentOf(verification)),
    ...(app === undefined ? {} : appOf(app)),
  };
}

export function sentBodyOf({ factor, verification }: { factor: ShownFactor; verification: Snapshot }) {
  return { ...factorBodyOf(factor), ...sentOf(verification) };
}

function sentOf({ id: verificationId, expiresAtMs }: Snapshot) {
  return { verificationId, expiresAt: iso(expiresAtMs) };
}

function appOf({ secret, uri }: AppSecret) {
  const { svg, png } = qrCodeOf(uri);
  return { secret, otpauthUri: uri, qrSvg: svg, qrPng: png };
}

type Activated = Extract<ActivateOutcome, { kind: 'activated' | 'wrong-code' }>;

const activations = {
  activated: 'activated',
  'wrong-code': 'wrong_code',
} as const satisfies Record<Activated['kind'], Static<typeof activateReply>['result']>;

export function activatedBodyOf({ kind, factor }: Activated): Static<typeof activateReply> {
  return { result: activations[kind], factor: factorBodyOf(factor) };
}

export function recoveryCodesBodyOf({ left, createdAtMs, form }: RecoveryCount): Static<typeof recoveryCodesReply> {
  return { left, createdAt: isoOrNull(createdAtMs), form: form ?? null };
}

const proofs = {
  sms: 'sms',
  email: 'email',
  totp: 'totp',
  'recovery-code': 'recovery_code',
} as const satisfies Record<ProofKind, string>;

function proofOf({ proof }: ShownChallenge): Static<typeof challengeReply>['proof'] {
  return proof === undefined ? null : { kind: proofs[proof.kind], factorId: proof.factorId ?? null };
}

export function challengeBodyOf(challenge: ShownChallenge): Static<typeof challengeReply> {
  const { id, userId, status, factorId, verificationId, attemptsLeft } = challenge;
  return {
    ...{ id, userId, status, attemptsLeft },
    factorId: factorId ?? null,
    verificationId: verificationId ?? null,
    proof: proofOf(challenge),
    createdAt: iso(challenge.createdAtMs),
    expiresAt: iso(challenge.expiresAtMs),
    endedAt: isoOrNull(challenge.endedAtMs),
  };
}

const results = {
  verified: 'verified',
  'wrong-code': 'wrong_code',
  expired: 'expired',
  exhausted: 'exhausted',
  'already-verified': 'already_verified',
} as const satisfies Record<ChallengeChecked['kind'], Static<typeof challengeCheckReply>['result']>;

export function challengeCheckBodyOf({
  kind,
  challenge,
  recoveryCodesLeft,
}: ChallengeChecked): Static<typeof challengeCheckReply> {
  const { attemptsLeft } = challenge;
  return {
    result: results[kind],
    proof: proofOf(challenge),
    attemptsLeft,
    recoveryCodesLeft,
    challenge: challengeBodyOf(challenge),
  };
}
