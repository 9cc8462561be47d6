import { type Digest, sameDigest } from './bytes.ts';
import type { Channel } from './channel.ts';
import type { CodeAlphabet, CodeSource } from './code.ts';
import { secondsUntil } from './limits.ts';
import { hasMoment, withMoment } from './timeline.ts';

export type StoredStatus = 'pending' | 'verified' | 'failed' | 'cancelled' | 'refused';
/** `expired` is a fact of time, never written: a pending verification past its expiry reads so. */
export type VerificationStatus = StoredStatus | 'expired';

/** Why nothing was sent for a verification that was only written down. */
export type RefusalReason =
  /** This recipient, or this end user's address, has had too many. */
  | 'limited'
  /** Judged to be fraud. */
  | 'fraud';

/** What was agreed at the create beyond what every verification has. It never changes. */
export interface Terms {
  /** What the code is called in the template, such as `pin`: then `{{pin}}` alone is filled in, whatever else stands there. */
  readonly placeholder?: string | undefined;
  /** Where the face tells of changes, in its vendor's words. */
  readonly callbackUrl?: string | undefined;
  /** Which changes those are. */
  readonly callbackEvents?: readonly string[] | undefined;
  /** Messages at most, the first one included. */
  readonly sendsMax?: number | undefined;
  /** How many parts the message has, and what each message costs, in millionths of the currency. */
  readonly parts?: number | undefined;
  readonly priceMicros?: number | undefined;
  /** Its code can be read for a day after it was right. */
  readonly showsCode?: true | undefined;
  /** Stands alone on the last line of each message: the hash by which an app finds a message meant for it. */
  readonly lastLine?: string | undefined;
  /** Its timeline says how long each typed code was, and a check that no message of it went out. */
  readonly followed?: true | undefined;
  /** Of a refused one. */
  readonly refusal?: RefusalReason | undefined;
}

/** One request to prove control of a recipient. Times are milliseconds UTC by the store's clock. */
export interface Verification {
  readonly tenantId: string;
  readonly id: string;
  readonly service: string;
  /** The face it was asked for through; a vendor's face sees only its own. */
  readonly face: string;
  /** Canonical E.164 number or e-mail address. */
  readonly recipient: string;
  /** ISO 3166 alpha-2, of a phone number. */
  readonly country?: string | undefined;
  /** The one before it for the same recipient. This chain is how those of a recipient are listed, without an index. */
  readonly previousId?: string | undefined;
  readonly channel: Channel;
  readonly reference?: string | undefined;
  readonly locale?: string | undefined;
  readonly sender?: string | undefined;
  readonly template?: string | undefined;
  /** JSON text of what the caller wants to read again. */
  readonly metadata?: string | undefined;
  /** JSON text of what the caller knows of the end user. */
  readonly signals?: string | undefined;
  readonly status: StoredStatus;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  readonly endedAtMs?: number | undefined;
  readonly attemptsUsed: number;
  readonly attemptsMax: number;
  readonly sendsUsed: number;
  /** The earliest time of another send. */
  readonly nextSendAtMs: number;
  readonly code: Omit<CodeSource, 'tenantId' | 'verificationId'>;
  /** Its recipient is a test number: nothing is delivered and nothing counted. */
  readonly test?: boolean | undefined;
  readonly terms?: Terms | undefined;
  /** Packed, see timeline.ts. */
  readonly timeline: string;
}

export function statusOf(current: Pick<Verification, 'status' | 'expiresAtMs'>, nowMs: number): VerificationStatus {
  return current.status === 'pending' && nowMs >= current.expiresAtMs ? 'expired' : current.status;
}

export function codeSource({ tenantId, id, code }: Pick<Verification, 'tenantId' | 'id' | 'code'>): CodeSource {
  const { generation, keyId, alphabet, length, salt, sealed } = code;
  return { tenantId, verificationId: id, generation, keyId, alphabet, length, salt, sealed };
}

export type CheckOutcome =
  | { readonly kind: 'verified' }
  | { readonly kind: 'wrong-code'; readonly attemptsLeft: number }
  /** `noticed`: this check is the first to find that the time ran out. */
  | { readonly kind: 'expired'; readonly noticed: boolean }
  /** It was only written down. */
  | { readonly kind: 'refused'; readonly reason: RefusalReason }
  /** No message of it went out, of one whose face wants to know: nobody can have the code. */
  | { readonly kind: 'unsent' }
  | { readonly kind: 'exhausted' | 'already-verified' | 'cancelled' };

const ends = {
  verified: 'already-verified',
  failed: 'exhausted',
  expired: 'expired',
  cancelled: 'cancelled',
  refused: 'refused',
} as const satisfies Record<Exclude<VerificationStatus, 'pending'>, CheckOutcome['kind']>;

/** What a check meets at a verification that has ended, whatever the code. */
function endOf(current: Verification, nowMs: number): Decision<CheckOutcome> | undefined {
  const status = statusOf(current, nowMs);
  if (status === 'pending') return undefined;
  const kind = ends[status];
  if (kind === 'refused') return { next: current, outcome: { kind, reason: refusalOf(current) } };
  if (kind !== 'expired') return { next: current, outcome: { kind } };
  const next = withExpiryNoted(current);
  return { next, outcome: { kind, noticed: next !== current } };
}

/** Why nothing was sent for a refused one. What was agreed may have been purged since. */
export function refusalOf({ terms }: Pick<Verification, 'terms'>): RefusalReason {
  return terms?.refusal ?? 'limited';
}

/** That it ran out is a fact of time; that somebody noticed is written down once. */
export function withExpiryNoted(current: Verification): Verification {
  return hasMoment(current.timeline, 'expired') ? current : noted(current, 'expired', current.expiresAtMs);
}

export interface Decision<Outcome> {
  readonly next: Verification;
  readonly outcome: Outcome;
}

/**
 * Decides one check: a wrong code uses up an attempt, and the last attempt ends the verification in the same change.
 * Where it has ended already, neither digest is looked at.
 * @param typedLength - noted with what was typed, where somebody wants to see it
 */
export function check(
  current: Verification,
  typed: Digest,
  expected: Digest,
  nowMs: number,
  typedLength?: number,
): Decision<CheckOutcome> {
  const end = endOf(current, nowMs);
  if (end !== undefined) return end;
  if (sameDigest(typed, expected)) {
    return { next: ended(current, 'verified', nowMs, typedLength), outcome: { kind: 'verified' } };
  }
  const charged = noted({ ...current, attemptsUsed: current.attemptsUsed + 1 }, 'wrong-code', nowMs, typedLength);
  const attemptsLeft = charged.attemptsMax - charged.attemptsUsed;
  const next = attemptsLeft > 0 ? charged : ended(charged, 'failed', nowMs);
  return { next, outcome: { kind: 'wrong-code', attemptsLeft } };
}

export type CancelOutcome =
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'ended'; readonly status: Exclude<VerificationStatus, 'pending'> };

export function cancel(current: Verification, nowMs: number): Decision<CancelOutcome> {
  const status = statusOf(current, nowMs);
  if (status !== 'pending') return { next: current, outcome: { kind: 'ended', status } };
  return { next: ended(current, 'cancelled', nowMs), outcome: { kind: 'cancelled' } };
}

/** Seconds between a send and the next one; the last figure holds for all that follow. */
const resendGapsSeconds = [30, 60, 120, 240] as const;
const sendsMax = 5;

export function sendsMaxOf({ terms }: Pick<Verification, 'terms'>): number {
  return terms?.sendsMax ?? sendsMax;
}

/** No send is worth its price with less life than this left. */
const resendNeedsSeconds = 30;

/** When another send is allowed after `sendsUsed` of them, the latest at `nowMs`. */
export function nextSendAfter(sendsUsed: number, nowMs: number): number {
  return nowMs + (resendGapsSeconds[sendsUsed - 1] ?? 240) * 1000;
}

export type ResendRefusal =
  | { readonly kind: 'ended'; readonly status: Exclude<VerificationStatus, 'pending' | 'refused'> }
  /** It was only written down. */
  | { readonly kind: 'refused'; readonly reason: RefusalReason }
  | { readonly kind: 'sends-exhausted' | 'expiring' }
  | { readonly kind: 'too-soon'; readonly nextSendAtMs: number; readonly retryAfterSeconds: number };

/** Whether there would be life enough left then for another message. */
export function canResendAt({ expiresAtMs }: Pick<Verification, 'expiresAtMs'>, atMs: number): boolean {
  return expiresAtMs - atMs >= resendNeedsSeconds * 1000;
}

/** Why another message cannot go out now; undefined when it can. */
export function resendRefusal(current: Verification, nowMs: number): ResendRefusal | undefined {
  const status = statusOf(current, nowMs);
  if (status === 'refused') return { kind: 'refused', reason: refusalOf(current) };
  if (status !== 'pending') return { kind: 'ended', status };
  if (current.sendsUsed >= sendsMaxOf(current)) return { kind: 'sends-exhausted' };
  if (!canResendAt(current, nowMs)) return { kind: 'expiring' };
  const { nextSendAtMs } = current;
  if (nowMs < nextSendAtMs) {
    return { kind: 'too-soon', nextSendAtMs, retryAfterSeconds: secondsUntil(nextSendAtMs, nowMs) };
  }
  return undefined;
}

/** A new code to replace the old one; attempts and expiry stay. */
export interface NewCode {
  readonly keyId: string;
  readonly salt: string;
}

/** One more message: the same code, expiry and attempts; with `newCode` the old code is dead from here on. */
export function resent(
  current: Verification,
  channel: Channel,
  newCode: NewCode | undefined,
  nowMs: number,
): Verification {
  const sendsUsed = current.sendsUsed + 1;
  const next = { ...current, channel, sendsUsed, nextSendAtMs: nextSendAfter(sendsUsed, nowMs) };
  if (newCode === undefined) return noted(next, 'send-requested', nowMs);
  const { alphabet, length, generation } = current.code;
  const code = { ...newCode, alphabet, length, generation: generation + 1 };
  return noted({ ...next, code }, 'new-code', nowMs);
}

function ended(
  current: Verification,
  status: 'verified' | 'failed' | 'cancelled',
  nowMs: number,
  typedLength?: number,
): Verification {
  return noted({ ...current, status, endedAtMs: nowMs, code: withoutSecret(current) }, status, nowMs, typedLength);
}

/** Whatever the code could be computed from goes. */
function withoutSecret({ code }: Verification): Verification['code'] {
  return { ...code, salt: undefined, sealed: undefined };
}

/** One that is only written down: no message goes out, and there is no code. */
export function refused(begun: Verification, reason: RefusalReason, nowMs: number): Verification {
  const terms = { ...begun.terms, refusal: reason };
  const code = withoutSecret(begun);
  return { ...begun, status: 'refused', endedAtMs: nowMs, sendsUsed: 0, nextSendAtMs: nowMs, terms, code };
}

/** Cancelled because a create with another reference took its place. */
export function replaced(current: Verification, nowMs: number): Verification {
  return noted(ended(current, 'cancelled', nowMs), 'replaced', nowMs);
}

function noted(
  current: Verification,
  moment: Parameters<typeof withMoment>[1],
  nowMs: number,
  typedLength?: number,
): Verification {
  return { ...current, timeline: withMoment(current.timeline, moment, nowMs, typedLength) };
}

export interface CodePolicy {
  readonly length: number;
  readonly alphabet: CodeAlphabet;
  readonly ttlSeconds: number;
  readonly attemptsMax: number;
}
