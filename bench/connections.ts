import { createConnection, type Socket } from 'node:net';
import { parseResponse, type Response } from './response.ts';

export interface Connections {
  /** Writes one request to a slot that has none under way. */
  send(slot: number, bytes: Buffer): void;
  close(): void;
}

export interface Listener {
  answered(slot: number, response: Response): void;
  /** The connection is of no use any more. */
  broken(slot: number, reason: string): void;
}

/** All sockets read into one buffer: each chunk is turned to text before the next one is read. */
const readBuffer = Buffer.allocUnsafe(65_536);

/**
 * Opens keep-alive connections and resolves when all of them stand.
 * @throws Error when the target is not on this machine, or does not accept them within five seconds
 */
export async function connectAll(url: string, count: number, listener: Listener): Promise<Connections> {
  const { hostname, port, protocol } = new URL(url);
  if (hostname !== '127.0.0.1' || protocol !== 'http:')
    throw new Error(`load goes to http://127.0.0.1 only, not ${url}`);
  const opening = Array.from({ length: count }, (_, slot) => connect(Number(port), slot, listener));
  const results = await Promise.allSettled(opening);
  const sockets = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const close = () => sockets.forEach((socket) => void socket.destroy());
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) {
    close();
    throw failed.reason;
  }
  return { send: (slot, bytes) => sockets[slot]?.write(bytes), close };
}

function connect(port: number, slot: number, listener: Listener): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({
      host: '127.0.0.1',
      port,
      noDelay: true,
      onread: { buffer: readBuffer, callback: reader(slot, listener, () => socket.destroy()) },
    });
    const timer = setTimeout(() => socket.destroy(new Error('no connection within five seconds')), 5000);
    socket.once('connect', () => {
      clearTimeout(timer);
      resolve(socket);
    });
    socket.on('error', reject);
    socket.on('close', () => listener.broken(slot, 'connection closed'));
  });
}

/** Gathers chunks until an answer is whole; one answer a chunk is the usual case. */
function reader(slot: number, listener: Listener, destroy: () => void): (bytes: number, buffer: Uint8Array) => boolean {
  let pending = '';
  return (bytes) => {
    pending += readBuffer.toString('latin1', 0, bytes);
    try {
      const response = parseResponse(pending);
      if (response === undefined) return true;
      pending = '';
      listener.answered(slot, response);
    } catch (error) {
      listener.broken(slot, error instanceof Error ? error.message : String(error));
      destroy();
    }
    return true;
  };
}
