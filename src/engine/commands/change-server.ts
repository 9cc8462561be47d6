import type { Attributed, Change, ChangeDecider } from '../audited.ts';

/** Stops all sending, or lets it go on. Of the server's own tenant. */
export interface SetSending extends Attributed {
  readonly kind: 'set-sending';
  readonly stopped: boolean;
}

/** Writes down what was done beside the store, such as a backup or the rotation of a key. */
export interface RecordAudit extends Attributed {
  readonly kind: 'record-audit';
  readonly change: Change;
}

/** The fact that holds while nothing may be sent: since when. */
export const sendingStoppedFact = 'sending_stopped';

export const setSending: ChangeDecider<SetSending, { readonly kind: 'set' }> = {
  reads: () => ({}),
  decide({ stopped }, _, { nowMs }) {
    return {
      writes: { facts: { [sendingStoppedFact]: stopped ? String(nowMs) : undefined } },
      outcome: { kind: 'set' },
      change: { action: stopped ? 'stop-sending' : 'resume-sending', target: 'server' },
    };
  },
};

export const recordAudit: ChangeDecider<RecordAudit, { readonly kind: 'recorded' }> = {
  reads: () => ({}),
  decide: ({ change }) => ({ writes: {}, outcome: { kind: 'recorded' }, change }),
};
