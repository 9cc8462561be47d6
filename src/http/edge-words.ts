import type { EdgeError } from './edge-error.ts';

/* What goes wrong around a face, for the faces whose vendor has no words of his own for it. */

type Kind = EdgeError['kind'];

/** The HTTP status of each; a vendor who has another one says so in the errors of his face. */
export const edgeStatus = {
  malformed: 400,
  timeout: 408,
  'bad-json': 400,
  'unsupported-media-type': 415,
  'too-large': 413,
  'uri-too-long': 414,
  'headers-too-large': 431,
  'not-found': 404,
  'method-not-allowed': 405,
  invalid: 400,
  unauthorized: 401,
  forbidden: 403,
  'rate-limited': 429,
  unavailable: 503,
  internal: 500,
} as const satisfies Record<Kind, number>;

const sentences = {
  malformed: 'The request does not follow HTTP.',
  timeout: 'The request did not arrive in time.',
  'bad-json': 'The body is not one JSON object that gives each key once.',
  'unsupported-media-type': 'Send the body as application/json in UTF-8, not compressed.',
  'too-large': 'The body is too large.',
  'uri-too-long': 'The URL is too long.',
  'headers-too-large': 'The header fields are too large.',
  'not-found': 'There is nothing at this address.',
  unauthorized: 'The credential is missing or not accepted.',
  forbidden: 'This credential may not do this.',
  unavailable: 'Try again after the stated time.',
  internal: 'Something failed on our side.',
} as const satisfies Record<Exclude<Kind, 'method-not-allowed' | 'invalid' | 'rate-limited'>, string>;

/** One sentence that says what was wrong and, where something helps, what does. It quotes nothing of the request. */
export function edgeWords(error: EdgeError): string {
  switch (error.kind) {
    case 'method-not-allowed':
      return `Use ${error.allow.join(', ')} here.`;
    case 'invalid':
      return `${error.field ?? 'The body'} ${error.remedy}.`;
    case 'rate-limited':
      return `Wait ${error.retryAfterSeconds} s before the next request.`;
    case 'unauthorized':
    case 'forbidden':
      return error.remedy ?? sentences[error.kind];
    default:
      return sentences[error.kind];
  }
}
