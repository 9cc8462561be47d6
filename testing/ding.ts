import Database from 'better-sqlite3';
import type { Service, ServiceOptions } from '../src/engine/tenancy.ts';
import { idToBytes } from '../src/stores/sqlite/ids.ts';
import { aService, freshId } from './builders.ts';
import { type VirtualClock, virtualClock } from './clock.ts';
import { aNumber } from './numbers.ts';
import { openServer, type TestServer, type TestServerOptions } from './server.ts';
import { by } from './store-contract/administrative.ts';

export type Json = Readonly<Record<string, unknown>>;

export interface Told {
  readonly status: number;
  readonly type: string;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Json;
}

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** As it goes over the wire. */
  readonly text?: string;
}

export interface Ding extends AsyncDisposable {
  readonly server: TestServer;
  readonly clock: VirtualClock;
  readonly url: string;
  readonly customer: string;
  readonly key: string;
  /** Any request, with the API key. */
  ask(path: string, asked?: Asked): Promise<Told>;
  /** A POST with the customer in its body. */
  post(path: string, fields?: Json): Promise<Told>;
  send(fields?: Json): Promise<Told>;
  check(id: unknown, code: unknown): Promise<Told>;
  retry(id: unknown): Promise<Told>;
  status(id: unknown): Promise<Told>;
  code(id: unknown, number?: number): Promise<string>;
  /** A pending authentication, and the code that was sent. */
  pending(fields?: Json): Promise<{ readonly id: string; readonly code: string; readonly body: Json }>;
  /** A service of the customer, for `template_id`. */
  service(options: ServiceOptions, given?: Partial<Service>): Promise<string>;
  /** The id of an authentication that was judged to be fraud, copied from a refused one behind the server's back. */
  spam(refusedId: string): string;
}

let services = 0;

export async function openDing(options: TestServerOptions = {}): Promise<Ding> {
  const clock = options.clock ?? virtualClock();
  const server = await openServer({ ...options, clock });
  const { tenantId: customer, apiKey: key } = server.alice;
  const url = `${server.url}/ding/v1`;

  const ask = async (path: string, { method = 'GET', headers = {}, text }: Asked = {}): Promise<Told> => {
    const response = await fetch(url + path, {
      method,
      headers: { 'x-api-key': key, ...(text === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      signal: AbortSignal.timeout(25_000),
      ...(text === undefined ? {} : { body: text }),
    });
    const said = await response.text();
    const type = response.headers.get('content-type') ?? '';
    const body = type.startsWith('application/json') ? (JSON.parse(said) as Json) : {};
    return { status: response.status, type, headers: response.headers, text: said, body };
  };
  const post = (path: string, fields: Json = {}) =>
    ask(path, { method: 'POST', text: JSON.stringify({ customer_uuid: customer, ...fields }) });
  const send = (fields: Json = {}) => post('/authentication', { phone_number: aNumber(), ...fields });
  const code = (id: unknown, number?: number) => server.outbox.code(String(id), number);

  return {
    server,
    clock,
    url,
    customer,
    key,
    ask,
    post,
    send,
    check: (authentication_uuid, check_code) => post('/check', { authentication_uuid, check_code }),
    retry: (authentication_uuid) => post('/retry', { authentication_uuid }),
    status: (id) => ask(`/authentication/${id}`),
    code,
    async pending(fields) {
      const { body } = await send(fields);
      const id = String(body.authentication_uuid);
      return { id, code: await code(id), body };
    },
    async service(serviceOptions, given = {}) {
      services += 1;
      const name = `service-${services}`;
      const service = aService({ tenantId: customer, name, options: serviceOptions, ...given });
      await server.parts.store.commitBatch([{ kind: 'create-service', tenantId: customer, by, service }]);
      return name;
    },
    spam: (refusedId) => copiedAsFraud(server.file, refusedId),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
    },
  };
}

function copiedAsFraud(file: string, refusedId: string): string {
  const id = freshId();
  const db = new Database(file, { timeout: 5000 });
  try {
    const columns = db.prepare(`select name from pragma_table_info('verifications')`).pluck().all() as string[];
    const values = columns.map((name) =>
      name === 'id' ? '?' : name === 'terms' ? `json_set(terms, '$.refusal', 'fraud')` : name,
    );
    db.prepare(
      `insert into verifications (${columns.join(', ')}) select ${values.join(', ')} from verifications where id = ?`,
    ).run(idToBytes(id), idToBytes(refusedId));
  } finally {
    db.close();
  }
  return id;
}
