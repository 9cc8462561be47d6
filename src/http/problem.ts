import { Type } from 'typebox';
import type { EdgeError, EdgeReply } from './edge-error.ts';
import { edgeStatus, edgeWords } from './edge-words.ts';
import type { JsonDefect } from './strict-json.ts';

export const problemContentType = 'application/problem+json';

/** What a problem says. `detail` names the field and the remedy where there is one, and repeats no input value. */
export interface ProblemInput {
  readonly status: number;
  /** Stable, snake case: what programs branch on. */
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly field?: string;
  readonly requestId: string;
  /** Extension members, for instance `status` facts of the object concerned. They never replace the members above. */
  readonly extensions?: Readonly<Record<string, unknown>>;
}

export interface Problem {
  readonly [extension: string]: unknown;
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly field?: string;
  readonly requestId: string;
}

/** The shape of every problem, for route schemas and the OpenAPI document. */
export const problemSchema = Type.Object(
  {
    type: Type.String({ description: 'Stable URI of the kind of problem: urn:countersign:problem:<code>' }),
    title: Type.String(),
    status: Type.Integer({ minimum: 400, maximum: 599 }),
    code: Type.String({ description: 'Stable name of the kind of problem, snake case' }),
    detail: Type.String({ description: 'What was wrong with this request and what to do about it' }),
    field: Type.Optional(Type.String({ description: 'The input concerned, such as recipient or channels/0' })),
    requestId: Type.String({ description: 'Also in the x-request-id header; quote it when asking for help' }),
  },
  { additionalProperties: true, description: 'Problem details, RFC 9457' },
);

/** Documents refusals in a route's schema. */
export const problemAnswers = {
  '4xx': { description: 'Refused', content: { [problemContentType]: { schema: problemSchema } } },
  '5xx': { description: 'Not possible now', content: { [problemContentType]: { schema: problemSchema } } },
};

/** Builds one problem body. @see RFC 9457 §3 */
export function problem({ extensions, status, code, title, detail, field, requestId }: ProblemInput): Problem {
  const named = field === undefined ? {} : { field };
  return { ...extensions, type: `urn:countersign:problem:${code}`, title, status, code, detail, ...named, requestId };
}

/** A problem as a finished answer. */
export function problemReply(input: ProblemInput, headers: Readonly<Record<string, string>> = {}): EdgeReply {
  return { status: input.status, headers, contentType: problemContentType, body: JSON.stringify(problem(input)) };
}

/** The default wording of an edge error, used under every prefix that no face owns and by the native face. */
export function edgeProblem(error: EdgeError, requestId: string): EdgeReply {
  const headers: Record<string, string> = error.kind === 'unauthorized' ? { 'www-authenticate': 'Bearer' } : {};
  return problemReply({ status: edgeStatus[error.kind], ...named[error.kind], ...said(error), requestId }, headers);
}

const named = {
  malformed: { code: 'malformed_request', title: 'Malformed request' },
  timeout: { code: 'request_timeout', title: 'Request not received in time' },
  'bad-json': { code: 'bad_json', title: 'Body is not acceptable JSON' },
  'unsupported-media-type': { code: 'unsupported_media_type', title: 'Unsupported media type' },
  'too-large': { code: 'body_too_large', title: 'Body too large' },
  'uri-too-long': { code: 'uri_too_long', title: 'URL too long' },
  'headers-too-large': { code: 'headers_too_large', title: 'Header fields too large' },
  'not-found': { code: 'not_found', title: 'Not found' },
  'method-not-allowed': { code: 'method_not_allowed', title: 'Method not allowed' },
  invalid: { code: 'invalid_request', title: 'Invalid request' },
  unauthorized: { code: 'unauthorized', title: 'Credential missing or not accepted' },
  forbidden: { code: 'forbidden', title: 'Not allowed with this credential' },
  'rate-limited': { code: 'rate_limited', title: 'Too many requests' },
  unavailable: { code: 'unavailable', title: 'Temporarily unavailable' },
  internal: { code: 'internal_error', title: 'Internal error' },
} as const satisfies Record<EdgeError['kind'], Pick<ProblemInput, 'code' | 'title'>>;

/** What goes wrong around every face, for the API's description. */
export const edgeProblems = (Object.keys(named) as EdgeError['kind'][]).map((kind) => ({
  status: edgeStatus[kind],
  ...named[kind],
}));

const jsonDetails: Record<JsonDefect, string> = {
  empty: 'The body is empty; send a JSON object.',
  'not-utf8': 'The body is not valid UTF-8.',
  syntax: 'The body is not one complete JSON value.',
  'too-deep': 'The body nests objects and arrays deeper than 8 levels.',
  'too-many-items': 'An array in the body holds more than 100 items.',
  'duplicate-key': 'A key is given twice in one object; give each key once.',
  'forbidden-key': 'The keys __proto__, constructor and prototype are not accepted.',
};

const mediaDetails = {
  'media-type': 'Send the body as application/json.',
  charset: 'Send application/json in UTF-8, with no other parameter than charset=utf-8.',
  encoding: 'Send the body without content-encoding; compressed bodies are not accepted.',
} as const;

type Said = Pick<ProblemInput, 'detail' | 'field' | 'extensions'>;

function said(error: EdgeError): Said {
  switch (error.kind) {
    case 'malformed':
      return { detail: 'The request does not follow HTTP; the connection is closed if its end cannot be told.' };
    case 'timeout':
      return { detail: 'Send headers within 10 seconds and the whole request within 15.' };
    case 'bad-json':
      return { detail: jsonDetails[error.reason] };
    case 'unsupported-media-type':
      return { detail: mediaDetails[error.reason] };
    case 'too-large':
      return { detail: 'A body may hold at most 16 KiB.' };
    case 'uri-too-long':
      return { detail: 'A URL may hold at most 2 KiB.' };
    case 'headers-too-large':
      return { detail: 'The header fields may hold at most 16 KiB together.' };
    case 'not-found':
      return { detail: 'There is nothing at this address for this credential.' };
    case 'invalid':
      return invalid(error.field, error.remedy);
    case 'unauthorized':
      return { detail: error.remedy ?? 'Send an API key as: Authorization: Bearer <key>.' };
    case 'forbidden':
      return { detail: error.remedy ?? 'Use a key that has the scope for this.' };
    case 'method-not-allowed':
    case 'rate-limited':
      return { detail: edgeWords(error) };
    case 'unavailable':
      return { detail: edgeWords(error), extensions: { reason: error.reason } };
    case 'internal':
      return { detail: 'Something failed on our side. Quote the request id when reporting it.' };
  }
}

function invalid(field: string | undefined, remedy: string): Said {
  return field === undefined ? { detail: `The body ${remedy}.` } : { detail: `\`${field}\` ${remedy}.`, field };
}
