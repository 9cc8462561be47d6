/**
 * Names requests: a prefix for the process and a count, because an id is drawn for every request and random ones cost a
 * hundred times more. It is a name to look up in the log, not a secret. The client's own id is never taken over.
 * @param prefix - random for each process, so that ids of several processes do not meet; with 12 digits of the count
 *   behind it a whole UUID, because that is what some vendors' ids look like
 */
export function createRequestIds(prefix: string): () => string {
  let count = 0;
  return () => {
    count += 1;
    return prefix + count.toString(16).padStart(12, '0');
  };
}
