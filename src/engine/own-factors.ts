import { digest } from '../domain/bytes.ts';
import type { FactorKind } from '../domain/factor.ts';
import { recoveryBytes } from '../domain/recovery-codes.ts';
import { sessionTokenOf } from '../domain/session-token.ts';
import { otpauthUri, totpSecretBytes } from '../domain/totp.ts';
import type { User } from '../domain/user.ts';
import type { NotFound } from './commands/check-verification.ts';
import type { DisableOwnOutcome } from './commands/disable-own.ts';
import type { AlreadyEnabled, EnableOwnOutcome } from './commands/enable-own.ts';
import type { OwnCodesOutcome } from './commands/own-recovery-codes.ts';
import type { VerifyOwnOutcome } from './commands/verify-own.ts';
import { type OwnCodeSent, ownCodeSender } from './own-code.ts';
import { isEnrolled, type OwnCaller, type OwnKind } from './own-user.ts';
import type { PeopleOptions } from './people-options.ts';
import { uuidv7 } from './random.ts';

/** What is handed in for a kind of second factor. */
export interface OwnProof {
  readonly kind: OwnKind;
  /** As it came in; absent or empty when nothing came. */
  readonly code?: string | undefined;
}

export type OwnApp = { readonly kind: 'enrolled'; readonly uri: string } | AlreadyEnabled | NotFound;
export type OwnSession =
  | { readonly kind: 'opened'; readonly token: string }
  | Exclude<VerifyOwnOutcome, { readonly kind: 'opened' }>;

/** What a user does about its own second factor, with a token of its own. There is one second factor at a time. */
export interface OwnFactors {
  /** What is enabled now; undefined when nothing is. An e-mail address comes last: users enable none themselves. */
  enabledOf(user: Pick<User, 'tenantId' | 'id'>): Promise<FactorKind | undefined>;
  /** By SMS, in the place of a code that is pending. */
  sendCode(caller: OwnCaller): Promise<OwnCodeSent>;
  /** @param issuer - what the app shows above the code */
  enrolApp(caller: OwnCaller, issuer: string): Promise<OwnApp>;
  enable(caller: OwnCaller, proof: OwnProof): Promise<EnableOwnOutcome>;
  disable(caller: OwnCaller, proof: OwnProof): Promise<DisableOwnOutcome>;
  /** Opens a session for a second factor. @param code - as it came in */
  verify(caller: OwnCaller, code: string): Promise<OwnSession>;
  recoveryCodes(caller: OwnCaller): Promise<OwnCodesOutcome>;
  renewRecoveryCodes(caller: OwnCaller): Promise<OwnCodesOutcome>;
}

/** What every authenticator app understands: many pass over what the URI says. */
const appTerms = { algorithm: 'SHA1', digits: 6, drift: 1 } as const;

export function createOwnFactors(options: PeopleOptions): OwnFactors {
  const { store, committer, random, sessions: policy } = options;
  const freshId = () => uuidv7(store.clock().nowMs, random);
  const drawn = () => ({ codes: random.hex(recoveryBytes('shown')), nonce: random.hex(12) });
  const own = ({ tenantId, userId, by }: OwnCaller) => ({ tenantId, userId, by });

  return {
    async enabledOf({ tenantId, id }) {
      const enrolled = (await store.queries.factors(tenantId, id)).filter(isEnrolled);
      return (enrolled.find(({ kind }) => kind !== 'email') ?? enrolled[0])?.kind;
    },

    sendCode: ownCodeSender(options),

    async enrolApp(caller, issuer) {
      const user = await store.queries.user(caller.tenantId, caller.userId);
      if (user === undefined) return { kind: 'not-found' };
      const secret = random.hex(totpSecretBytes);
      const totp = { ...appTerms, secret, nonce: random.hex(12) };
      const command = { kind: 'enrol-own-app', ...own(caller), factor: { id: freshId() }, totp } as const;
      const { outcome } = await committer.commit(command, 'change');
      if (outcome.kind !== 'enrolled') return outcome;
      const account = user.email ?? user.reference ?? user.id;
      return { ...outcome, uri: otpauthUri(Buffer.from(secret, 'hex'), appTerms, { issuer, account }) };
    },

    async enable(caller, { kind: factorKind, code }) {
      const command = { kind: 'enable-own', ...own(caller), factorKind, code: given(code), drawn: drawn() } as const;
      return (await committer.commit(command, 'check')).outcome;
    },

    async disable(caller, { kind: factorKind, code }) {
      const command = { kind: 'disable-own', ...own(caller), factorKind, code: given(code) } as const;
      return (await committer.commit(command, 'check')).outcome;
    },

    async verify(caller, code) {
      const { sessionId, face } = caller;
      const id = freshId();
      const token = sessionTokenOf(id, random.hex(32));
      const opened = { id, hash: digest(token).toString('hex'), face };
      const command = { kind: 'verify-own', ...own(caller), sessionId, code, opened, policy } as const;
      const { outcome } = await committer.commit(command, 'check');
      return outcome.kind === 'opened' ? { ...outcome, token } : outcome;
    },

    async recoveryCodes(caller) {
      return (await committer.commit({ kind: 'read-own-codes', ...own(caller) }, 'change')).outcome;
    },

    async renewRecoveryCodes(caller) {
      const command = { kind: 'renew-own-codes', ...own(caller), drawn: drawn() } as const;
      return (await committer.commit(command, 'change')).outcome;
    },
  };
}

function given(code: string | undefined): string | undefined {
  return code?.trim() === '' ? undefined : code;
}
