import type { SendOwnCodeOutcome } from './commands/send-own-code.ts';
import type { Invalid, NotServed } from './create-request.ts';
import { factorMessages } from './factor-messages.ts';
import { numberOf, type OwnCaller } from './own-user.ts';
import type { PeopleOptions } from './people-options.ts';
import { uuidv7 } from './random.ts';
import type { QueueFull } from './send-backlog.ts';
import { Unavailable } from './unavailable.ts';

export type OwnCodeSent = Exclude<SendOwnCodeOutcome, { kind: 'moved' }> | NotServed | Invalid | QueueFull;

const code = { kind: 'sms', ttlSeconds: 600, maxAttempts: 5 } as const;
/** How often a code is begun anew because the number changed meanwhile. */
const runsMax = 3;

/**
 * Whom the creates of end users are counted for: there is no address to go by, and whoever may change the number of a user
 * must not have messages sent to one after the other.
 */
const addressOf = ({ userId }: OwnCaller) => `user ${userId}`;

/** Sends a user a code by SMS. @throws Unavailable when its number changes again and again meanwhile */
export function ownCodeSender(options: PeopleOptions): (caller: OwnCaller) => Promise<OwnCodeSent> {
  const { store, committer, random, delivery } = options;
  const workOut = factorMessages(options);

  return async (caller) => {
    const { tenantId, userId, by } = caller;
    for (let run = 0; run < runsMax; run++) {
      const user = await store.queries.user(tenantId, userId);
      if (user === undefined) return { kind: 'not-found' };
      const recipient = numberOf(user, await store.queries.factors(tenantId, userId));
      if (recipient === undefined) return { kind: 'no-number' };
      const create = await workOut(caller, { ...code, recipient, address: addressOf(caller) });
      if (create.kind !== 'create') return create;
      const factorId = uuidv7(store.clock().nowMs, random);
      const send = { kind: 'send-own-code', tenantId, userId, by, create, factorId } as const;
      const { outcome, job } = await committer.commit(send, 'create');
      if (job !== undefined) delivery.carry(job);
      if (outcome.kind !== 'moved') return outcome;
    }
    throw new Unavailable('overloaded');
  };
}
