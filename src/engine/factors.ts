import { defaultTotp, type FactorKind, type TotpAlgorithm } from '../domain/factor.ts';
import { base32, otpauthUri, totpSecretBytes } from '../domain/totp.ts';
import type { User } from '../domain/user.ts';
import type { AlreadyDone } from './administration.ts';
import type { Asked } from './asked.ts';
import type { ActivateOutcome } from './commands/activate-factor.ts';
import type { NotFound } from './commands/check-verification.ts';
import type { EnrolOutcome } from './commands/enrol-factor.ts';
import type { RemoveOutcome } from './commands/remove-factor.ts';
import type { SendCodeOutcome } from './commands/send-factor-code.ts';
import { type Answer, committing, repeating } from './committing.ts';
import type { Invalid, NotServed } from './create-request.ts';
import type { EngineOptions } from './engine.ts';
import { factorMessages, type MessageWish } from './factor-messages.ts';
import { uuidv7 } from './random.ts';
import type { QueueFull } from './send-backlog.ts';
import { currentFactor, currentFactors, type ShownFactor, shownFactor, type TotpTerms } from './shown-factor.ts';
import { defaultService } from './tenancy.ts';

export interface EnrolRequest extends MessageWish {
  readonly kind: FactorKind;
  readonly name?: string | undefined;
  /** Of `sms` and `email`; the user's own number or address when absent. */
  readonly recipient?: string | undefined;
  readonly country?: string | undefined;
  /** Of `totp`: SHA1, six digits and one step either side when absent. */
  readonly algorithm?: TotpAlgorithm | undefined;
  readonly digits?: number | undefined;
  readonly drift?: number | undefined;
}

/** What an authenticator app is to be given. It is shown once. */
export interface AppSecret {
  /** In base 32, for who types it in. */
  readonly secret: string;
  readonly uri: string;
}

type Enrolled = EnrolOutcome & { readonly app?: AppSecret | undefined };
export type EnrolAnswer = Enrolled | AlreadyDone | Invalid | NotServed | QueueFull;
export type SendCodeAnswer = SendCodeOutcome | Invalid | NotServed | QueueFull;

export interface FactorsOptions extends EngineOptions {
  /** What authenticator apps show above a code where the service has no brand. */
  readonly issuer: string;
}

/** Factors of users: what is enrolled to them, and by what code it becomes active. */
export type Factors = ReturnType<typeof createFactors>;

export function createFactors(options: FactorsOptions) {
  const { store, directory, keys, random, issuer } = options;
  const { queries } = store;
  const commit = committing(options);
  const repeat = repeating(keys);
  const message = factorMessages(options);
  const nowMs = () => store.clock().nowMs;

  const outcome = <Kind extends { readonly kind: string }>(refusal: Kind) => ({ outcome: refusal, replayed: false });

  async function enrolApp(asked: Asked, user: User, request: EnrolRequest): Promise<Answer<EnrolAnswer>> {
    const { tenantId, by } = asked;
    if (request.recipient !== undefined) return outcome(noRecipient);
    const service = await directory.service(tenantId, request.service ?? defaultService);
    if (service === undefined) return outcome(noService);
    const { name } = request;
    const { algorithm = defaultTotp.algorithm, digits = defaultTotp.digits, drift = defaultTotp.drift } = request;
    const terms: TotpTerms = { algorithm, digits, drift };
    const secret = random.hex(totpSecretBytes);
    const answer = await commit<EnrolOutcome>(
      {
        kind: 'enrol-factor',
        ...{ tenantId, by },
        userId: user.id,
        factor: { id: uuidv7(nowMs(), random), kind: 'totp', name },
        totp: { ...terms, secret, nonce: random.hex(12) },
        idempotency: repeat(asked, 'enrol-factor', asked.idempotencyKey, { userId: user.id, ...request }),
      },
      'change',
    );
    if (answer.outcome.kind !== 'enrolled') return answer;
    if (answer.replayed) return outcome({ kind: 'already-done', id: answer.outcome.factor.id });
    const bytes = Buffer.from(secret, 'hex');
    const shown = { issuer: service.brand === '' ? issuer : service.brand, account: accountOf(user) };
    const app = { secret: base32(bytes), uri: otpauthUri(bytes, terms, shown) };
    return { ...answer, outcome: { ...answer.outcome, app } };
  }

  async function enrolRecipient(asked: Asked, user: User, request: EnrolRequest): Promise<Answer<EnrolAnswer>> {
    const { tenantId, by } = asked;
    const { name, algorithm, digits, drift, ...wish } = request;
    const kind = request.kind === 'email' ? 'email' : 'sms';
    for (const [field, value] of Object.entries({ algorithm, digits, drift })) {
      if (value !== undefined) return outcome({ kind: 'invalid', field, remedy: 'is of an authenticator app alone' });
    }
    const own = kind === 'email' ? user.email : user.phoneNumber;
    const recipient = request.recipient ?? own;
    if (recipient === undefined) return outcome(ownRecipient[kind]);
    const create = await message(asked, { ...wish, kind, recipient });
    if (create.kind !== 'create') return outcome(create);
    return commit<EnrolOutcome>(
      {
        kind: 'enrol-factor',
        ...{ tenantId, by },
        userId: user.id,
        factor: { id: uuidv7(nowMs(), random), kind, name, recipient: create.requested.recipient },
        create,
        idempotency: repeat(asked, 'enrol-factor', asked.idempotencyKey, { userId: user.id, ...request }),
      },
      'create',
    );
  }

  return {
    /** A new factor: of an app, its secret comes with the answer; of a recipient, a code is sent to it at once. */
    async enrol(asked: Asked, userId: string, request: EnrolRequest): Promise<Answer<EnrolAnswer>> {
      const user = await queries.user(asked.tenantId, userId);
      if (user === undefined) return outcome({ kind: 'not-found' });
      return request.kind === 'totp' ? enrolApp(asked, user, request) : enrolRecipient(asked, user, request);
    },

    /** Another code for a pending factor, in the place of the one before. */
    async sendCode(
      asked: Asked,
      userId: string,
      factorId: string,
      request: MessageWish,
    ): Promise<Answer<SendCodeAnswer>> {
      const { tenantId } = asked;
      const factor = currentFactor(await queries.factors(tenantId, userId), factorId, nowMs());
      if (factor === undefined) return outcome({ kind: 'not-found' });
      const { kind, recipient } = factor;
      if (kind === 'totp' || recipient === undefined) return outcome(noMessages);
      const create = await message(asked, { ...request, kind, recipient });
      if (create.kind !== 'create') return outcome(create);
      const said = { userId, factorId, ...request };
      const idempotency = repeat(asked, 'send-factor-code', asked.idempotencyKey, said);
      return commit<SendCodeOutcome>(
        { kind: 'send-factor-code', tenantId, userId, factorId, create, idempotency },
        'create',
      );
    },

    /** A first code of a pending factor: when it is right, the factor is active from then on. */
    activate(
      asked: Asked,
      userId: string,
      factorId: string,
      { code }: { readonly code: string },
    ): Promise<Answer<ActivateOutcome>> {
      const { tenantId, by } = asked;
      const idempotency = repeat(asked, 'activate-factor', asked.idempotencyKey, { userId, factorId, code });
      return commit({ kind: 'activate-factor', tenantId, by, userId, factorId, code, idempotency }, 'check');
    },

    async remove({ tenantId, by }: Asked, userId: string, factorId: string): Promise<RemoveOutcome> {
      const answer = await commit<RemoveOutcome>({ kind: 'remove-factor', tenantId, by, userId, factorId }, 'change');
      return answer.outcome as RemoveOutcome;
    },

    /** Oldest first. */
    async list(
      tenantId: string,
      userId: string,
    ): Promise<{ readonly kind: 'factors'; readonly factors: readonly ShownFactor[] } | NotFound> {
      if ((await queries.user(tenantId, userId)) === undefined) return { kind: 'not-found' };
      const factors = currentFactors(await queries.factors(tenantId, userId), nowMs()).map(shownFactor);
      return { kind: 'factors', factors };
    },

    async get(
      tenantId: string,
      userId: string,
      factorId: string,
    ): Promise<{ readonly kind: 'factor'; readonly factor: ShownFactor } | NotFound> {
      const factor = currentFactor(await queries.factors(tenantId, userId), factorId, nowMs());
      return factor === undefined ? { kind: 'not-found' } : { kind: 'factor', factor: shownFactor(factor) };
    },
  };
}

const invalid = (field: string, remedy: string): Invalid => ({ kind: 'invalid', field, remedy });
const noRecipient = invalid('recipient', 'is of messages alone; leave it out for an authenticator app');
const noService = invalid('service', 'names no service of this tenant; leave it out for the default');
const noMessages = invalid('factorId', 'is of an authenticator app, which is sent nothing');
const ownRecipient = {
  sms: invalid('recipient', 'is needed, as the user has no phone number'),
  email: invalid('recipient', 'is needed, as the user has no e-mail address'),
} as const;

/** An app has a line for it, and a QR code holds no more than a few of them. */
const accountMax = 64;

/** As whom an app shows the codes of a user. */
function accountOf({ email, reference, phoneNumber, id }: User): string {
  const name = email ?? reference ?? phoneNumber ?? id;
  // No half of a character stays behind: a URI cannot hold one.
  return [...Buffer.from(name, 'utf8').toString('utf8')].slice(0, accountMax).join('');
}
