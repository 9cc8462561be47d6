import { afterTry, claimed, dropped, worthSending } from '../../domain/send.ts';
import { givenBack } from '../charge.ts';
import type { CommandBase, Decider, SendKey } from '../command.ts';
import { jobOf } from '../send-job.ts';

/** A process takes a due send that nobody owns, and begins its next try. */
export interface ClaimSend extends CommandBase {
  readonly kind: 'claim-send';
  readonly key: SendKey;
  readonly epoch: string;
  /** Names of the providers that tell a repeated message by its reference. */
  readonly deduplicating: readonly string[];
}

export type ClaimOutcome = { readonly kind: 'claimed' | 'gone' | 'dropped' | 'failed' };

export const claimSend: Decider<ClaimSend, ClaimOutcome> = {
  reads: ({ key }) => ({ usage: true, verifications: [key.verificationId], sends: [key] }),
  decide({ key, epoch, deduplicating }, loaded, { nowMs }) {
    const verification = loaded.verification(key.verificationId);
    const send = loaded.send(key);
    if (verification === undefined || send === undefined || send.status !== 'queued' || send.epoch !== undefined) {
      return { writes: {}, outcome: { kind: 'gone' } };
    }
    if (!worthSending(verification, nowMs)) {
      // A try that was begun may have been a message.
      const next = { ...dropped(send, nowMs), uncertain: send.uncertain || send.tryOpen };
      return { writes: { ...givenBack(next, loaded), sends: [next] }, outcome: { kind: 'dropped' } };
    }
    const ready = send.tryOpen ? interrupted(send, deduplicating, nowMs) : send;
    if (ready.status !== 'queued') {
      return { writes: { ...givenBack(ready, loaded), sends: [ready] }, outcome: { kind: 'failed' } };
    }
    const next = claimed(ready, epoch);
    return { writes: { sends: [next] }, outcome: { kind: 'claimed' }, job: jobOf(verification, next) };
  },
};

/** Its owner died between the beginning of a try and the record of its outcome. */
function interrupted(send: Parameters<typeof afterTry>[0], deduplicating: readonly string[], nowMs: number) {
  const deduplicates = deduplicating.includes(send.providers[0] ?? '');
  return afterTry(send, { kind: 'unknown', reason: 'interrupted' }, { nowMs, retryAtMs: nowMs, deduplicates });
}
