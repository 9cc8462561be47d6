import { challengedFactor, type FactorWish } from '../domain/factor.ts';
import type { Asked } from './asked.ts';
import type { ChallengeCheckOutcome } from './commands/check-challenge.ts';
import type { NotFound } from './commands/check-verification.ts';
import type { ChallengeOutcome, CreateChallenge } from './commands/create-challenge.ts';
import type { NoFactor } from './commands/generate-recovery-codes.ts';
import { type Answer, committing, repeating } from './committing.ts';
import type { Invalid, NotServed } from './create-request.ts';
import type { EngineOptions } from './engine.ts';
import { factorMessages, type MessageWish } from './factor-messages.ts';
import { uuidv7 } from './random.ts';
import type { QueueFull } from './send-backlog.ts';
import { type ShownChallenge, shownChallenge } from './shown-challenge.ts';
import { Unavailable } from './unavailable.ts';

export interface ChallengeRequest extends MessageWish, FactorWish {}

export type ChallengeAnswer = Exclude<ChallengeOutcome, { kind: 'moved' }> | Invalid | NotServed | QueueFull;

/** Requests to users to show a second factor. */
export type Challenges = ReturnType<typeof createChallenges>;

/** How often a message is worked out anew when the factors of the user change meanwhile. */
const triesMax = 3;

export function createChallenges(options: EngineOptions) {
  const { store, keys, random } = options;
  const { queries } = store;
  const commit = committing(options);
  const repeat = repeating(keys);
  const message = factorMessages(options);

  type Sending = Exclude<CreateChallenge['sending'], undefined>;

  /** @returns undefined where nothing is to be sent */
  async function sendingFor(
    asked: Asked,
    userId: string,
    request: ChallengeRequest,
  ): Promise<Sending | undefined | NotFound | NoFactor | Invalid | NotServed | QueueFull> {
    const { tenantId } = asked;
    const { factorId, ...wish } = request;
    if ((await queries.user(tenantId, userId)) === undefined) return { kind: 'not-found' };
    const factor = challengedFactor(await queries.factors(tenantId, userId), request);
    if (factor === undefined) return { kind: 'no-factor' };
    const { id, kind, recipient } = factor;
    if (kind === 'totp' || recipient === undefined) return undefined;
    const create = await message(asked, { ...wish, kind, recipient });
    return create.kind === 'create' ? { factorId: id, create } : create;
  }

  return {
    /**
     * Asks for a second factor, and sends a code where the factor needs one.
     * @throws Unavailable when the user's factors change all the time
     */
    async create(asked: Asked, userId: string, request: ChallengeRequest): Promise<Answer<ChallengeAnswer>> {
      const { tenantId, idempotencyKey } = asked;
      const { factorId, channel } = request;
      const idempotency = repeat(asked, 'create-challenge', idempotencyKey, { userId, ...request });
      for (let run = 0; run < triesMax; run++) {
        const sending = await sendingFor(asked, userId, request);
        if (sending !== undefined && 'kind' in sending) return { outcome: sending, replayed: false };
        const id = uuidv7(store.clock().nowMs, random);
        const wish = { factorId, channel };
        const { outcome, replayed } = await commit<ChallengeOutcome>(
          { kind: 'create-challenge', tenantId, userId, id, wish, sending, idempotency },
          'create',
        );
        if (outcome.kind !== 'moved') return { outcome, replayed };
      }
      throw new Unavailable('overloaded', 1);
    },

    /** One code: of any active factor of the user, or a recovery code. */
    check(
      asked: Asked,
      userId: string,
      challengeId: string,
      { code }: { readonly code: string },
    ): Promise<Answer<ChallengeCheckOutcome>> {
      const { tenantId, by, idempotencyKey } = asked;
      const idempotency = repeat(asked, 'check-challenge', idempotencyKey, { userId, challengeId, code });
      return commit({ kind: 'check-challenge', tenantId, by, userId, challengeId, code, idempotency }, 'check');
    },

    async get(
      tenantId: string,
      userId: string,
      challengeId: string,
    ): Promise<{ readonly kind: 'challenge'; readonly challenge: ShownChallenge } | NotFound> {
      const challenge = await queries.challenge(tenantId, challengeId);
      if (challenge?.userId !== userId) return { kind: 'not-found' };
      return { kind: 'challenge', challenge: shownChallenge(challenge, store.clock().nowMs) };
    },
  };
}
