import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Node's own pointer from a connection to the answer it waits for; there is no public one. */
export function answerUnderWay(
  socket: Socket & { readonly _httpMessage?: ServerResponse | null },
): ServerResponse | undefined {
  return socket._httpMessage ?? undefined;
}
