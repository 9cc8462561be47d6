import { connect } from 'node:net';

/** An answer to bytes that were sent as they are. */
export interface RawAnswer {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Sends one request byte by byte as it is written, and reads the answer until the server closes the connection: the
 * request has to ask for that.
 */
export function sayRaw(url: string, lines: readonly string[], body = ''): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let text = '';
    socket.setTimeout(20_000, () => socket.destroy(new Error('no answer came')));
    socket.on('data', (bytes) => {
      text += bytes.toString('utf8');
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(answerOf(text)));
    socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`);
  });
}

function answerOf(text: string): RawAnswer {
  const end = text.indexOf('\r\n\r\n');
  const [first = '', ...fields] = text.slice(0, end).split('\r\n');
  const headers = fields.map((field) => {
    const colon = field.indexOf(':');
    return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()] as const;
  });
  return { status: Number(first.split(' ')[1]), headers: Object.fromEntries(headers), body: text.slice(end + 4) };
}
