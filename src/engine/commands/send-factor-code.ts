import { chargeReads, type NotCharged } from '../charge.ts';
import type { CommandBase, Decider } from '../command.ts';
import { sendCode, sentCodeReads } from '../factor-code.ts';
import { currentFactor, type ShownFactor, shownFactor } from '../shown-factor.ts';
import type { Snapshot } from '../snapshot.ts';
import type { NotFound } from './check-verification.ts';
import type { CreateVerification } from './create-verification.ts';

/** Another code that a pending factor can be activated with. */
export interface SendFactorCode extends CommandBase {
  readonly kind: 'send-factor-code';
  readonly userId: string;
  readonly factorId: string;
  readonly create: CreateVerification;
}

export type SendCodeOutcome =
  | { readonly kind: 'sent'; readonly factor: ShownFactor; readonly verification: Snapshot }
  /** Nothing is left to be activated. */
  | { readonly kind: 'factor-active' }
  | NotCharged
  | NotFound;

export const sendFactorCode: Decider<SendFactorCode, SendCodeOutcome> = {
  find: ({ userId }) => ({ people: { users: [userId] } }),
  reads({ userId, factorId, create }, found) {
    const factor = found.factors(userId).find(({ id }) => id === factorId);
    const recipients = [create.requested.recipient];
    return {
      ...chargeReads(create.address),
      recipients,
      ...sentCodeReads(factor),
      people: { users: [userId] },
    };
  },
  decide({ userId, factorId, create }, loaded, context) {
    const factor = currentFactor(loaded.factors(userId), factorId, context.nowMs);
    // A factor keeps its recipient for life.
    if (factor?.recipient !== create.requested.recipient) return { writes: {}, outcome: { kind: 'not-found' } };
    if (factor.status !== 'pending') return { writes: {}, outcome: { kind: 'factor-active' } };
    const sent = sendCode(factor, factor, create, loaded, context);
    if (sent === 'stale') return 'stale';
    if (sent.kind !== 'sent') return { writes: {}, outcome: sent };
    return {
      ...sent.decided,
      writes: { ...sent.decided.writes, people: { factors: [sent.factor] } },
      outcome: { kind: 'sent', factor: shownFactor(sent.factor), verification: sent.verification },
    };
  },
};
