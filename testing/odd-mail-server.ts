import { type AddressInfo, createServer, type Socket } from 'node:net';

/** The steps of a mail, in their order: what the server was given when it does something odd. */
export const steps = ['connect', 'EHLO', 'MAIL', 'RCPT', 'DATA', 'body'] as const;
export type Step = (typeof steps)[number];

/** An SMTP server on a free port of this machine that behaves until a certain step. */
export interface OddMailServer extends AsyncDisposable {
  readonly port: number;
  readonly connections: number;
  readonly standing: number;
  /** What it was given, step by step, over all connections. */
  readonly given: readonly Step[];
}

/** What it does instead of answering; it never answers where nothing is returned. */
export type Oddity = (socket: Socket, times: number) => string | undefined;

export const stalls: Oddity = () => undefined;
export const hangsUp: Oddity = (socket) => void socket.end();
export const resets: Oddity = (socket) => void socket.resetAndDestroy();

const answers: Readonly<Record<Step, string>> = {
  connect: '220 odd.example ESMTP',
  EHLO: '250 odd.example',
  MAIL: '250 ok',
  RCPT: '250 ok',
  DATA: '354 go on',
  body: '250 ok',
};

/** @param odd - told how many times that step has come, over all connections */
export async function openOddMailServer(at: Step, odd: Oddity): Promise<OddMailServer> {
  const sockets = new Set<Socket>();
  const given: Step[] = [];
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
    const step = (name: Step) => {
      given.push(name);
      const times = given.filter((other) => other === name).length;
      const answer = name === at ? odd(socket, times) : answers[name];
      if (answer !== undefined) socket.write(`${answer}\r\n`);
    };
    let pending = '';
    let inBody = false;
    socket.on('data', (chunk) => {
      pending += chunk.toString('latin1');
      const end = inBody ? '\r\n.\r\n' : '\r\n';
      const index = pending.indexOf(end);
      if (index < 0) return;
      const line = pending.slice(0, index);
      pending = '';
      const name = inBody ? 'body' : steps.find((known) => line.startsWith(known));
      inBody = name === 'DATA';
      if (name === undefined) socket.write('250 ok\r\n');
      else step(name);
    });
    step('connect');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    given,
    get connections() {
      return connections;
    },
    get standing() {
      return sockets.size;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
