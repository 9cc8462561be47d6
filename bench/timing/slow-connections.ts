import { createConnection, type Socket } from 'node:net';

/** As many are opened at once as the system's queue of new connections holds with ease. */
const AT_ONCE = 100;
/** Each connection writes once in so many ticks. */
const TICKS = 10;
const TICK_MS = 100;

const beginning = 'POST /v1/verifications HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ';

export interface SlowConnections {
  /** How many the server has closed. */
  closed(): number;
  /** How long the one that lived longest has lived, until the server closed it or until now. */
  longestMs(): number;
  /** Ends those that are left. */
  end(): void;
}

/**
 * Opens connections to this machine that each begin a request and then write one byte of a header a second.
 * @throws Error when one of them is not accepted
 */
export async function openSlowConnections(port: number, count: number): Promise<SlowConnections> {
  const sockets: Socket[] = [];
  const openedMs: number[] = [];
  const closedMs: number[] = [];
  const end = () => {
    clearInterval(drip);
    for (const socket of sockets) socket.destroy();
  };
  let tick = 0;
  const drip = setInterval(() => {
    tick++;
    for (let at = tick % TICKS; at < sockets.length; at += TICKS) {
      if (sockets[at]?.writable) sockets[at]?.write('a');
    }
  }, TICK_MS);

  const open = (at: number) =>
    new Promise<void>((resolve, reject) => {
      const socket = createConnection({ host: '127.0.0.1', port }, () => {
        openedMs[at] = performance.now();
        socket.write(beginning);
        resolve();
      });
      sockets[at] = socket;
      socket.on('error', reject).on('close', () => {
        closedMs[at] = performance.now();
      });
      // The refusal has to be read for the end behind it to be seen.
      socket.resume();
    });
  try {
    for (let from = 0; from < count; from += AT_ONCE) {
      await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - from) }, (_, at) => open(from + at)));
    }
  } catch (error) {
    end();
    throw error;
  }

  return {
    closed: () => closedMs.filter((ms) => ms !== undefined).length,
    longestMs() {
      const nowMs = performance.now();
      return openedMs.reduce((longest, opened, at) => Math.max(longest, (closedMs[at] ?? nowMs) - opened), 0);
    },
    end,
  };
}
