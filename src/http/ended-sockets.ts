import type { Duplex } from 'node:stream';

/**
 * Connections that have been told `connection: close`. Node goes on handing over requests from bytes that had already
 * arrived behind the refused one. They would be carried out and never answered, and may have been smuggled; so a request
 * on such a connection is dropped at the door.
 */
const ended = new WeakSet<Duplex>();

export function markEnded(socket: Duplex): void {
  ended.add(socket);
}

export function isEnded(socket: Duplex): boolean {
  return ended.has(socket);
}
