import type { UnavailableReason } from '../engine/unavailable.ts';
import type { RatePolicy } from './rate.ts';
import type { JsonDefect } from './strict-json.ts';

/**
 * Everything that can be refused before, around or instead of a face's own answer. Each face words all of them, so an
 * unknown path below its prefix looks like one of its vendor's errors.
 */
export type EdgeError =
  | { readonly kind: 'malformed' }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'bad-json'; readonly reason: JsonDefect }
  | { readonly kind: 'unsupported-media-type'; readonly reason: 'media-type' | 'charset' | 'encoding' }
  | { readonly kind: 'too-large' | 'uri-too-long' | 'headers-too-large' | 'not-found' | 'internal' }
  | { readonly kind: 'method-not-allowed'; readonly allow: readonly string[] }
  /** `field` is a name such as `recipient` or `channels/0`; absent when the body as a whole is meant. */
  | { readonly kind: 'invalid'; readonly field?: string; readonly remedy: string }
  | { readonly kind: 'unauthorized'; readonly remedy?: string }
  | { readonly kind: 'forbidden'; readonly remedy?: string }
  | { readonly kind: 'rate-limited'; readonly retryAfterSeconds: number; readonly policy: RatePolicy }
  | { readonly kind: 'unavailable'; readonly reason: UnavailableReason; readonly retryAfterSeconds: number };

/** A finished answer. `body` is already serialised, because some are written to a socket that has no request. */
export interface EdgeReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly contentType: string;
  readonly body: string;
}

/** How the face mounted at `prefix` words an edge error. The longest matching prefix wins. */
export interface EdgeFace {
  /** Starts with a slash and does not end with one: `/ding/v1`. */
  readonly prefix: string;
  /** What it is called where requests are counted; its prefix when absent. */
  readonly name?: string;
  /** @param elapsedMs - since the request came; 0 for bytes that never became one */
  reply(error: EdgeError, requestId: string, elapsedMs: number): EdgeReply;
}

/**
 * Carries a refusal through code that can only fail by throwing, such as a body parser or an authentication hook. It is
 * answered like any other edge error and never logged.
 */
export class EdgeRefusal extends Error {
  readonly edge: EdgeError;

  constructor(edge: EdgeError) {
    super(`refused: ${edge.kind}`);
    this.name = 'EdgeRefusal';
    this.edge = edge;
  }
}

/** Whether what was thrown says that a credential is not accepted, for vendors who word that by the kind of credential. */
export function isUnauthorized(error: unknown): boolean {
  return error instanceof EdgeRefusal && error.edge.kind === 'unauthorized';
}
