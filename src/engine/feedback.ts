import { isProblem, parseRecipient } from '../domain/recipient.ts';
import type { FeedbackValue } from '../domain/recipient-state.ts';
import type { Caller } from './caller.ts';
import type { FeedbackOutcome } from './commands/record-feedback.ts';
import type { Committer } from './committer.ts';
import type { Invalid } from './create-request.ts';
import { type Random, uuidv7 } from './random.ts';
import type { Store } from './store.ts';

/** What a tenant says became of a person. */
export interface FeedbackRequest {
  /** E.164; any number that is possible. */
  readonly recipient: string;
  readonly value: FeedbackValue;
}

interface Options {
  readonly store: Store;
  readonly committer: Committer;
  readonly random: Random;
}

/** Records it where the caller's face has had a verification of that recipient. */
export async function recordFeedback(
  { store, committer, random }: Options,
  { tenantId, face, seesAllFaces }: Caller,
  { recipient, value }: FeedbackRequest,
): Promise<FeedbackOutcome | Invalid> {
  const parsed = parseRecipient(recipient, { fictitious: true });
  if (isProblem(parsed)) return { kind: 'invalid', ...parsed };
  const filter = { tenantId, recipient: parsed.value, limit: 1, ...(seesAllFaces ? {} : { face }) };
  if (!(await hasAny(store, filter))) return { kind: 'no-verification' };
  const id = uuidv7(store.clock().nowMs, random);
  const command = { kind: 'record-feedback', tenantId, recipient: parsed.value, id, value } as const;
  return (await committer.commit(command, 'change')).outcome as FeedbackOutcome;
}

/** Pages read at most: a page may be empty and have a next one. */
const pagesMax = 10;

async function hasAny({ queries }: Store, filter: Parameters<Store['queries']['verifications']>[0]): Promise<boolean> {
  let before: string | undefined;
  for (let page = 0; page < pagesMax; page++) {
    const { rows, nextBefore } = await queries.verifications({ ...filter, before });
    if (rows.length > 0) return true;
    if (nextBefore === undefined) return false;
    before = nextBefore;
  }
  return false;
}
