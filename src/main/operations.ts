import { sendingStoppedFact } from '../engine/commands/change-server.ts';
import type { Store } from '../engine/store.ts';
import type { Operations, Refused } from '../faces/admin/operations.ts';
import { version } from './version.ts';

export interface OperationParts {
  readonly store: Store;
  readonly development: boolean;
}

const later: Refused = { kind: 'refused', code: 'not_available', detail: 'This server cannot do this yet.' };

/** What operators do to the server beside its tenants, put together from its parts. */
export function createOperations({ store, development }: OperationParts): Operations {
  const startedAtMs = store.clock().nowMs;
  return {
    async status() {
      const clock = store.clock();
      const stopped = await store.queries.fact(sendingStoppedFact);
      const { total } = await store.queries.backlog();
      return {
        version,
        mode: development ? 'development' : 'production',
        ready: clock.confirmed,
        reasons: clock.confirmed ? [] : ['clock_unconfirmed'],
        sendingStopped: stopped !== undefined,
        startedAtMs,
        clock,
        queued: total,
      };
    },
    keyUsage: async () => [],
    rotateKey: async () => later,
    retireKey: async () => later,
    rewrap: async () => later,
    backup: async () => later,
    purge: async () => later,
    erase: async () => later,
  };
}
