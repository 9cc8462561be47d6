import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { answerUnderWay } from './answer-under-way.ts';
import type { Edge } from './edge.ts';
import type { EdgeError, EdgeReply } from './edge-error.ts';
import { markEnded } from './ended-sockets.ts';
import { httpLimits } from './limits.ts';

/** What Node's HTTP server hands over with a request that it could not read. */
export interface UnreadableRequest extends Error {
  readonly code?: string;
  /** The bytes of the last packet, which is usually the whole request: a Buffer, whatever the framework's types say. */
  readonly rawPacket?: unknown;
}

/** Answers bytes that never became a request: one refusal in the words of the face asked, then the connection ends. */
export function clientErrorHandler(edge: Edge, nextId: () => string) {
  return (error: UnreadableRequest, socket: Socket): void => {
    const underWay = answerUnderWay(socket);
    if (error.code === 'ECONNRESET' || !socket.writable || underWay?.headersSent) socket.destroy();
    else if (underWay?.req.complete) closeAfter(underWay, socket);
    else endWith(socket, edge(urlOf(error.rawPacket), edgeErrorOf(error), nextId()));
  };
}

/** Writes one answer to a connection that has no request object, and ends it. */
export function endWith(socket: Duplex, { status, headers, contentType, body }: EdgeReply): void {
  const fields = { ...headers, 'content-type': contentType, 'content-length': Buffer.byteLength(body) };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Error'}\r\nconnection: close\r\n${lines.join('')}`;
  markEnded(socket);
  socket.end(`${head}\r\n${body}`, () => socket.destroy());
}

/** Garbage after a whole request: a refusal now would be taken for that request's answer, so only that one is given. */
function closeAfter(answer: ServerResponse, socket: Socket): void {
  socket.pause();
  answer.once('finish', () => socket.destroySoon());
}

function edgeErrorOf({ code, rawPacket }: UnreadableRequest): EdgeError {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return { kind: 'timeout' };
    case 'HPE_HEADER_OVERFLOW':
      return { kind: urlOf(rawPacket).length > httpLimits.urlBytes ? 'uri-too-long' : 'headers-too-large' };
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return { kind: 'too-large' };
    default:
      return { kind: 'malformed' };
  }
}

/** The URL of the request line that a packet begins with, if it does, up to a little over the longest one accepted. */
function urlOf(packet: unknown): string {
  const start = Buffer.isBuffer(packet) ? packet.toString('latin1', 0, httpLimits.urlBytes + 32) : '';
  return /^[A-Z]{3,7} (\/[^ \r\n]*)/.exec(start)?.[1] ?? '';
}
