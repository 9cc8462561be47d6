import type { Channel } from '../../domain/channel.ts';
import { fullWindow, withOneMore } from '../../domain/limits.ts';
import { newRecipient } from '../../domain/recipient-state.ts';
import { newSend } from '../../domain/send.ts';
import { type NewCode, type ResendRefusal, resendRefusal, resent } from '../../domain/verification.ts';
import type { CommandBase, Decider } from '../command.ts';
import { jobOf } from '../send-job.ts';
import { type Snapshot, snapshotOf } from '../snapshot.ts';
import type { NotFound } from './check-verification.ts';
import { type Limited, limited } from './create-verification.ts';

/** Another message for the same verification. */
export interface ResendVerification extends CommandBase {
  readonly kind: 'resend';
  readonly verificationId: string;
  readonly channel: Channel;
  readonly providers: readonly string[];
  readonly newCode?: NewCode | undefined;
  readonly epoch?: string | undefined;
  readonly face?: string | undefined;
}

export type ResendOutcome =
  | { readonly kind: 'sent'; readonly verification: Snapshot }
  | (ResendRefusal & { readonly verification: Snapshot })
  | Limited
  | NotFound;

export const resendVerification: Decider<ResendVerification, ResendOutcome> = {
  find: ({ verificationId }) => ({ verifications: [verificationId] }),
  reads({ verificationId }, found) {
    const recipient = found.verification(verificationId)?.recipient;
    return { recipients: recipient === undefined ? [] : [recipient], verifications: [verificationId] };
  },
  decide(command, loaded, { nowMs, limits }) {
    const current = loaded.verification(command.verificationId);
    if (current === undefined || (command.face !== undefined && current.face !== command.face)) {
      return { writes: {}, outcome: { kind: 'not-found' } };
    }
    const refusal = resendRefusal(current, nowMs);
    if (refusal !== undefined) {
      return { writes: {}, outcome: { ...refusal, verification: snapshotOf(current, nowMs) } };
    }
    const recipient = loaded.recipient(current.recipient) ?? newRecipient(command.tenantId, current.recipient);
    const full = fullWindow(recipient.sendTimes, limits.recipientSends, nowMs);
    if (full !== undefined) return { writes: {}, outcome: limited('recipient', full, nowMs) };

    const verification = resent(current, command.channel, command.newCode, nowMs);
    const send = newSend(verification, command, nowMs);
    const sendTimes = withOneMore(recipient.sendTimes, limits.recipientSends, nowMs);
    return {
      writes: {
        recipients: [{ ...recipient, sendTimes, updatedAtMs: nowMs }],
        verifications: [verification],
        newSends: [send],
      },
      outcome: { kind: 'sent', verification: snapshotOf(verification, nowMs) },
      job: command.epoch === undefined ? undefined : jobOf(verification, send),
    };
  },
};
