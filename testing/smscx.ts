import { expect } from 'vitest';
import { applicationIdOf, pairOf } from '../src/domain/api-key.ts';
import { openServer, type TestServer, type TestServerOptions } from './server.ts';

export type Json = Readonly<Record<string, unknown>>;

export interface SmscxReply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Json;
  /** `2029 invalid_pin 400` of a refusal, the status alone of a success. */
  readonly said: string;
}

export interface Asked {
  readonly body?: unknown;
  /** The body's bytes, where they are to be others than JSON. */
  readonly raw?: string | Uint8Array<ArrayBuffer> | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A server, asked through the face of SMSCX with an account's API key. */
export interface Smscx extends AsyncDisposable {
  readonly server: TestServer;
  readonly base: string;
  readonly apiKey: string;
  readonly application: { readonly id: string; readonly secret: string };
  /** Of another account. */
  readonly foreignKey: string;
  ask(method: string, path: string, asked?: Asked): Promise<SmscxReply>;
  create(fields?: Json): Promise<SmscxReply>;
  /** An OTP that is pending, with its pin. */
  pending(fields?: Json): Promise<{ readonly otpId: string; readonly pin: string; readonly text: string }>;
  verify(otpId: string, pin: unknown): Promise<SmscxReply>;
}

let handedOut = 0;

/** A French mobile number that no other test of this file uses. */
export function anSmscxNumber(): string {
  handedOut += 1;
  return `+33612${String(handedOut).padStart(6, '0')}`;
}

export async function openSmscx(options: TestServerOptions = {}): Promise<Smscx> {
  const server = await openServer(options);
  const base = `${server.url}/smscx`;
  const { apiKey } = server.alice;
  const { key, secret } = pairOf(apiKey);
  const ask = (method: string, path: string, asked: Asked = {}) => exchange(base, apiKey, method, path, asked);
  const create = (fields: Json = {}) => ask('POST', '/otp', { body: { phoneNumber: anSmscxNumber(), ...fields } });
  return {
    server,
    base,
    apiKey,
    application: { id: applicationIdOf(key), secret },
    foreignKey: server.bob.apiKey,
    ask,
    create,
    async pending(fields) {
      const { said, body } = await create(fields);
      expect(said).toBe('201');
      const otpId = String(body.otpId);
      const { code, text } = await server.outbox.message(otpId);
      return { otpId, pin: code, text };
    },
    verify: (otpId, pin) => ask('POST', `/otp/${otpId}`, { body: { pin } }),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** Another pin of the same form. */
export function wrongPin(pin: string): string {
  return pin.slice(0, -1) + (pin.endsWith('2') ? '3' : '2');
}

async function exchange(base: string, apiKey: string, method: string, path: string, asked: Asked): Promise<SmscxReply> {
  const body = asked.raw ?? (asked.body === undefined ? undefined : JSON.stringify(asked.body));
  const response = await fetch(base + path, {
    method,
    headers: {
      'x-api-key': apiKey,
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...asked.headers,
    },
    signal: AbortSignal.timeout(25_000),
    ...(body === undefined ? {} : { body }),
  });
  const { status, headers } = response;
  const text = await response.text();
  if (method === 'HEAD') return { status, headers, body: {}, said: String(status) };
  const parsed = JSON.parse(text) as Json;
  assertInForm(status, headers, parsed);
  const { code, type } = (parsed.error ?? {}) as { code?: number; type?: string };
  return { status, headers, body: parsed, said: status < 300 ? String(status) : `${code} ${type} ${status}` };
}

/** All that an error may be called: one of the libraries throws at any other word. */
export const errorTypes: readonly string[] = [
  ...['access_denied', 'duplicate_id', 'duplicate_value', 'insufficient_credit', 'insufficient_scope'],
  ...['invalid_api_key', 'invalid_body', 'invalid_client', 'invalid_method', 'invalid_param', 'invalid_request'],
  ...['invalid_scope', 'no_coverage', 'not_found', 'rate_limit', 'server_error', 'unsupported_grant_type'],
  ...['invalid_pin', 'otp_expired', 'otp_failed', 'otp_cancelled', 'otp_verified'],
];

/** What holds for every answer, whatever it says. */
function assertInForm(status: number, headers: Headers, body: Json): void {
  expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
  expect(headers.get('x-request-id')).toMatch(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  expect(headers.get('x-response-time')).toMatch(/^[0-9]+$/);
  const [limit, remaining, reset] = ['limit', 'remaining', 'reset'].map((name) => headers.get(`x-rate-limit-${name}`));
  if (status < 300 || status === 429) {
    expect(limit).toMatch(/^[0-9]+$/);
    expect(remaining).toMatch(/^[0-9]+$/);
  }
  if (status === 429) expect(reset).toMatch(/^[0-9]{10}$/);
  else expect(reset).toBeNull();
  if (status < 300) return;
  expect(body).toEqual({
    error: {
      type: expect.toBeOneOf([...errorTypes]),
      message: expect.stringMatching(/./),
      code: expect.any(Number),
      uri: expect.stringMatching(/\/smscx\/errors#[0-9]+$/),
    },
  });
}
