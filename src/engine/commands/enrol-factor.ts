import { type Factor, factorsMax, isForgotten } from '../../domain/factor.ts';
import type { KeyRings } from '../../domain/keys.ts';
import { shownRecipient } from '../../domain/masking.ts';
import { sealedSecret } from '../../domain/sealed-secret.ts';
import { totpContext } from '../../domain/totp.ts';
import type { Attributed, Change, ChangeDecider } from '../audited.ts';
import { chargeReads, type NotCharged } from '../charge.ts';
import { sendCode, sentCodeReads } from '../factor-code.ts';
import { type ShownFactor, shownFactor, type TotpTerms } from '../shown-factor.ts';
import type { Snapshot } from '../snapshot.ts';
import type { NotFound } from './check-verification.ts';
import type { CreateVerification } from './create-verification.ts';

/** A new factor of a user, pending until a first code of it is right. */
export interface EnrolFactor extends Attributed {
  readonly kind: 'enrol-factor';
  readonly userId: string;
  readonly factor: Pick<Factor, 'id' | 'kind' | 'name' | 'recipient'>;
  readonly totp?: NewSecret | undefined;
  /** Of `sms` and `email`: the message with its first code. Nothing is enrolled when that is refused. */
  readonly create?: CreateVerification | undefined;
}

/** Of an authenticator app, in hexadecimal: 20 random bytes, and 12 to seal them with. */
export interface NewSecret extends TotpTerms {
  readonly secret: string;
  readonly nonce: string;
}

/** A secret, and where it belongs. */
export type NewApp = Pick<EnrolFactor, 'tenantId' | 'userId' | 'totp'> & {
  readonly factor: Pick<Factor, 'id'>;
};

export type EnrolOutcome =
  | {
      readonly kind: 'enrolled';
      readonly factor: ShownFactor;
      /** Of the code that was sent. */
      readonly verification?: Snapshot | undefined;
    }
  | { readonly kind: 'too-many-factors' }
  /** The recipient is that of an active factor already. */
  | { readonly kind: 'factor-exists'; readonly id: string }
  | NotCharged
  | NotFound;

export const enrolFactor: ChangeDecider<EnrolFactor, EnrolOutcome> = {
  find: ({ userId }) => ({ people: { users: [userId] } }),
  reads({ userId, factor, create }, found) {
    const users = { people: { users: [userId] } };
    if (create === undefined) return users;
    const earlier = found.factors(userId).find((one) => isReplaced(one, factor));
    const recipients = [create.requested.recipient];
    return { ...chargeReads(create.address), recipients, ...sentCodeReads(earlier), ...users };
  },
  decide(command, loaded, context) {
    const { tenantId, userId, factor: wanted, create } = command;
    const { nowMs, keys } = context;
    if (loaded.user(userId) === undefined) return { writes: {}, outcome: { kind: 'not-found' } };
    const all = loaded.factors(userId);
    const replaced = all.find((one) => isReplaced(one, wanted));
    const gone = all.filter((one) => one === replaced || isForgotten(one, nowMs));
    const kept = all.filter((one) => !gone.includes(one));
    const same = kept.find((one) => one.recipient !== undefined && isSame(one, wanted));
    if (same !== undefined) return { writes: {}, outcome: { kind: 'factor-exists', id: same.id } };
    if (kept.length >= factorsMax) return { writes: {}, outcome: { kind: 'too-many-factors' } };

    const pending: Factor = { ...wanted, tenantId, userId, status: 'pending', createdAtMs: nowMs };
    const factor = { ...pending, totp: sealedTotp(command, keys) };
    const sent = create && sendCode(factor, replaced, create, loaded, context);
    if (sent === 'stale') return 'stale';
    if (sent !== undefined && sent.kind !== 'sent') return { writes: {}, outcome: sent };
    const enrolled = sent?.factor ?? factor;
    return {
      ...sent?.decided,
      writes: {
        ...sent?.decided.writes,
        people: { factors: [enrolled], removedFactors: gone.map(({ id }) => ({ userId, id })) },
      },
      outcome: { kind: 'enrolled', factor: shownFactor(enrolled), verification: sent?.verification },
      change: { action: 'enrol-factor', target: `user ${userId}`, after: factorFacts(enrolled) },
    };
  },
};

const isSame = (one: Factor, other: Pick<Factor, 'kind' | 'recipient'>) =>
  one.kind === other.kind && one.recipient === other.recipient;

/** There is one enrolment at a time of an app, and one of each recipient. */
function isReplaced(one: Factor, by: Pick<Factor, 'kind' | 'recipient'>): boolean {
  return one.status === 'pending' && isSame(one, by);
}

/** What is kept of a new secret, sealed for its place. */
export function sealedTotp({ tenantId, userId, factor: { id }, totp }: NewApp, keys: KeyRings): Factor['totp'] {
  if (totp === undefined) return undefined;
  const { secret, nonce, ...terms } = totp;
  const plain = Buffer.from(secret, 'hex');
  const context = totpContext({ tenantId, userId, id });
  return { ...terms, secret: sealedSecret(plain, context, keys, Buffer.from(nonce, 'hex')) };
}

/** What the audit trail says of factors that guesses have disabled; nothing when there are none. */
export function disablingOf(userId: string, disabled: readonly Factor[]): Change | undefined {
  if (disabled.length === 0) return undefined;
  const factors = disabled.map((factor) => ({ ...factorFacts(factor), status: factor.status }));
  return { action: 'disable-factors', target: `user ${userId}`, after: { factors } };
}

/** What the audit trail says of a factor. */
export function factorFacts({ id, kind, recipient }: Pick<Factor, 'id' | 'kind' | 'recipient'>) {
  const named = recipient === undefined ? {} : { recipient: shownRecipient(recipient) };
  return { factor: id, kind, ...named };
}
