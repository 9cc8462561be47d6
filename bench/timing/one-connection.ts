import { connectAll } from '../connections.ts';
import type { Response } from '../response.ts';

export interface OneConnection {
  /**
   * Sends one request and waits for its answer.
   * @returns milliseconds from the one to the other
   * @throws Error when the answer has another status or does not contain `body`, or the connection is gone
   */
  ask(bytes: Buffer, status: number, body?: string): Promise<number>;
  close(): void;
}

/** A keep-alive connection to loopback with one request at a time. */
export async function connectOnce(url: string): Promise<OneConnection> {
  let waiting: { resolve(response: Response): void; reject(error: Error): void } | undefined;
  let gone: string | undefined;
  const connections = await connectAll(url, 1, {
    answered: (_, response) => waiting?.resolve(response),
    broken(_, reason) {
      gone = reason;
      waiting?.reject(new Error(reason));
    },
  });
  return {
    async ask(bytes, status, body = '') {
      if (gone !== undefined) throw new Error(gone);
      const answer = new Promise<Response>((resolve, reject) => {
        waiting = { resolve, reject };
      });
      const fromMs = performance.now();
      connections.send(0, bytes);
      const response = await answer;
      const tookMs = performance.now() - fromMs;
      if (response.status === status && response.body.includes(body)) return tookMs;
      throw new Error(`answered ${response.status} ${response.body.slice(0, 200)}`);
    },
    close: () => connections.close(),
  };
}
