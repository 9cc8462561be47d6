import { type IncomingHttpHeaders, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { createInbox, type Inbox } from '../src/channels/inbox/inbox.ts';
import { quickStart } from '../src/faces/development/quick-start.ts';
import { type DevelopmentOptions, developmentRoutes } from '../src/faces/development/routes.ts';
import { createHttpServer } from '../src/http/server.ts';
import { aMessage } from './builders.ts';

export interface DevelopmentServer extends AsyncDisposable {
  readonly app: FastifyInstance;
  readonly inbox: Inbox;
  readonly baseUrl: string;
  readonly port: number;
  /** Puts a message into the inbox. */
  deliver(text: string, recipient?: string, channel?: 'sms' | 'email'): Promise<void>;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Answer>;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface DevelopmentServerOptions extends Pick<DevelopmentOptions, 'token' | 'heartbeatMs'> {
  /** Adds routes of the test's own. */
  readonly before?: (app: FastifyInstance) => void;
}

export const apiKey = 'cs_dev_3k7qWm9xTz2RbV5nYh8LpD';

/** A server on a free port of this machine, with nothing on it but the development face and an inbox. */
export async function openDevelopmentServer(options: DevelopmentServerOptions = {}): Promise<DevelopmentServer> {
  const { before, ...rest } = options;
  const log = { info() {}, warn() {}, error() {} };
  const app = createHttpServer({ log });
  const inbox = createInbox({ now: Date.now });
  const address = () => `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  before?.(app);
  await developmentRoutes(app, {
    inbox,
    credentials: { native: { apiKey } },
    baseUrl: address,
    commands: () => quickStart({ baseUrl: address(), apiKey, needsToken: options.token !== undefined }),
    ...rest,
  });
  await app.listen({ host: '127.0.0.1', port: 0 });

  const port = (app.server.address() as AddressInfo).port;
  let sent = 0;
  return {
    app,
    inbox,
    port,
    baseUrl: address(),
    async deliver(text, recipient = '+33612345678', channel = 'sms') {
      sent += 1;
      const message = aMessage({ channel, recipient, sender: 'Countersign', text, reference: `r${sent}` });
      await inbox.provider.send(message, { signal: AbortSignal.timeout(1000) });
    },
    get: (path, headers = {}) => get(port, path, headers),
    async [Symbol.asyncDispose]() {
      const closed = app.close();
      app.server.closeAllConnections();
      await closed;
    },
  };
}

/** Plain HTTP, since `fetch` does not let a test choose its Host, Origin and Sec-Fetch headers. */
function get(port: number, path: string, headers: Readonly<Record<string, string>>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, path, headers, agent: false, timeout: 5000 }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
      response.on('error', reject);
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer within 5 seconds')));
    outgoing.on('error', reject);
    outgoing.end();
  });
}
