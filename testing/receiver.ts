import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { until } from './until.ts';

/** One call, as it came in. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Answers a call: a status, or whatever the function does with the response. */
export type Answering = number | ((response: ServerResponse, received: Received) => void);

/** A real receiver of webhooks on this machine; it goes with the block it was opened in. */
export interface Receiver extends AsyncDisposable {
  readonly url: string;
  readonly received: readonly Received[];
  /** From the next call on. */
  answer(how: Answering): void;
  /** Waits for that many calls. */
  calls(count: number): Promise<readonly Received[]>;
}

export async function openReceiver(first: Answering = 200): Promise<Receiver> {
  const received: Received[] = [];
  let answering = first;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method = '', url: path = '', headers } = request;
    const call = { method, path, headers, text: Buffer.concat(chunks).toString('utf8') };
    received.push(call);
    if (typeof answering === 'number') response.writeHead(answering).end();
    else answering(response, call);
  });
  await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    answer(how) {
      answering = how;
    },
    calls: (count) => until(`${count} calls`, () => (received.length >= count ? received : undefined)),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
