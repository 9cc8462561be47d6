import type { Child } from '../child.ts';
import type { LoadJob, LoadResult } from '../protocol.ts';

/** Runs a job of the load generator. @throws Error unless every request had the answer it should have */
export async function runLoad(load: Child, job: Omit<LoadJob, 'kind'>): Promise<LoadResult> {
  const result = (await load.ask({ kind: 'load', ...job })) as LoadResult;
  const { started, expected, unstarted, firstUnexpected } = result;
  if (expected === started && unstarted === 0) return result;
  throw new Error(`${expected} of ${started + unstarted} answers were as they should be: ${firstUnexpected}`);
}
