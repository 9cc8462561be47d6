/** The little of HTTP that a load generator needs: status and body of an answer with a content length. */
export interface Response {
  readonly status: number;
  readonly body: string;
}

const LONGEST = 65_536;

/**
 * Reads one answer.
 * @param text - everything received since the request, as latin1
 * @returns undefined while more bytes are to come
 * @throws Error for an answer without content length, longer than 64 KiB, or with bytes after its end
 */
export function parseResponse(text: string): Response | undefined {
  if (text.length > LONGEST) throw new Error('answer longer than 64 KiB');
  const headEnd = text.indexOf('\r\n\r\n');
  if (headEnd === -1) return undefined;
  const length = /\r\ncontent-length: *(\d+)/i.exec(text)?.[1];
  if (length === undefined) throw new Error('answer without content length');
  const end = headEnd + 4 + Number(length);
  if (text.length < end) return undefined;
  if (text.length > end) throw new Error('bytes after the end of an answer');
  return { status: Number(text.slice(9, 12)), body: text.slice(headEnd + 4) };
}
