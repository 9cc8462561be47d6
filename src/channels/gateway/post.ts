import { type Agent, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { type Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';

export interface PostRequest {
  readonly url: URL;
  readonly agent: Agent | HttpsAgent;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly signal: AbortSignal;
}

/** `not-sent`: no connection came about, so nothing of the request has left. `code` is that of Node or OpenSSL. */
export type PostResult =
  | { readonly kind: 'answer'; readonly status: number; readonly text: string }
  | { readonly kind: 'not-sent'; readonly code: string };

/** Connections that have come about, so that a request on one that is used again counts as sent. */
const standing = new WeakSet<Socket>();

/** Enough for any answer that says something; what is longer is cut off. */
const answerBytesMax = 65_536;

/**
 * Posts bytes once: no redirect is followed and no proxy asked. An answer whose end does not come, or that is too long,
 * has an empty text.
 * @throws what broke the connection once it stood: the request may have arrived
 */
export async function post({ url, agent, headers, body, signal }: PostRequest): Promise<PostResult> {
  const { promise: answered, resolve, reject } = deferred<IncomingMessage>();
  let connected = false;
  const options: RequestOptions = { method: 'POST', headers: { ...headers, 'content-length': body.length }, agent };
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const request = send(url, { ...options, signal });
  request.on('socket', (socket) => {
    connected = standing.has(socket);
    if (connected) return;
    socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', () => {
      standing.add(socket);
      connected = true;
    });
  });
  request.on('response', resolve).on('error', reject);
  request.end(body);
  try {
    const response = await answered;
    return { kind: 'answer', status: response.statusCode ?? 0, text: await textOf(response) };
  } catch (error) {
    if (connected) throw error;
    return { kind: 'not-sent', code: String((error as NodeJS.ErrnoException).code ?? '') };
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of response) {
      length += (chunk as Buffer).length;
      // Leaving the loop ends the connection.
      if (length > answerBytesMax) return '';
      chunks.push(chunk as Buffer);
    }
  } catch {
    return '';
  }
  return Buffer.concat(chunks).toString('utf8');
}

function deferred<T>() {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<T>((onValue, onError) => {
    resolve = onValue;
    reject = onError;
  });
  return { promise, resolve, reject };
}
