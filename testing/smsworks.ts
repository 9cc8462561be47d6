import { pairOf } from '../src/domain/api-key.ts';
import type { Client } from './client.ts';
import type { TestServer } from './server.ts';

/* A client of The SMS Works as its own SDKs ask: plain HTTP, a token in the header, JSON both ways. */

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface SmsworksClient {
  /** As the login gives it. */
  readonly token: string;
  ask(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answered>;
  /** To a number of its own unless the fields say otherwise. */
  send(fields?: Readonly<Record<string, unknown>>): Promise<Answered>;
  verify(fields: Readonly<Record<string, unknown>>): Promise<Answered>;
  get(messageid: unknown): Promise<Answered>;
  /** Sends, and reads the passcode in the message. */
  sent(fields?: Readonly<Record<string, unknown>>): Promise<{ readonly id: string; readonly passcode: string }>;
}

let made = 0;
/** A mobile number that no other test sends to. */
export function freshMobile(): string {
  made += 1;
  return `4474${String(10_000_000 + made)}`;
}

/** What SDKs send with every request. */
export const sdkHeaders = { accept: 'application/json;charset=UTF-8', 'content-type': 'application/json' } as const;

export async function asked(
  { url }: Pick<TestServer, 'url'>,
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answered> {
  const payload = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) };
  const { 'content-type': type, ...rest } = sdkHeaders;
  const common = body === undefined ? rest : { ...rest, 'content-type': type };
  const answer = await fetch(`${url}/smsworks/v1${path}`, {
    method,
    headers: { ...common, ...headers },
    ...payload,
    signal: AbortSignal.timeout(20_000),
  });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, text, body: text === '' ? {} : JSON.parse(text) };
}

export function login(server: Pick<TestServer, 'url'>, apiKey: string, fields: object = {}): Promise<Answered> {
  return asked(server, 'POST', '/auth/token', { customerid: 'any', ...pairOf(apiKey), ...fields });
}

/** A client of a tenant that has logged in. */
export async function smsworksOf(server: TestServer, owner: Client = server.alice): Promise<SmsworksClient> {
  const token = String((await login(server, owner.apiKey)).body.token);
  return withToken(server, token);
}

export function withToken(server: TestServer, token: string): SmsworksClient {
  const ask: SmsworksClient['ask'] = (method, path, body, headers) =>
    asked(server, method, path, body, { authorization: token, ...headers });
  const send: SmsworksClient['send'] = (fields) => ask('POST', '/otp/send', { destination: freshMobile(), ...fields });
  return {
    token,
    ask,
    send,
    verify: (fields) => ask('POST', '/otp/verify', fields),
    get: (messageid) => ask('GET', `/otp/${encodeURIComponent(String(messageid))}`),
    async sent(fields) {
      const { body, text } = await send(fields);
      if (typeof body.messageid !== 'string') throw new Error(`nothing was sent: ${text}`);
      return { id: body.messageid, passcode: (await server.outbox.message(body.messageid)).code };
    },
  };
}

/** The one body of all errors. */
export function errorOf(status: number): Readonly<Record<string, unknown>> {
  return { errorCode: status, status: 'REJECTED', permanent: status < 500 && status !== 429 };
}
