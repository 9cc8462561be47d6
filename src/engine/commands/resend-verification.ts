import type { Channel } from '../../domain/channel.ts';
import { newRecipient } from '../../domain/recipient-state.ts';
import { newSend } from '../../domain/send.ts';
import { type NewCode, type ResendRefusal, resendRefusal, resent } from '../../domain/verification.ts';
import { charge, chargeReads, type NotCharged, paid } from '../charge.ts';
import type { CommandBase, Decider } from '../command.ts';
import { jobFor } from '../send-job.ts';
import { type Snapshot, snapshotOf } from '../snapshot.ts';
import type { NotFound } from './check-verification.ts';

/** Another message for the same verification. */
export interface ResendVerification extends CommandBase {
  readonly kind: 'resend';
  readonly verificationId: string;
  readonly channel: Channel;
  readonly providers: readonly string[];
  readonly newCode?: NewCode | undefined;
  /** What the message costs; nothing when absent. */
  readonly priceMicros?: number | undefined;
  readonly epoch?: string | undefined;
  readonly face?: string | undefined;
}

export type ResendOutcome =
  | { readonly kind: 'sent'; readonly verification: Snapshot }
  | (ResendRefusal & { readonly verification: Snapshot })
  | NotCharged
  | NotFound;

export const resendVerification: Decider<ResendVerification, ResendOutcome> = {
  find: ({ verificationId }) => ({ verifications: [verificationId] }),
  reads({ verificationId }, found) {
    const recipient = found.verification(verificationId)?.recipient;
    const recipients = recipient === undefined ? [] : [recipient];
    return { ...chargeReads(), recipients, verifications: [verificationId] };
  },
  decide(command, loaded, context) {
    const { nowMs } = context;
    const current = loaded.verification(command.verificationId);
    if (current === undefined || (command.face !== undefined && current.face !== command.face)) {
      return { writes: {}, outcome: { kind: 'not-found' } };
    }
    const refusal = resendRefusal(current, nowMs);
    if (refusal !== undefined) {
      return { writes: {}, outcome: { ...refusal, verification: snapshotOf(current, nowMs) } };
    }
    const recipient = loaded.recipient(current.recipient) ?? newRecipient(command.tenantId, current.recipient);
    const test = current.test === true;
    const { tenantId, priceMicros } = command;
    const charged = charge({ tenantId, test, priceMicros }, recipient, loaded, context);
    if (charged.kind !== 'charged') return { writes: {}, outcome: charged };

    // The code of a test number is the same for ever.
    const verification = resent(current, command.channel, test ? undefined : command.newCode, nowMs);
    const send = paid(newSend(verification, command, nowMs), charged);
    return {
      writes: {
        ...charged.writes,
        recipients: [charged.recipient],
        verifications: [verification],
        newSends: [send],
      },
      outcome: { kind: 'sent', verification: snapshotOf(verification, nowMs) },
      job: jobFor(verification, send),
      notice: charged.notice,
    };
  },
};
