import { type Actor, type AuditEntry, type AuditHead, auditHash, noHash } from './audit.ts';
import type { CommandBase, Decided, Decider } from './command.ts';

/** What every administrative command says besides. */
export interface Attributed extends CommandBase {
  readonly by: Actor;
}

/** An administrative change in the words of the audit trail. No secret stands in it. */
export interface Change {
  readonly action: string;
  readonly target: string;
  /** What the change touched, as it was and as it is from now on; absent where there is nothing. */
  readonly before?: unknown;
  readonly after?: unknown;
}

/** A decider that tells what it changed. What changed nothing tells nothing. */
export interface ChangeDecider<C extends Attributed, Outcome>
  extends Pick<Decider<C, Outcome>, 'find' | 'findNext' | 'reads'> {
  decide(
    ...args: Parameters<Decider<C, Outcome>['decide']>
  ): (Decided<Outcome> & { readonly change?: Change | undefined }) | 'stale';
}

/** Writes down what a decider changed, in the same commit: the one is not without the other. */
export function audited<C extends Attributed, Outcome>(decider: ChangeDecider<C, Outcome>): Decider<C, Outcome> {
  return {
    ...(decider.find === undefined ? {} : { find: decider.find }),
    ...(decider.findNext === undefined ? {} : { findNext: decider.findNext }),
    reads: (command, found) => ({ ...decider.reads(command, found), auditHead: true }),
    decide(command, loaded, context) {
      const decided = decider.decide(command, loaded, context);
      if (decided === 'stale' || decided.change === undefined) return decided;
      const { change, ...rest } = decided;
      const { tenantId, by } = command;
      const entry = entryOf({ tenantId, by, change, atMs: context.nowMs }, loaded.auditHead());
      const auditHead = headAfter(entry, loaded.auditHead());
      return { ...rest, writes: { ...rest.writes, audit: [entry], auditHead } };
    },
  };
}

function entryOf(
  { tenantId, by, change, atMs }: { tenantId: string; by: Actor; change: Change; atMs: number },
  head: AuditHead | undefined,
): AuditEntry {
  const entry = {
    tenantId,
    number: (head?.number ?? 0) + 1,
    atMs,
    actor: by.name,
    action: change.action,
    target: change.target,
    before: JSON.stringify(change.before ?? null),
    after: JSON.stringify(change.after ?? null),
    address: by.address,
    requestId: by.requestId,
    previousHash: head?.hash ?? noHash,
  };
  return { ...entry, hash: auditHash(entry) };
}

function headAfter({ tenantId, number, hash }: AuditEntry, head: AuditHead | undefined): AuditHead {
  const { firstNumber = 1, firstPreviousHash = noHash } = head ?? {};
  return { tenantId, number, hash, firstNumber, firstPreviousHash };
}
