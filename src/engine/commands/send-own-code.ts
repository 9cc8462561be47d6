import type { Factor } from '../../domain/factor.ts';
import type { ChangeDecider } from '../audited.ts';
import type { NotCharged } from '../charge.ts';
import { sendCode } from '../factor-code.ts';
import { messageFactorOf, numberOf, type OwnCommand, ownReads, ownTarget } from '../own-user.ts';
import type { NotFound } from './check-verification.ts';
import { type CreateVerification, createVerification } from './create-verification.ts';
import { factorFacts } from './enrol-factor.ts';

/** A code to a user's own number. It takes the place of one that is pending, without any pause between the two. */
export interface SendOwnCode extends OwnCommand {
  readonly kind: 'send-own-code';
  readonly create: CreateVerification;
  /** Of the factor, should there be none yet. */
  readonly factorId: string;
}

export type SendOwnCodeOutcome =
  | { readonly kind: 'sent' }
  | { readonly kind: 'no-number' }
  /** The number is another one since the command was made: make it again. */
  | { readonly kind: 'moved' }
  | NotFound
  | NotCharged;

export const sendOwnCode: ChangeDecider<SendOwnCode, SendOwnCodeOutcome> = {
  find: ({ userId, create }) => ({ ...createVerification.find?.(create), people: { users: [userId] } }),
  reads({ userId, create }, found) {
    // Of the other rows that a user's code needs, the recipient is the create's own.
    return {
      ...createVerification.reads(create, found),
      ...ownReads(userId, found),
      recipients: [create.requested.recipient],
    };
  },
  decide({ tenantId, userId, create, factorId }, loaded, context) {
    const { nowMs } = context;
    const user = loaded.user(userId);
    if (user === undefined) return { writes: {}, outcome: { kind: 'not-found' } };
    const factors = loaded.factors(userId);
    const recipient = numberOf(user, factors);
    if (recipient === undefined) return { writes: {}, outcome: { kind: 'no-number' } };
    if (recipient !== create.requested.recipient) return { writes: {}, outcome: { kind: 'moved' } };
    const current = messageFactorOf(user, factors);
    const begun: Factor = {
      tenantId,
      userId,
      id: factorId,
      kind: 'sms',
      status: 'pending',
      recipient,
      createdAtMs: nowMs,
    };
    const sent = sendCode(current ?? begun, current, create, loaded, context);
    if (sent === 'stale') return 'stale';
    if (sent.kind !== 'sent') return { writes: {}, outcome: sent };
    const { factor, decided } = sent;
    // One that waits to be enrolled is kept from its last code on.
    const kept = factor.status === 'pending' ? { ...factor, createdAtMs: nowMs } : factor;
    const replaced = factors.filter(
      ({ kind, status, id }) => kind === 'sms' && status === 'pending' && id !== factor.id,
    );
    return {
      ...decided,
      writes: { ...decided.writes, people: { factors: [kept], removedFactors: replaced } },
      outcome: { kind: 'sent' },
      ...(current === undefined
        ? { change: { action: 'enrol-factor', target: ownTarget(userId), after: factorFacts(factor) } }
        : {}),
    };
  },
};
