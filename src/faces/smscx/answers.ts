import type { FastifyReply } from 'fastify';
import type { EdgeFace } from '../../http/edge-error.ts';
import { elapsedMs } from '../../http/elapsed.ts';
import type { RateLimiter } from '../../http/rates.ts';
import { edgeFault, type Fault } from './errors.ts';

export interface AnswerOptions {
  readonly rates: RateLimiter;
  /** The store's time. */
  readonly nowMs: () => number;
  /** Where the world reaches this server, without a slash at its end; errors lead to a page below it. */
  readonly publicUrl?: string | undefined;
}

/** How anything is answered: every answer has the vendor's header fields, and every refusal its body. */
export interface Answers {
  /** @param keyId - whose rate is told */
  give(reply: FastifyReply, keyId: string, status: number, body: unknown): FastifyReply;
  refuse(reply: FastifyReply, fault: Fault): FastifyReply;
  readonly face: EdgeFace;
}

export const prefix = '/smscx';

/** Said where there is no rate. */
const noLimit = { quota: 1_000_000, remaining: 1_000_000 };

export function createAnswers({ rates, nowMs, publicUrl = '' }: AnswerOptions): Answers {
  const bodyOf = ({ type, message, code }: Fault) => ({
    error: { type, message, code, uri: `${publicUrl}${prefix}/errors#${code}` },
  });

  const refusalHeaders = ({ retryAfterSeconds, limit = noLimit.quota }: Fault, took: number) => ({
    ...responseTime(took),
    ...(retryAfterSeconds === undefined
      ? {}
      : {
          'retry-after': String(retryAfterSeconds),
          'x-rate-limit-limit': String(limit),
          'x-rate-limit-remaining': '0',
          'x-rate-limit-reset': String(Math.ceil(nowMs() / 1000) + retryAfterSeconds),
        }),
  });

  return {
    give(reply, keyId, status, body) {
      const { quota, remaining } = rates.left('apiKey', keyId) ?? noLimit;
      const told = { 'x-rate-limit-limit': String(quota), 'x-rate-limit-remaining': String(remaining) };
      return reply
        .code(status)
        .headers({ ...responseTime(elapsedMs(reply.request)), ...told })
        .send(body);
    },

    refuse(reply, fault) {
      const headers = refusalHeaders(fault, elapsedMs(reply.request));
      return reply.code(fault.status).headers(headers).send(bodyOf(fault));
    },

    face: {
      prefix,
      name: 'smscx',
      reply(error, _requestId, took) {
        const fault = edgeFault(error);
        return {
          status: fault.status,
          headers: refusalHeaders(fault, took),
          contentType: 'application/json; charset=utf-8',
          body: JSON.stringify(bodyOf(fault)),
        };
      },
    },
  };
}

function responseTime(tookMs: number): Record<string, string> {
  return { 'x-response-time': String(Math.trunc(tookMs)) };
}
