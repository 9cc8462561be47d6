import type { Channel } from '../domain/channel.ts';
import { type CodeSpelling, canonicalCode, typedCode } from '../domain/code.ts';
import { noPrices, type PriceTable } from '../domain/price.ts';
import { isProblem } from '../domain/recipient.ts';
import type { Send } from '../domain/send.ts';
import { type TimelineEntry, unpackTimeline } from '../domain/timeline.ts';
import { codeSource, type VerificationStatus } from '../domain/verification.ts';
import { type Balance, balanceOf } from './balance.ts';
import type { Caller } from './caller.ts';
import { type CodeChecks, codeChecks } from './code-checks.ts';
import { type CodeTaken, widerLookup } from './code-lookup.ts';
import type { CancelAnswer } from './commands/cancel-verification.ts';
import type { CheckAnswer, NotFound } from './commands/check-verification.ts';
import type { CreateOutcome } from './commands/create-verification.ts';
import type { FeedbackOutcome } from './commands/record-feedback.ts';
import type { ResendOutcome } from './commands/resend-verification.ts';
import type { Committer } from './committer.ts';
import { type Answer, committing, type Repeatable, repeating } from './committing.ts';
import { type Invalid, type NotServed, requestedVerification, type VerificationRequest } from './create-request.ts';
import { createCommand, understood } from './create-wishes.ts';
import type { Delivery } from './delivery.ts';
import type { Directory } from './directory.ts';
import { type FeedbackRequest, recordFeedback } from './feedback.ts';
import { type Followed, follow } from './followed.ts';
import type { KeySource } from './key-source.ts';
import { LiveCodes } from './live-codes.ts';
import { nextPriceMicros } from './priced.ts';
import type { Routes } from './provider.ts';
import { type Random, uuidv7 } from './random.ts';
import { recipientReader } from './recipient-reader.ts';
import { resendRoute } from './resend-request.ts';
import type { QueueFull, SendBacklog } from './send-backlog.ts';
import { carrierAfter } from './send-carrier.ts';
import { type Snapshot, snapshotOf } from './snapshot.ts';
import type { Store } from './store.ts';
import { defaultService } from './tenancy.ts';

export interface ResendRequest extends Repeatable {
  readonly channel?: Channel | undefined;
  readonly newCode?: boolean | undefined;
  /** By the channel that the service lists for this message, if it lists one. */
  readonly asServiceLists?: true | undefined;
}

export interface CheckRequest extends Repeatable {
  readonly code: string;
  readonly spelling?: CodeSpelling | undefined;
}

export interface RecipientCheck extends Repeatable {
  readonly recipient: string;
  readonly country?: string | undefined;
  readonly service?: string | undefined;
  readonly reference?: string | undefined;
  readonly code: string;
}

export interface ListRequest {
  readonly recipient?: string | undefined;
  readonly country?: string | undefined;
  readonly status?: VerificationStatus | undefined;
  readonly before?: string | undefined;
  readonly limit: number;
}

export interface VerificationDetails {
  readonly kind: 'found';
  readonly verification: Snapshot;
  readonly timeline: readonly TimelineEntry[];
  readonly sends: readonly Send[];
  /** Of one whose face follows it. */
  readonly followed?: Followed | undefined;
}

/** Everything a face may ask for. */
export interface Engine extends CodeChecks {
  createVerification(
    caller: Caller,
    request: VerificationRequest & Repeatable,
  ): Promise<Answer<CreateOutcome | NotServed | Invalid | QueueFull>>;
  /** Why a request comes to nothing whatever else it says; for a vendor who looks at the recipient first. Sends nothing. */
  refusalOf(caller: Caller, request: VerificationRequest): Promise<Invalid | NotServed | undefined>;
  checkVerification(caller: Caller, id: string, request: CheckRequest): Promise<Answer<CheckAnswer | Invalid>>;
  checkRecipient(caller: Caller, request: RecipientCheck): Promise<Answer<CheckAnswer | Invalid>>;
  resendVerification(
    caller: Caller,
    id: string,
    request: ResendRequest,
  ): Promise<Answer<ResendOutcome | NotServed | Invalid | QueueFull>>;
  cancelVerification(caller: Caller, id: string, request: Repeatable): Promise<Answer<CancelAnswer>>;
  recordFeedback(caller: Caller, request: FeedbackRequest): Promise<FeedbackOutcome | Invalid>;
  verification(caller: Caller, id: string): Promise<VerificationDetails | NotFound>;
  verifications(caller: Caller, request: ListRequest): Promise<ListAnswer | Invalid>;
  balance(caller: Caller): Promise<Balance>;
}

export interface ListAnswer {
  readonly kind: 'page';
  readonly verifications: readonly Snapshot[];
  readonly nextBefore?: string | undefined;
}

export interface EngineOptions {
  readonly store: Store;
  readonly committer: Committer;
  readonly delivery: Delivery;
  readonly directory: Directory;
  readonly keys: KeySource;
  readonly random: Random;
  readonly routes: Routes;
  /** Development mode: fictitious numbers pass. */
  readonly fictitious: boolean;
  /** What messages cost; nothing when absent. */
  readonly prices?: PriceTable | undefined;
  /** Bounds the messages that wait; without it they are not counted. */
  readonly backlog?: SendBacklog | undefined;
}

const badCode: Invalid = { kind: 'invalid', field: 'code', remedy: 'must be 4 to 10 letters or digits' };

/** Puts the use-cases together: each translates a request to one command, or to reads. */
export function createEngine(options: EngineOptions): Engine {
  const { store, delivery, directory, random, keys, fictitious, backlog, prices = noPrices } = options;
  const seen = ({ face, seesAllFaces }: Caller) => (seesAllFaces ? undefined : face);

  const commit = committing(options);
  const idempotency = repeating(keys);

  /** Of a create: what it says is told apart from its key only where there is one. */
  const createIdempotency = (caller: Caller, request: VerificationRequest & Repeatable) => {
    if (request.idempotencyKey === undefined) return undefined;
    const { idempotencyKey, ...said } = request;
    return idempotency(caller, 'create', idempotencyKey, said);
  };

  const refuse = <Refused extends Invalid | NotServed | QueueFull>(outcome: Refused) => ({
    outcome,
    replayed: false,
  });

  /** Who is to carry a message: this process, or, when it has enough to do, any. */
  const ownerFor = (tenantId: string): string | undefined => {
    const epoch = delivery.epochFor(tenantId);
    if (epoch === undefined) backlog?.added(tenantId);
    return epoch;
  };

  const liveCodes = new LiveCodes(store);
  const recipientMeant = recipientReader({ directory, queries: store.queries, fictitious });

  return {
    async createVerification(caller, request) {
      const { tenantId } = caller;
      const full = backlog?.refusal(tenantId);
      if (full !== undefined) return refuse(full);
      const service = await directory.service(tenantId, request.service ?? defaultService);
      const { nowMs } = store.clock();
      const asked = request.wishes?.byCodeAlone ? await liveCodes.withLength(request, tenantId, service) : request;
      const made = requestedVerification({
        caller,
        request: asked,
        service,
        options,
        id: uuidv7(nowMs, random),
        nowMs,
      });
      if ('kind' in made) return refuse(made);
      const wished = understood(request.wishes, made, service, options);
      const own = { idempotency: createIdempotency(caller, request), epoch: ownerFor(tenantId) };
      const command = createCommand(made, wished, own);
      const { outcome, replayed } = await commit<CreateOutcome | CodeTaken>(command, 'create');
      if (outcome.kind !== 'code-taken') return { outcome, replayed };
      return commit({ ...command, lookup: widerLookup(codeSource(made.requested), keys.current()) }, 'create');
    },

    async refusalOf(caller, request) {
      const service = await directory.service(caller.tenantId, request.service ?? defaultService);
      const { nowMs } = store.clock();
      const made = requestedVerification({ caller, request, service, options, id: uuidv7(nowMs, random), nowMs });
      return 'kind' in made ? made : undefined;
    },

    async checkVerification(caller, verificationId, { code: typed, spelling, idempotencyKey }) {
      const code = typedCode(typed, spelling);
      if (code === undefined) return refuse(badCode);
      const { tenantId } = caller;
      const again = idempotency(caller, 'check', idempotencyKey, { verificationId, code });
      return commit({ kind: 'check', tenantId, verificationId, code, face: seen(caller), idempotency: again }, 'check');
    },

    async checkRecipient(caller, { idempotencyKey, ...request }) {
      const code = canonicalCode(request.code);
      if (code === undefined) return refuse(badCode);
      const { tenantId } = caller;
      const { service = defaultService, reference } = request;
      const parsed = await recipientMeant(tenantId, { ...request, service });
      if (isProblem(parsed)) return refuse({ kind: 'invalid', ...parsed });
      const again = idempotency(caller, 'check-recipient', idempotencyKey, { ...request, code });
      const face = seen(caller);
      return commit(
        {
          kind: 'check-recipient',
          tenantId,
          recipient: parsed.value,
          service,
          reference,
          code,
          face,
          idempotency: again,
        },
        'check',
      );
    },

    ...codeChecks(options),

    async resendVerification(caller, verificationId, { idempotencyKey, ...request }) {
      const { tenantId } = caller;
      const full = backlog?.refusal(tenantId);
      if (full !== undefined) return refuse(full);
      const current = await store.queries.verification(tenantId, verificationId);
      const service = current && (await directory.service(tenantId, current.service));
      const face = seen(caller);
      if (current === undefined || service === undefined || (face !== undefined && current.face !== face)) {
        return { outcome: { kind: 'not-found' }, replayed: false };
      }
      const route = resendRoute(current, service, request, options.routes);
      if ('kind' in route) return refuse(route);
      const { nowMs } = store.clock();
      const { channel } = carrierAfter(current.sendsUsed, route);
      const priceMicros = nextPriceMicros(current, channel, service, { prices, nowMs });
      const newCode = request.newCode ? { keyId: keys.current().pepper.activeId, salt: random.hex(16) } : undefined;
      const again = idempotency(caller, 'resend', idempotencyKey, { verificationId, ...request });
      const epoch = ownerFor(tenantId);
      return commit(
        { kind: 'resend', tenantId, verificationId, ...route, newCode, priceMicros, epoch, face, idempotency: again },
        'change',
      );
    },

    cancelVerification(caller, verificationId, { idempotencyKey }) {
      const { tenantId } = caller;
      const again = idempotency(caller, 'cancel', idempotencyKey, { verificationId });
      return commit({ kind: 'cancel', tenantId, verificationId, face: seen(caller), idempotency: again }, 'change');
    },

    async verification(caller, id) {
      const current = await store.queries.verification(caller.tenantId, id);
      const face = seen(caller);
      if (current === undefined || (face !== undefined && current.face !== face)) return { kind: 'not-found' };
      const sends = await store.queries.sends(caller.tenantId, id);
      const verification = snapshotOf(current, store.clock().nowMs);
      const followed = await follow(directory, current, sends);
      return { kind: 'found', verification, timeline: unpackTimeline(current.timeline), sends, followed };
    },

    balance: ({ tenantId }) => balanceOf(store.queries, prices, tenantId),

    recordFeedback: (caller, request) => recordFeedback(options, caller, request),

    async verifications(caller, { recipient, country, ...request }) {
      const { tenantId } = caller;
      const parsed = recipient === undefined ? undefined : await recipientMeant(tenantId, { recipient, country });
      if (parsed !== undefined && isProblem(parsed)) return { kind: 'invalid', ...parsed };
      const filter = { ...request, tenantId, recipient: parsed?.value, face: seen(caller) };
      const { rows, nextBefore } = await store.queries.verifications(filter);
      const { nowMs } = store.clock();
      return { kind: 'page', verifications: rows.map((row) => snapshotOf(row, nowMs)), nextBefore };
    },
  };
}
