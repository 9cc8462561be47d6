import type { ServerResponse } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Log } from '../engine/log.ts';
import type { Counter } from '../engine/meter.ts';
import { owns } from './edge.ts';
import type { EdgeFace } from './edge-error.ts';

const slowMs = 1000;
/** Lines a second about slow or failed requests: what is written by a server that drowns must not drown it. */
const linesMax = 10;

export interface TrafficOptions {
  readonly faces: readonly EdgeFace[];
  readonly requests: Counter<'face' | 'status'>;
  readonly log: Log;
}

/** Knows every request that is not answered yet: counts it when it ends, and logs it when it was slow or failed. */
export class Traffic {
  readonly #options: TrafficOptions;
  readonly #open = new Set<ServerResponse>();
  #closing = false;
  #lines = 0;
  #leftOut = 0;
  #secondAtMs = 0;

  constructor(options: TrafficOptions) {
    this.#options = options;
  }

  /** @param ended - told when the request is over, however that came */
  enter(request: FastifyRequest, reply: FastifyReply, ended: () => void): void {
    const { raw } = reply;
    const startedMs = performance.now();
    if (this.#closing) raw.setHeader('connection', 'close');
    this.#open.add(raw);
    raw.on('close', () => {
      this.#open.delete(raw);
      ended();
      this.#note(request, raw, performance.now() - startedMs);
    });
  }

  /** From now on every answer asks the client to use another connection. */
  close(): void {
    this.#closing = true;
    for (const response of this.#open) if (!response.headersSent) response.setHeader('connection', 'close');
  }

  #note(request: FastifyRequest, { statusCode, headersSent }: ServerResponse, tookMs: number): void {
    this.#options.requests.add([this.#faceOf(request.raw.url ?? ''), headersSent ? statusCode : 'unanswered']);
    // Of a 500 there is a line already, with the error.
    if (tookMs < slowMs && statusCode <= 500) return;
    const { method, url: route, config } = request.routeOptions;
    if (config?.endless === true || !this.#mayWrite()) return;
    const { leftOut } = this.#takeLeftOut();
    const milliseconds = Math.round(tookMs);
    this.#options.log.warn(
      { requestId: request.id, method: method ?? request.method, route, status: statusCode, milliseconds, leftOut },
      'a request was slow or failed',
    );
  }

  #faceOf(url: string): string {
    for (const { prefix, name } of this.#options.faces) if (owns(prefix, url)) return name ?? prefix;
    return 'none';
  }

  #mayWrite(): boolean {
    const nowMs = performance.now();
    if (nowMs - this.#secondAtMs >= 1000) {
      this.#secondAtMs = nowMs;
      this.#lines = 0;
    }
    this.#lines++;
    if (this.#lines > linesMax) this.#leftOut++;
    return this.#lines <= linesMax;
  }

  #takeLeftOut(): { readonly leftOut: number | undefined } {
    const leftOut = this.#leftOut === 0 ? undefined : this.#leftOut;
    this.#leftOut = 0;
    return { leftOut };
  }
}
