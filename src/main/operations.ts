import { sendingStoppedFact } from '../engine/commands/change-server.ts';
import type { Delivery } from '../engine/delivery.ts';
import type { KeyRotation, Retired } from '../engine/key-rotation.ts';
import { erase } from '../engine/retention.ts';
import type { SendBacklog } from '../engine/send-backlog.ts';
import type { Store } from '../engine/store.ts';
import type { Sweeper } from '../engine/sweeper.ts';
import type { Operations, Refused } from '../faces/admin/operations.ts';
import { BackupFailed } from '../stores/sqlite/backup-failed.ts';
import { KeysNotSaved } from './key-file.ts';
import { version } from './version.ts';

export interface OperationParts {
  readonly store: Store;
  readonly keyRotation: KeyRotation;
  readonly sweeper: Sweeper;
  readonly delivery: Delivery;
  readonly backlog: SendBacklog;
  readonly notReady: () => Promise<readonly string[]>;
  readonly development: boolean;
}

/** What operators do to the server beside its tenants, put together from its parts. */
export function createOperations(parts: OperationParts): Operations {
  const { store, keyRotation, sweeper, delivery, backlog, notReady, development } = parts;
  const startedAtMs = store.clock().nowMs;
  return {
    async status() {
      const { queries } = store;
      const [reasons, stopped, schema] = await Promise.all([
        notReady(),
        queries.fact(sendingStoppedFact),
        queries.schema(),
      ]);
      return {
        version,
        mode: development ? 'development' : 'production',
        ready: reasons.length === 0,
        reasons,
        sendingStopped: stopped !== undefined,
        startedAtMs,
        clock: store.clock(),
        queued: backlog.total - delivery.running,
        schema,
      };
    },
    async keyUsage() {
      const used = await keyRotation.usage();
      return used.map(({ keyId, ...rest }) => ({ id: keyId, ...rest }));
    },
    rotateKey: (ring) =>
      unlessUnsaved(async () => {
        const answer = await keyRotation.rotate(ring);
        return answer.kind === 'rotated' ? { kind: 'rotated', id: answer.keyId } : readOnly;
      }),
    retireKey: (ring, id) =>
      unlessUnsaved(async () => {
        const answer = await keyRotation.retire(ring, id);
        return answer.kind === 'retired' ? { kind: 'retired' } : notRetired(answer);
      }),
    async rewrap(progress) {
      const { rows } = await keyRotation.rewrap((done) => progress(done, done));
      return { kind: 'done', result: { rows } };
    },
    async backup(file, progress) {
      try {
        const { bytes } = await store.backup(file, progress);
        return { kind: 'done', result: { file, bytes } };
      } catch (error) {
        if (!(error instanceof BackupFailed)) throw error;
        return { kind: 'refused', code: `backup_${error.reason.replaceAll('-', '_')}`, detail: error.message };
      }
    },
    async purge(progress) {
      const { rows, logTruncated } = await sweeper.purgeNow((_, done) => progress(done, done));
      return { kind: 'done', result: { rows, logTruncated } };
    },
    async erase(whom, progress) {
      const answer = await erase(store, whom, { progress: (_, done) => progress(done, done) });
      if (answer.kind === 'invalid')
        return { kind: 'refused', code: 'invalid_request', detail: `${answer.field} ${answer.remedy}` };
      const { rows, logTruncated } = answer;
      return { kind: 'done', result: { rows, logTruncated } };
    },
  };
}

/** A key file that cannot be written is the operator's to mend, and no fault of the server. */
async function unlessUnsaved<Answer>(work: () => Promise<Answer>): Promise<Answer | Refused> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof KeysNotSaved)) throw error;
    return { kind: 'refused', code: 'keys_not_saved', detail: error.message };
  }
}

const readOnly: Refused = {
  kind: 'refused',
  code: 'keys_read_only',
  detail: 'The key rings come from the setting `keys`, which the server cannot change; change them there.',
};

function notRetired(answer: Retired): Refused {
  switch (answer.kind) {
    case 'active':
      return {
        kind: 'refused',
        code: 'key_active',
        detail: 'It is the active key of its ring; rotate the ring first.',
      };
    case 'in-use':
      return {
        kind: 'refused',
        code: 'key_in_use',
        detail: `Rows that still need it: ${answer.rows}. Rewrap, or wait until what they hold has ended.`,
      };
    case 'read-only':
      return readOnly;
    default:
      return { kind: 'refused', code: 'key_unknown', detail: 'The ring holds no key of this id.' };
  }
}
