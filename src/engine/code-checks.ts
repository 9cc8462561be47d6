import { codeOf } from '../domain/code.ts';
import { codeTag } from '../domain/code-tag.ts';
import { codeSource } from '../domain/verification.ts';
import type { Caller } from './caller.ts';
import type { CodeCheckAnswer } from './commands/check-code.ts';
import type { Committer } from './committer.ts';
import type { KeySource } from './key-source.ts';
import type { Store } from './store.ts';

/** A code without a word about whose it is; the others narrow the search. */
export interface CodeCheck {
  readonly code: string;
  readonly verificationId?: string | undefined;
  /** Canonical. */
  readonly recipient?: string | undefined;
}

/** What a face may ask for whose verifications are created `byCodeAlone`. */
export interface CodeChecks {
  /** Finds the verification by its code. The code is compared as it is spelt. */
  checkCode(caller: Caller, request: CodeCheck): Promise<CodeCheckAnswer>;
  /** The code of a verification that was right, for a day, where its terms say so and it was not the caller's own. */
  shownCode(caller: Caller, id: string): Promise<string | undefined>;
}

interface Parts {
  readonly store: Pick<Store, 'queries'>;
  readonly committer: Pick<Committer, 'commit'>;
  readonly keys: KeySource;
}

const seen = ({ face, seesAllFaces }: Caller) => (seesAllFaces ? undefined : face);

export function codeChecks({ store, committer, keys }: Parts): CodeChecks {
  return {
    async checkCode(caller, { code, verificationId, recipient }) {
      const { tenantId } = caller;
      const peppers = Object.values(keys.current().pepper.keys);
      const tags = peppers.map((key) => codeTag(key, tenantId, code));
      const face = seen(caller);
      const command = { kind: 'check-code', tenantId, code, tags, verificationId, recipient, face } as const;
      return (await committer.commit(command, 'check')).outcome;
    },

    async shownCode(caller, id) {
      const { tenantId } = caller;
      const current = await store.queries.verification(tenantId, id);
      const face = seen(caller);
      if (current?.status !== 'verified' || (face !== undefined && current.face !== face)) return undefined;
      const shown = await store.queries.shownCode(tenantId, id);
      return shown && codeOf({ ...codeSource(current), ...shown }, keys.current());
    },
  };
}
