import type { Caller } from './caller.ts';
import type { Committer, Urgency } from './committer.ts';
import type { Command } from './deciders.ts';
import type { Delivery } from './delivery.ts';
import { type Idempotency, type IdempotencyMismatch, idempotencyOf, isReplay, type Replayed } from './idempotency.ts';
import type { KeySource } from './key-source.ts';

/** What may come with every request that changes something. */
export interface Repeatable {
  readonly idempotencyKey?: string | undefined;
}

/** An outcome, and whether it is that of an earlier request with the same idempotency key. */
export interface Answer<Outcome> {
  readonly outcome: Outcome | IdempotencyMismatch;
  readonly replayed: boolean;
}

/** Commits one command of a use-case; a message that comes of it is on its way then. */
export type Commit = <Outcome>(command: Command, urgency: Urgency) => Promise<Answer<Outcome>>;

export function committing({ committer, delivery }: { committer: Committer; delivery: Delivery }): Commit {
  return async <Outcome>(command: Command, urgency: Urgency) => {
    const { outcome, job } = await committer.commit(command, urgency);
    if (job !== undefined) delivery.carry(job);
    const answer = outcome as Outcome | IdempotencyMismatch | Replayed<Outcome>;
    return isReplay(answer) ? { outcome: answer.outcome, replayed: true } : { outcome: answer, replayed: false };
  };
}

/** Names a request that a caller may send twice; undefined without a key. */
export type Repeat = (
  caller: Pick<Caller, 'tenantId' | 'face'>,
  operation: string,
  key: string | undefined,
  request: unknown,
) => Idempotency | undefined;

export function repeating(keys: KeySource): Repeat {
  return (caller, operation, key, request) =>
    key === undefined ? undefined : idempotencyOf(keys.current(), caller, operation, key, request);
}
