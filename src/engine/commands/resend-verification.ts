import { newRecipient } from '../../domain/recipient-state.ts';
import { newSend } from '../../domain/send.ts';
import { type NewCode, type ResendRefusal, resendRefusal, resent } from '../../domain/verification.ts';
import { charge, chargeReads, type NotCharged, paid } from '../charge.ts';
import type { CommandBase, Decider } from '../command.ts';
import { type Carriers, carrierAfter } from '../send-carrier.ts';
import { jobFor } from '../send-job.ts';
import { type Snapshot, snapshotOf } from '../snapshot.ts';
import { isUnsent, sendsOfFollowed } from '../unsent.ts';
import type { NotFound } from './check-verification.ts';

/** Another message for the same verification. */
export interface ResendVerification extends CommandBase, Carriers {
  readonly kind: 'resend';
  readonly verificationId: string;
  readonly newCode?: NewCode | undefined;
  /** What the message costs; nothing when absent. */
  readonly priceMicros?: number | undefined;
  readonly epoch?: string | undefined;
  readonly face?: string | undefined;
}

export type ResendOutcome =
  | { readonly kind: 'sent'; readonly verification: Snapshot }
  /** `unsent`: as a check says it. */
  | ((ResendRefusal | { readonly kind: 'unsent' } | NotCharged) & { readonly verification: Snapshot })
  | NotFound;

export const resendVerification: Decider<ResendVerification, ResendOutcome> = {
  find: ({ verificationId }) => ({ verifications: [verificationId] }),
  reads({ verificationId }, found) {
    const verification = found.verification(verificationId);
    const recipients = verification === undefined ? [] : [verification.recipient];
    return { ...chargeReads(), recipients, verifications: [verificationId], sends: sendsOfFollowed(verification) };
  },
  decide(command, loaded, context) {
    const { nowMs } = context;
    const current = loaded.verification(command.verificationId);
    if (current === undefined || (command.face !== undefined && current.face !== command.face)) {
      return { writes: {}, outcome: { kind: 'not-found' } };
    }
    const unsent = isUnsent(current, loaded, nowMs);
    const refusal = unsent ? ({ kind: 'unsent' } as const) : resendRefusal(current, nowMs);
    if (refusal !== undefined) {
      return { writes: {}, outcome: { ...refusal, verification: snapshotOf(current, nowMs) } };
    }
    const recipient = loaded.recipient(current.recipient) ?? newRecipient(command.tenantId, current.recipient);
    const test = current.test === true;
    const { tenantId, priceMicros } = command;
    const charged = charge({ tenantId, test, priceMicros }, recipient, loaded, context);
    if (charged.kind !== 'charged') {
      return { writes: {}, outcome: { ...charged, verification: snapshotOf(current, nowMs) } };
    }

    // The code of a test number is the same for ever.
    const { channel, providers } = carrierAfter(current.sendsUsed, command);
    const verification = resent(current, channel, test ? undefined : command.newCode, nowMs);
    const send = paid(newSend(verification, { providers, epoch: command.epoch }, nowMs), charged);
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
