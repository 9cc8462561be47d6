import type { Static } from 'typebox';
import type { checkReply, createReply, detailsReply, listReply } from '../src/faces/native/wire.ts';
import { differences, type OpenapiDocument } from './conformity.ts';

export interface Reply<Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** What a success says; a refusal holds a problem instead. */
  readonly body: Body;
}

export interface Sent {
  readonly body?: unknown;
  /** The body's text, where JSON.stringify would not write it so. */
  readonly raw?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

type Fields = Readonly<Record<string, unknown>>;
type HeaderFields = Readonly<Record<string, string>>;
export type Verification = Static<typeof createReply>;

/** Talks to a server with one API key. Every answer is held against the OpenAPI document and kept in the transcript. */
export interface Client {
  readonly tenantId: string;
  readonly apiKey: string;
  request<Body = Fields>(method: string, path: string, sent?: Sent): Promise<Reply<Body>>;
  create(fields: Fields, headers?: HeaderFields): Promise<Reply<Verification>>;
  check(id: string, code: unknown, headers?: HeaderFields): Promise<Reply<Static<typeof checkReply>>>;
  checkRecipient(fields: Fields, headers?: HeaderFields): Promise<Reply<Static<typeof checkReply>>>;
  resend(id: string, fields?: Fields, headers?: HeaderFields): Promise<Reply<Verification>>;
  cancel(id: string, headers?: HeaderFields): Promise<Reply<Verification>>;
  get(id: string): Promise<Reply<Static<typeof detailsReply>>>;
  list(query?: Readonly<Record<string, string>>): Promise<Reply<Static<typeof listReply>>>;
}

export interface ClientOptions {
  readonly url: string;
  readonly tenantId: string;
  readonly apiKey: string;
  readonly document: OpenapiDocument;
  /** Gets status, header fields and body of every answer. */
  readonly transcript: string[];
}

const patienceMs = 25_000;

export function createClient(options: ClientOptions): Client {
  const { tenantId, apiKey } = options;
  const request = <Body>(method: string, path: string, sent: Sent = {}) => exchange<Body>(options, method, path, sent);
  const withHeaders = (headers: HeaderFields | undefined) => (headers === undefined ? {} : { headers });
  return {
    tenantId,
    apiKey,
    request,
    create: (body, headers) => request('POST', '/v1/verifications', { body, ...withHeaders(headers) }),
    check: (id, code, headers) =>
      request('POST', `/v1/verifications/${id}/checks`, { body: { code }, ...withHeaders(headers) }),
    checkRecipient: (body, headers) => request('POST', '/v1/checks', { body, ...withHeaders(headers) }),
    resend: (id, body, headers) => request('POST', `/v1/verifications/${id}/sends`, { body, ...withHeaders(headers) }),
    cancel: (id, headers) => request('POST', `/v1/verifications/${id}/cancel`, withHeaders(headers)),
    get: (id) => request('GET', `/v1/verifications/${id}`),
    list: (query = {}) => request('GET', `/v1/verifications?${new URLSearchParams(query)}`),
  };
}

async function exchange<Body>(
  { url, apiKey, document, transcript }: ClientOptions,
  method: string,
  path: string,
  sent: Sent,
): Promise<Reply<Body>> {
  const body = sent.raw ?? (sent.body === undefined ? undefined : JSON.stringify(sent.body));
  const response = await fetch(url + path, {
    method,
    headers: {
      authorization: `Bearer ${apiKey}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...sent.headers,
    },
    signal: AbortSignal.timeout(patienceMs),
    ...(body === undefined ? {} : { body }),
  });
  const { status, headers } = response;
  const text = await response.text();
  transcript.push(`${status} ${JSON.stringify([...headers])} ${text}`);
  const answer = { method, path, sent: sent.body, status, contentType: headers.get('content-type') ?? '' };
  const parsed: unknown = JSON.parse(text);
  const wrong = [...differences(document, { ...answer, body: parsed }), ...notAProblem(answer, parsed, headers)];
  if (wrong.length > 0) throw new Error(`${method} ${path} was answered ${status} ${text}: ${wrong.join('; ')}`);
  return { status, headers, text, body: parsed as Body };
}

/** Every refusal is a problem document (RFC 9457) that agrees with the answer around it. */
function notAProblem(
  { status, contentType }: { status: number; contentType: string },
  body: unknown,
  headers: Headers,
) {
  if (status < 400) return [];
  const problem = body as Fields;
  const expected: Fields = {
    type: `urn:countersign:problem:${problem.code}`,
    status,
    requestId: headers.get('x-request-id'),
  };
  const wrong = Object.keys(expected).filter((name) => problem[name] !== expected[name]);
  const texts = ['title', 'code', 'detail'].filter((name) => typeof problem[name] !== 'string' || problem[name] === '');
  const media = contentType === 'application/problem+json' ? [] : [`it came as ${contentType}`];
  const wait = (status === 429 || status === 503) && !/^[1-9][0-9]*$/.test(headers.get('retry-after') ?? '');
  return [...wrong, ...texts, ...media, ...(wait ? ['there is no Retry-After'] : [])];
}
