import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { temporaryDirectory } from './process.ts';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly tenant: string | undefined;
  readonly body: unknown;
}

export interface Scripted {
  readonly status?: number;
  /** JSON; an array of lines is sent as NDJSON, line by line. */
  readonly body: unknown;
  /** The connection ends before the answer does. */
  readonly breaksOff?: boolean;
}

/** Answers by method and path: `GET /admin/v1/status`. */
export type Script = Readonly<Record<string, Scripted | ((asked: Asked) => Scripted)>>;

export interface ControlServer extends AsyncDisposable {
  readonly socket: string;
  readonly dataDir: string;
  /** Everything that was asked, oldest first. */
  readonly asked: Asked[];
}

/** A server on a real socket that answers from a script, in the form of the control API. */
export async function openControlServer(script: Script): Promise<ControlServer> {
  const directory = temporaryDirectory();
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    const one = await read(request);
    asked.push(one);
    const answer = script[`${one.method} ${one.path}`];
    write(response, typeof answer === 'function' ? answer(one) : (answer ?? unknown));
  });
  const socket = join(directory.path, 'control.sock');
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return {
    socket,
    dataDir: directory.path,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      directory[Symbol.dispose]();
    },
  };
}

const unknown: Scripted = { status: 404, body: { code: 'not_found', detail: 'There is nothing at this address.' } };

async function read(request: IncomingMessage): Promise<Asked> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  const tenant = request.headers['x-countersign-tenant'];
  const { method = '', url: path = '' } = request;
  return { method, path, tenant: tenant?.toString(), body: text === '' ? undefined : JSON.parse(text) };
}

function write(response: ServerResponse, { status = 200, body, breaksOff = false }: Scripted): void {
  const lines = Array.isArray(body) ? body : [body];
  const type = Array.isArray(body) ? 'application/x-ndjson' : 'application/json';
  response.writeHead(status, { 'content-type': type });
  for (const line of lines) response.write(`${JSON.stringify(line)}\n`);
  if (breaksOff) setImmediate(() => response.destroy());
  else response.end();
}
