import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { type CallbackUrlRules, callbackUrlProblem, portOf } from '../domain/callback-url.ts';
import type { WebhookAnswer, WebhookCall, WebhookTransport } from '../engine/webhook-transport.ts';
import type { ResolveHost } from './resolver.ts';

export interface HttpTransportOptions {
  readonly urls: CallbackUrlRules;
  readonly resolve: ResolveHost;
  /** Whether a connection to an address may be made. */
  readonly mayCall: (address: string) => boolean;
  /** Certificates of authorities to trust, in PEM, in place of those that Node knows. */
  readonly ca?: string | undefined;
  /** How long a connection may take, that of TLS included. */
  readonly connectMs?: number | undefined;
  /** How long everything may take together. */
  readonly totalMs?: number | undefined;
}

const defaultConnectMs = 5000;
const defaultTotalMs = 15_000;
const answerBytesMax = 65_536;

/**
 * Posts to receivers on the public network. A name is resolved before each call; if one of its addresses may not be
 * called, none is, and the connection goes to an address that was looked at. No redirect is followed, no proxy asked, no
 * connection kept. What a receiver says beyond its status is read and forgotten.
 */
export function httpTransport(options: HttpTransportOptions): WebhookTransport {
  return {
    async post(call, signal) {
      if (callbackUrlProblem(call.url, options.urls) !== undefined) return unanswered('address-refused');
      // By hand: what joins a signal that lives as long as the server would be kept for as long.
      const ending = new AbortController();
      const end = () => ending.abort();
      if (signal.aborted) end();
      signal.addEventListener('abort', end);
      AbortSignal.timeout(options.totalMs ?? defaultTotalMs).addEventListener('abort', end);
      try {
        return await judged(call, options, ending.signal);
      } finally {
        signal.removeEventListener('abort', end);
      }
    },
  };
}

async function judged(call: WebhookCall, options: HttpTransportOptions, signal: AbortSignal): Promise<WebhookAnswer> {
  const url = new URL(call.url);
  const addresses = await resolved(url.hostname, options, signal);
  const [address] = addresses;
  if (address === undefined) return unanswered(signal.aborted ? 'timeout' : 'name-not-found');
  // One address that may not be called spoils the name: who owns it could have any of them chosen.
  if (!addresses.every(options.mayCall)) return unanswered('address-refused');
  return exchange(url, address, call, options, signal);
}

function unanswered(reason: string): WebhookAnswer {
  return { kind: 'unanswered', reason };
}

async function resolved(host: string, { resolve }: HttpTransportOptions, signal: AbortSignal) {
  if (signal.aborted) return [];
  const given = new Promise<readonly string[]>((done) => {
    signal.addEventListener('abort', () => done([]), { once: true });
  });
  return Promise.race([resolve(host, signal).catch(() => []), given]);
}

function exchange(
  url: URL,
  address: string,
  { headers, body }: WebhookCall,
  options: HttpTransportOptions,
  signal: AbortSignal,
): Promise<WebhookAnswer> {
  const bytes = Buffer.from(body, 'utf8');
  const secure = url.protocol === 'https:';
  return new Promise((done) => {
    const request = (secure ? httpsRequest : httpRequest)({
      method: 'POST',
      host: address,
      port: portOf(url),
      path: `${url.pathname}${url.search}`,
      headers: { ...headers, host: url.host, 'content-length': bytes.length },
      // Of its own, so that the connection ends with the call.
      agent: false,
      signal,
      ...(secure ? { servername: url.hostname, ...(options.ca === undefined ? {} : { ca: options.ca }) } : {}),
    });
    const patience = endWhenSlow(request, secure ? 'secureConnect' : 'connect', options.connectMs ?? defaultConnectMs);
    const finish = (answer: WebhookAnswer) => {
      clearTimeout(patience);
      request.destroy();
      done(answer);
    };
    request.on('response', (response) => readToEnd(response, () => finish(answered(response))));
    request.on('error', (error) => finish(unanswered(reasonOf(error, signal))));
    request.end(bytes);
  });
}

/** Stands for Node's own codes where no connection comes about in time. */
const slowly = 'CONNECT_SLOW';

function endWhenSlow(
  request: ClientRequest,
  connected: 'connect' | 'secureConnect',
  connectMs: number,
): NodeJS.Timeout {
  const patience = setTimeout(() => {
    request.destroy(Object.assign(new Error('no connection came about in time'), { code: slowly }));
  }, connectMs);
  request.on('socket', (socket) => socket.once(connected, () => clearTimeout(patience)));
  return patience;
}

/** Reads what there is to read, so that the receiver can end in peace, but not for ever: its status is known. */
function readToEnd(response: IncomingMessage, done: () => void): void {
  let length = 0;
  response.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length > answerBytesMax) done();
  });
  response.on('end', done).on('error', done).on('close', done);
}

function answered({ statusCode = 0, headers }: IncomingMessage): WebhookAnswer {
  const seconds = Number(headers['retry-after']);
  const retry = Number.isSafeInteger(seconds) && seconds > 0 ? { retryAfterSeconds: seconds } : {};
  return { kind: 'answered', status: statusCode, ...retry };
}

/** A stable name. What the error says may tell of the network behind the server. */
function reasonOf(error: Error, signal: AbortSignal): string {
  const cause = String((error as NodeJS.ErrnoException).code ?? '');
  if (signal.aborted || cause === slowly) return 'timeout';
  return certificateCauses.test(cause) ? 'bad-certificate' : 'broken-connection';
}

const certificateCauses = /^ERR_TLS|^ERR_SSL|CERT|SELF_SIGNED|UNABLE_TO_/;
