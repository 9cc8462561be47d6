import type { FastifyReply } from 'fastify';
import type { EdgeError, EdgeFace } from './edge-error.ts';
import { elapsedMs } from './elapsed.ts';
import type { RateLimiter } from './rates.ts';
import { spelt } from './spelt.ts';

/* How vendors' faces answer what comes to nothing, whether one of their routes refuses it or something around them. */

/** What is wrong with a request, before it is put into a vendor's body. */
export interface Fault<Code> {
  readonly code: Code;
  /** Where they are others than what the code stands for. */
  readonly status?: number | undefined;
  readonly message?: string | undefined;
  readonly retryAfterSeconds?: number | undefined;
  /** How many are allowed, where that is what was reached. */
  readonly limit?: number | undefined;
}

/** The fault that an outcome is: a code, and with it how long to wait and what the limit was, where the outcome tells. */
export function faultOf<Code>(
  code: Code,
  outcome: { readonly kind: string; readonly retryAfterSeconds?: number; readonly window?: { readonly count: number } },
): Fault<Code> {
  return { code, retryAfterSeconds: outcome.retryAfterSeconds, limit: outcome.window?.count };
}

/** The same in the vendor's words. */
export interface Refusal {
  readonly status: number;
  readonly body: object;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface AnswersOptions<Wrong> extends Pick<EdgeFace, 'prefix' | 'name'> {
  /** @param tookMs - since the request came */
  readonly refusal: (wrong: Wrong, tookMs: number) => Refusal;
  /** What goes wrong around the routes. */
  readonly edge: (error: EdgeError) => Wrong;
  /** Of what goes wrong around the routes. */
  readonly contentType?: string;
}

/** A vendor's one form of refusal, for its routes and for what goes wrong around them. */
export interface Answers<Wrong> {
  refuse(reply: FastifyReply, wrong: Wrong): FastifyReply;
  readonly face: EdgeFace;
}

export function createAnswers<Wrong>(options: AnswersOptions<Wrong>): Answers<Wrong> {
  const { refusal, edge, contentType = 'application/json; charset=utf-8', ...named } = options;
  return {
    refuse(reply, wrong) {
      const { status, headers = {}, body } = refusal(wrong, elapsedMs(reply.request));
      return spelt(reply, headers).code(status).send(body);
    },
    face: {
      ...named,
      reply(error, _requestId, tookMs) {
        const { status, headers = {}, body } = refusal(edge(error), tookMs);
        return { status, headers, contentType, body: JSON.stringify(body) };
      },
    },
  };
}

/** What vendors have in their answers beside the answer. */
export interface AnswerParts {
  readonly rates: RateLimiter;
  /** The store's time. */
  readonly nowMs: () => number;
  /** Where the world reaches this server, without a slash at its end; errors lead to a page below it. */
  readonly publicUrl?: string | undefined;
}

/** The field that says how long to wait, where that is known. */
export function retryAfter(seconds: number | undefined): Record<string, string> {
  return seconds === undefined ? {} : { 'retry-after': String(seconds) };
}
