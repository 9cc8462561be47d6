import { afterTry, dropped, handedBack, type Send, type SendStatus, type TryResult } from '../../domain/send.ts';
import { givenBack } from '../charge.ts';
import type { CommandBase, Decider, SendKey } from '../command.ts';

/** Records what became of a try. Taken only from the process and for the try that the row names. */
export interface SettleSend extends CommandBase {
  readonly kind: 'settle-send';
  readonly key: SendKey;
  readonly epoch: string;
  readonly tries: number;
  /** Not submitted: `ended` because its verification had, `stopped` because this process stops. */
  readonly result: TryResult | { readonly kind: 'ended' } | { readonly kind: 'stopped' };
  readonly backoffMs: number;
  readonly deduplicates: boolean;
}

export type SettleOutcome = { readonly kind: SendStatus } | { readonly kind: 'superseded' };

export const settleSend: Decider<SettleSend, SettleOutcome> = {
  reads: ({ key }) => ({ verifications: [key.verificationId], sends: [key], usage: true }),
  decide({ key, epoch, tries, result, backoffMs, deduplicates }, loaded, { nowMs }) {
    const send = loaded.send(key);
    if (send === undefined || send.status !== 'queued' || send.epoch !== epoch || send.tries !== tries) {
      return { writes: {}, outcome: { kind: 'superseded' } };
    }
    const next = settled(send, result, { nowMs, retryAtMs: nowMs + backoffMs, deduplicates });
    const sends = [next];
    const writes = next.takenMicros === undefined ? { sends } : { sends, ...givenBack(next, loaded) };
    return { writes, outcome: { kind: next.status } };
  },
};

function settled(send: Send, result: SettleSend['result'], facts: Parameters<typeof afterTry>[2]): Send {
  if (result.kind === 'ended') return dropped(send, facts.nowMs);
  if (result.kind === 'stopped') return handedBack(send, facts.nowMs);
  return afterTry(send, result, facts);
}
