import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';

export interface ReceivedPost {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A team's own sender, as a real HTTP server on a free port of this machine. */
export interface GatewayServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** Requests that came whole. */
  readonly posts: readonly ReceivedPost[];
  readonly connections: number;
  readonly standing: number;
}

/** Answers the request, or does not. */
export type Answering = (response: ServerResponse, post: ReceivedPost) => void;

export interface GatewayServerOptions {
  readonly answers?: Answering;
  /** What becomes of a connection before anything is read from it. */
  readonly meets?: (socket: Socket) => void;
  /** HTTPS when present. */
  readonly tls?: { readonly cert: Buffer; readonly key: Buffer };
}

const accepts: Answering = (response) => void response.writeHead(204).end();

export async function openGatewayServer(options: GatewayServerOptions = {}): Promise<GatewayServer> {
  const { answers = accepts, meets, tls } = options;
  const posts: ReceivedPost[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const listener = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method = '', url: path = '', headers } = request;
    const post = { method, path, headers, body: Buffer.concat(chunks).toString('utf8') };
    posts.push(post);
    answers(response, post);
  };
  const server = tls === undefined ? createServer(listener) : createHttpsServer(tls, listener);
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    meets?.(socket);
  });
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://localhost:${port}/send`,
    port,
    posts,
    get connections() {
      return connections;
    },
    get standing() {
      return sockets.size;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Takes connections and says nothing to whatever comes. */
export async function openSilentServer(): Promise<AsyncDisposable & { readonly port: number }> {
  const sockets: Socket[] = [];
  const server = createTcpServer((socket) => void sockets.push(socket.resume().on('error', () => undefined)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
