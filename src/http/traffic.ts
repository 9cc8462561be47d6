import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Log } from '../engine/log.ts';
import type { Counter } from '../engine/meter.ts';
import { answerUnderWay } from './answer-under-way.ts';
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

/** Counts every request when it ends, and logs it when it was slow or failed. */
export class Traffic {
  readonly #options: TrafficOptions;
  readonly #sockets = new Set<Socket>();
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
    request.enteredMs = performance.now();
    if (this.#closing) raw.setHeader('connection', 'close');
    raw.on('close', () => {
      ended();
      this.#note(request, raw, performance.now() - request.enteredMs);
    });
  }

  /**
   * A connection over which requests will come. Connections are remembered and not requests: a set that so much comes
   * and goes from makes the garbage collector carry what is long gone.
   */
  connected(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
  }

  /** From now on every answer asks the client to use another connection. */
  close(): void {
    this.#closing = true;
    for (const socket of this.#sockets) {
      const answer = answerUnderWay(socket);
      if (answer?.headersSent === false) answer.setHeader('connection', 'close');
    }
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
