import { parentPort, workerData } from 'node:worker_threads';
import { type ClockSource, clockFrom } from '../../engine/clock.ts';
import type { WriterCall, WriterReply } from './thread.ts';
import { Writer, type WriterOptions } from './writer.ts';

/* The thread that holds the writing connection, so that a slow disk or a checkpoint never blocks the event loop. */

if (parentPort === null) throw new Error('runs only as a thread of the store');
const port = parentPort;
const { options, clock } = workerData as { options: WriterOptions; clock: ClockSource };

const writer = open();
port.on('message', (call: WriterCall) => {
  const reply: WriterReply = answer(call);
  port.postMessage(reply);
  // The store's death ends the server; its successor takes over what this one owned.
  if (writer.lost) process.exit(1);
  if (call.method === 'close') port.close();
});

function open(): Writer {
  const writer = openDatabase();
  port.postMessage({
    id: 0,
    value: undefined,
    clock: writer.clock(),
    counters: writer.counters(),
    floorMs: writer.floorMs,
  } satisfies WriterReply);
  return writer;
}

/** @throws Error of the plain kind: the database's own would reach the other thread without its message */
function openDatabase(): Writer {
  try {
    return new Writer(options, clockFrom(clock));
  } catch (error) {
    const { message, code } = error as Error & { readonly code?: unknown };
    if (code === undefined) throw error;
    throw new Error(`${options.file} cannot be used (${message}); put a copy back, or choose another data directory`);
  }
}

function answer(call: WriterCall): WriterReply {
  try {
    const value = run(call);
    return { id: call.id, value, clock: writer.clock(), counters: writer.counters(), floorMs: writer.floorMs };
  } catch (error) {
    return { id: call.id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

function run(call: WriterCall): unknown {
  switch (call.method) {
    case 'commitBatch':
      return writer.commitBatch(call.commands);
    case 'dueSends':
      return writer.dueSends(call.limit);
    case 'maintain':
      return writer.maintain(call.job, call.limit);
    case 'useKeys':
      return writer.useKeys(call.keys);
    case 'checkpoint':
      return writer.checkpoint();
    case 'truncateLog':
      return writer.truncateLog();
    case 'close':
      return writer.close();
  }
}
