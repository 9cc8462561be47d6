import type { Channel } from './channel.ts';
import { statusOf, type Verification } from './verification.ts';

export type SendStatus = 'queued' | 'submitted' | 'delivered' | 'undelivered' | 'failed' | 'dropped';

/** One message going out for a verification. */
export interface Send {
  readonly tenantId: string;
  readonly verificationId: string;
  /** 1 for the first send of the verification. */
  readonly number: number;
  readonly channel: Channel;
  /** Providers still to choose from, in order; the first one has it now. */
  readonly providers: readonly string[];
  readonly status: SendStatus;
  /** Calls to providers, the one under way included: a try is written before it begins. */
  readonly tries: number;
  /** Those of them to the provider that has it now. */
  readonly providerTries: number;
  /** A try was begun and its outcome is not recorded. */
  readonly tryOpen: boolean;
  /** The process that owns it, whose writes alone are taken; absent when any process may claim it. */
  readonly epoch?: string | undefined;
  readonly dueAtMs: number;
  readonly createdAtMs: number;
  readonly endedAtMs?: number | undefined;
  readonly providerMessageId?: string | undefined;
  /** Why it failed, was dropped or is tried again. */
  readonly reason?: string | undefined;
  /** The outcome of an earlier try with the provider that has it now is unknown. */
  readonly uncertain: boolean;
  /** The recipient may have got it twice: the provider of an uncertain try could not tell a repetition, or was left. */
  readonly possibleDuplicate: boolean;
  /** What was taken for it of what its tenant paid beforehand, in millionths of the currency. */
  readonly takenMicros?: number | undefined;
}

/** What became of a try. `unknown`: it may have been accepted. */
export type TryResult =
  /** `delivered`: it has arrived, and no receipt will come. */
  | {
      readonly kind: 'accepted';
      readonly providerMessageId?: string | undefined;
      readonly delivered?: true | undefined;
    }
  | { readonly kind: 'refused' | 'unavailable' | 'unknown'; readonly reason: string };

const testNumberReason = 'test-number';

/** Calls to one provider before the next one is chosen. */
export const providerTriesMax = 3;
const backoffMs = [1000, 4000, 15_000] as const;

/** How long after its `tries`-th try a send is tried again; `jitter` is drawn from 0 to 1. */
export function backoffAfter(tries: number, jitter: number): number {
  const base = backoffMs[Math.min(tries, backoffMs.length) - 1] ?? backoffMs[0];
  return Math.round(base * (0.8 + 0.4 * jitter));
}

/** Whether a message would still be worth sending: the verification is pending, with enough life to type a code in. */
export function worthSending(verification: Verification, nowMs: number): boolean {
  const lifeMs = verification.expiresAtMs - verification.createdAtMs;
  const enoughMs = Math.min(10_000, lifeMs / 10);
  return statusOf(verification, nowMs) === 'pending' && verification.expiresAtMs - nowMs >= enoughMs;
}

export function dropped(send: Send, nowMs: number): Send {
  return ended(send, 'dropped', nowMs, 'verification-ended');
}

/** What a queued send becomes once the outcome of its try is known, or known to be unknown. */
export function afterTry(
  send: Send,
  result: TryResult,
  { nowMs, retryAtMs, deduplicates }: { nowMs: number; retryAtMs: number; deduplicates: boolean },
): Send {
  switch (result.kind) {
    case 'accepted':
      return {
        ...ended(send, result.delivered === true ? 'delivered' : 'submitted', nowMs),
        providerMessageId: result.providerMessageId,
      };
    case 'refused':
      return withNextProvider(send, result.reason, nowMs);
    case 'unavailable':
      if (send.providerTries >= providerTriesMax) return withNextProvider(send, result.reason, nowMs);
      return again(send, result.reason, retryAtMs);
    case 'unknown':
      return afterUnknown(send, result.reason, { nowMs, retryAtMs, deduplicates });
  }
}

/**
 * A provider that tells repetitions apart is asked again with the same reference. With any other, the message may
 * have gone out: it is tried once more and marked, and never a third time.
 */
function afterUnknown(
  send: Send,
  reason: string,
  { nowMs, retryAtMs, deduplicates }: { nowMs: number; retryAtMs: number; deduplicates: boolean },
): Send {
  if (deduplicates) {
    return send.providerTries < providerTriesMax
      ? { ...again(send, reason, retryAtMs), uncertain: true }
      : { ...ended(send, 'failed', nowMs, 'outcome-unknown'), uncertain: true };
  }
  if (send.possibleDuplicate) return ended(send, 'failed', nowMs, 'outcome-unknown');
  return { ...again(send, reason, retryAtMs), uncertain: true, possibleDuplicate: true };
}

/** Whether a send has ended and surely no message of it went out: then it costs nothing. */
export function cameToNothing({ status, uncertain, possibleDuplicate }: Send): boolean {
  return (status === 'failed' || status === 'dropped') && !uncertain && !possibleDuplicate;
}

/** Whether a message that was meant to go out surely did not, and will not: nobody can have read the code in it. */
export function neverLeft(send: Send): boolean {
  return cameToNothing(send) && send.reason !== testNumberReason;
}

/**
 * The newest send of a verification, queued. With an epoch it is owned by that process from the start, its first try
 * begun. One to a test number goes nowhere.
 */
export function newSend(
  verification: Verification,
  carriers: { readonly providers: readonly string[]; readonly epoch?: string | undefined },
  nowMs: number,
): Send {
  return verification.test === true
    ? ended(queuedSend(verification, { providers: carriers.providers }, nowMs), 'dropped', nowMs, testNumberReason)
    : queuedSend(verification, carriers, nowMs);
}

function queuedSend(
  { tenantId, id, sendsUsed, channel }: Verification,
  { providers, epoch }: { readonly providers: readonly string[]; readonly epoch?: string | undefined },
  nowMs: number,
): Send {
  const begun = epoch === undefined ? 0 : 1;
  // With every field from the start: a copy that has a field more than its original takes many times as long to make.
  return {
    tenantId,
    verificationId: id,
    number: sendsUsed,
    channel,
    providers,
    status: 'queued',
    tries: begun,
    providerTries: begun,
    tryOpen: epoch !== undefined,
    epoch,
    dueAtMs: nowMs,
    createdAtMs: nowMs,
    endedAtMs: undefined,
    providerMessageId: undefined,
    reason: undefined,
    uncertain: false,
    possibleDuplicate: false,
    takenMicros: undefined,
  };
}

/** Begins a try in the name of a process. */
export function claimed(send: Send, epoch: string): Send {
  return { ...send, epoch, tries: send.tries + 1, providerTries: send.providerTries + 1, tryOpen: true };
}

/** Gives a send back whose try never left this process: as if it had not been begun. */
export function handedBack(send: Send, nowMs: number): Send {
  const { tries, providerTries } = send;
  return { ...again(send, 'stopped', nowMs), tries: tries - 1, providerTries: providerTries - 1 };
}

function again(send: Send, reason: string, dueAtMs: number): Send {
  return { ...send, epoch: undefined, tryOpen: false, reason, dueAtMs };
}

function withNextProvider(send: Send, reason: string, nowMs: number): Send {
  const providers = send.providers.slice(1);
  if (providers.length === 0) return ended(send, 'failed', nowMs, reason);
  const possibleDuplicate = send.possibleDuplicate || send.uncertain;
  return { ...again(send, reason, nowMs), providers, providerTries: 0, uncertain: false, possibleDuplicate };
}

function ended(
  send: Send,
  status: 'submitted' | 'delivered' | 'failed' | 'dropped',
  nowMs: number,
  reason?: string,
): Send {
  return { ...send, status, epoch: undefined, tryOpen: false, endedAtMs: nowMs, reason };
}
