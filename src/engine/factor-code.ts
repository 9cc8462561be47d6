import type { Factor } from '../domain/factor.ts';
import { statusOf, type Verification } from '../domain/verification.ts';
import type { NotCharged } from './charge.ts';
import type { Context, Decided, Loaded, Reads } from './command.ts';
import { type CreateVerification, createInPlaceOf } from './commands/create-verification.ts';
import type { Snapshot } from './snapshot.ts';

/** What a decider looks at to send a code by a factor, or to check one: the code that was sent last, and its recipient. */
export function sentCodeReads(factor: Factor | undefined): Reads {
  if (factor?.recipient === undefined) return {};
  const { recipient, verificationId } = factor;
  return { recipients: [recipient], ...(verificationId === undefined ? {} : { verifications: [verificationId] }) };
}

/**
 * The verification whose code a factor sent last, when it is pending still.
 * @returns stale when the factor has sent another since it was looked up
 */
export function pendingCode(
  { recipient, verificationId }: Factor,
  loaded: Loaded,
  nowMs: number,
): Verification | undefined | 'stale' {
  if (verificationId === undefined) return undefined;
  if (!loaded.asked(verificationId)) return 'stale';
  const verification = loaded.verification(verificationId);
  // One whose recipient was erased is nobody's any more.
  if (verification === undefined || verification.recipient !== recipient) return undefined;
  return statusOf(verification, nowMs) === 'pending' ? verification : undefined;
}

/** A code that went out by a factor: what is left to write is the factor itself. */
export interface SentCode {
  readonly kind: 'sent';
  readonly factor: Factor;
  readonly verification: Snapshot;
  readonly decided: Decided<unknown>;
}

/**
 * Sends a code by a factor, in the place of the one before it: that one is cancelled, and its used attempts go on
 * counting. Every rule of a create holds but the pause between two messages.
 * @param earlier - the factor whose code it takes the place of; the same one, or one that it replaces
 */
export function sendCode(
  factor: Factor,
  earlier: Factor | undefined,
  create: CreateVerification,
  loaded: Loaded,
  context: Context,
): SentCode | NotCharged | 'stale' {
  const older = earlier && pendingCode(earlier, loaded, context.nowMs);
  if (older === 'stale') return 'stale';
  const decided = createInPlaceOf(older, create, loaded, context);
  if (decided === 'stale') return 'stale';
  const { outcome } = decided;
  switch (outcome.kind) {
    case 'created': {
      const { verification } = outcome;
      return { kind: 'sent', factor: { ...factor, verificationId: verification.id }, verification, decided };
    }
    case 'resumed':
    case 'refused':
      throw new Error(`a code for a factor was ${outcome.kind}: it never asks for that`);
    default:
      return outcome;
  }
}
