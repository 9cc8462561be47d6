import { request as httpRequest, type IncomingMessage } from 'node:http';
import { userInfo } from 'node:os';
import type { Readable } from 'node:stream';
import type { Api, ApiRequest } from '../cli/api.ts';
import { CommandProblem, exits } from '../cli/exits.ts';
import type { HttpServer } from '../http/server.ts';
import { lastLine, parsed, textOf, whole } from './answer-reading.ts';
import { operatorHeader, tenantHeader } from './control-headers.ts';

const answerMs = 30_000;
/** Of long work, between one line and the next. */
const silenceMs = 120_000;

/** What carries one request: a socket, or a call inside this process. */
type Carry = (request: ApiRequest, timeoutMs: number) => Promise<{ readonly status: number; readonly body: Readable }>;

/** The control API of the server that listens on a socket. @param operator - who asks, for the audit trail */
export function socketApi(path: string, operator = account()): Api {
  const carry: Carry = async (request, timeoutMs) => {
    const body = await asked(path, request, operator, timeoutMs);
    return { status: body.statusCode ?? 0, body };
  };
  return { where: 'server', ...overHttp(carry), async close() {} };
}

/** The same API of a server that listens nowhere. @param close - what ends it */
export function insideApi(app: HttpServer, close: () => Promise<void>, operator = account()): Api {
  const carry: Carry = async (request) => {
    const { method, path: url } = request;
    const sent = sentOf(request, operator);
    const given = sent.payload === undefined ? {} : { payload: sent.payload };
    const response = await app.inject({ method, url, headers: sent.headers, payloadAsStream: true, ...given });
    return { status: response.statusCode, body: response.stream() };
  };
  return { where: 'offline', ...overHttp(carry), close };
}

function overHttp(carry: Carry): Pick<Api, 'call' | 'stream'> {
  return {
    async call(request) {
      const { status, body } = await carry(request, answerMs);
      return { status, body: parsed(await whole(textOf(body))) };
    },
    async stream(request, onProgress) {
      const { status, body } = await carry(request, silenceMs);
      if (status >= 400) return { status, body: parsed(await whole(textOf(body))) };
      return whole(lastLine(body, onProgress));
    },
  };
}

function sentOf({ tenant, body }: ApiRequest, operator: string) {
  const payload = body === undefined ? undefined : JSON.stringify(body);
  const length = payload === undefined ? {} : { 'content-length': String(Buffer.byteLength(payload)) };
  const type = payload === undefined ? {} : { 'content-type': 'application/json' };
  const whose = tenant === undefined ? {} : { [tenantHeader]: tenant };
  const who = { [operatorHeader]: operator };
  return { payload, headers: { ...type, ...length, ...whose, ...who } };
}

/** Who works here. A user without an entry in the system's list has only a number. */
function account(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? '');
  }
}

function asked(socketPath: string, request: ApiRequest, operator: string, timeout: number): Promise<IncomingMessage> {
  const { payload, headers } = sentOf(request, operator);
  const { method, path } = request;
  return new Promise((resolve, reject) => {
    const fail = (error: Error & { readonly code?: string }) => reject(unreachable(socketPath, error.code));
    // The timeout is of silence, also while the answer comes.
    const outgoing = httpRequest({ socketPath, method, path, headers: { host: 'localhost', ...headers }, timeout });
    outgoing.on('response', resolve).on('error', fail);
    outgoing.on('timeout', () => outgoing.destroy(Object.assign(new Error('silence'), { code: 'ETIMEDOUT' })));
    outgoing.end(payload);
  });
}

/** Nobody answers, or not to the end. */
function unreachable(socketPath: string, code: string | undefined): CommandProblem {
  const detail = `the server at ${socketPath} does not answer (${code ?? 'broken off'}); look at its log`;
  return new CommandProblem(exits.unavailable, 'server_unreachable', detail);
}
