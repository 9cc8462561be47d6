import type { SendOwnCodeOutcome } from './commands/send-own-code.ts';
import { type Invalid, type NotServed, requestedVerification } from './create-request.ts';
import { numberOf, type OwnCaller } from './own-user.ts';
import type { PeopleOptions } from './people-options.ts';
import { uuidv7 } from './random.ts';
import type { QueueFull } from './send-backlog.ts';
import { defaultService } from './tenancy.ts';
import { Unavailable } from './unavailable.ts';

export type OwnCodeSent = Exclude<SendOwnCodeOutcome, { kind: 'moved' }> | NotServed | Invalid | QueueFull;

const terms = { channel: 'sms', ttlSeconds: 600, maxAttempts: 5 } as const;
/** How often a code is begun anew because the number changed meanwhile. */
const runsMax = 3;

/** Sends a user a code by SMS. @throws Unavailable when its number changes again and again meanwhile */
export function ownCodeSender(options: PeopleOptions): (caller: OwnCaller) => Promise<OwnCodeSent> {
  const { store, committer, directory, random, delivery, backlog } = options;
  const freshId = () => uuidv7(store.clock().nowMs, random);

  return async ({ tenantId, userId, face, by }) => {
    const full = backlog?.refusal(tenantId);
    if (full !== undefined) return full;
    const service = await directory.service(tenantId, defaultService);
    for (let run = 0; run < runsMax; run++) {
      const user = await store.queries.user(tenantId, userId);
      if (user === undefined) return { kind: 'not-found' };
      const recipient = numberOf(user, await store.queries.factors(tenantId, userId));
      if (recipient === undefined) return { kind: 'no-number' };
      const asked = { caller: { tenantId, face, seesAllFaces: false }, request: { recipient, ...terms } };
      const { nowMs } = store.clock();
      const made = requestedVerification({ ...asked, service, options, id: freshId(), nowMs });
      if ('kind' in made) return made;
      const epoch = delivery.epochFor(tenantId);
      if (epoch === undefined) backlog?.added(tenantId);
      const create = { kind: 'create', tenantId, whilePending: 'separate', epoch, ...made } as const;
      const factorId = freshId();
      const send = { kind: 'send-own-code', tenantId, userId, by, create, factorId } as const;
      const { outcome, job } = await committer.commit(send, 'create');
      if (job !== undefined) delivery.carry(job);
      if (outcome.kind !== 'moved') return outcome;
    }
    throw new Unavailable('overloaded');
  };
}
