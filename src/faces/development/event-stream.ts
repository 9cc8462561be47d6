import type { FastifyReply } from 'fastify';
import { type InboxView, type ShownMessage, shown } from './inbox-view.ts';
import { sendRefusal } from './refusal.ts';

const streamsMax = 20;
/** What a stream begins with. */
const snapshotMessages = 100;
/** A reader that is this far behind is cut off; it comes back by itself and starts from a new snapshot. */
const unreadBytesMax = 1 << 20;
/** How soon a browser comes back after a stream broke, for example because the server was restarted. */
const retryMs = 1000;

export interface EventStreams {
  /** Answers with a stream: first a `snapshot` of the newest messages, then each `message` as it arrives. */
  open(reply: FastifyReply): void;
  /** Ends every stream. */
  close(): void;
}

/** Keeps the open streams of one inbox (server-sent events, WHATWG HTML §9.2). */
export function createEventStreams(inbox: InboxView, heartbeatMs: number): EventStreams {
  const streams = new Map<FastifyReply['raw'], () => void>();
  const heartbeat = setInterval(() => {
    for (const stream of streams.keys()) write(stream, ': still here\n\n');
  }, heartbeatMs).unref();

  return {
    open(reply) {
      if (streams.size >= streamsMax) return void sendRefusal(reply, tooManyStreams);

      reply.hijack();
      const stream = reply.raw;
      stream.writeHead(200, { ...definedHeaders(reply), 'content-type': 'text/event-stream' });
      write(stream, `retry: ${retryMs}\n\n`);
      // In the same breath, so that no message falls between the snapshot and the first event.
      write(stream, event('snapshot', { messages: inbox.list().slice(0, snapshotMessages).map(shown) }));
      streams.set(
        stream,
        inbox.subscribe((message: ShownMessage) => write(stream, event('message', shown(message)))),
      );
      stream.on('error', () => stream.destroy());
      stream.on('close', () => {
        streams.get(stream)?.();
        streams.delete(stream);
      });
    },
    close() {
      clearInterval(heartbeat);
      // Not `end`: a reader who has stopped reading would then keep the server from closing.
      for (const stream of streams.keys()) stream.destroy();
    },
  };
}

function write(stream: FastifyReply['raw'], text: string): void {
  if (stream.writableEnded || stream.destroyed) return;
  if (stream.writableLength > unreadBytesMax) stream.destroy();
  else stream.write(text);
}

/** JSON has no line breaks of its own, so one `data` line holds it. */
function event(name: string, data: object): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}

function definedHeaders(reply: FastifyReply): Record<string, number | string | string[]> {
  const headers: Record<string, number | string | string[]> = {};
  for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) headers[name] = value;
  return headers;
}

const tooManyStreams = {
  status: 503,
  code: 'too_many_streams',
  title: 'Too many open pages',
  detail: `At most ${streamsMax} pages can follow the inbox at a time. Close one of them and try again.`,
};
