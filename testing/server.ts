import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { type Channel, channels } from '../src/domain/channel.ts';
import { defaultLimits, type Limits } from '../src/domain/limits.ts';
import type { PriceTable } from '../src/domain/price.ts';
import { clockFrom } from '../src/engine/clock.ts';
import type { CallbackFace } from '../src/engine/events.ts';
import type { Log } from '../src/engine/log.ts';
import type { Provider, Routes } from '../src/engine/provider.ts';
import { systemRandom } from '../src/engine/random.ts';
import type { WebhookTransport } from '../src/engine/webhook-transport.ts';
import type { RatePolicy } from '../src/http/rate.ts';
import { createRateLimiter, defaultRates, noRates, type RateName } from '../src/http/rates.ts';
import type { CallbackRules } from '../src/main/callbacks.ts';
import { compose, type Server } from '../src/main/compose.ts';
import { openDevelopmentDirectory } from '../src/main/data-directory.ts';
import { provision } from '../src/main/development.ts';
import { savedIn } from '../src/main/key-file.ts';
import type { FaceSettings } from '../src/main/parts.ts';
import { openReader } from '../src/stores/sqlite/connection.ts';
import { type Client, createClient } from './client.ts';
import type { VirtualClock } from './clock.ts';
import type { OpenapiDocument } from './conformity.ts';
import { createOutbox, type Outbox } from './outbox.ts';
import { until } from './until.ts';

export interface TestServerOptions {
  readonly clock?: VirtualClock;
  /** Those of production when absent. */
  readonly limits?: Limits;
  /** None when absent; `{}` for those of production. */
  readonly rates?: Partial<Record<RateName, RatePolicy>>;
  /** Instead of the outbox, in order of choice for every channel that they carry. */
  readonly providers?: readonly Provider[];
  /** Where it logs, instead of into `log`. */
  readonly logged?: Log;
  readonly operationsToken?: string;
  /** Peers whose forwarding header is believed; nobody when absent. */
  readonly proxies?: readonly string[];
  readonly development?: boolean;
  /** As in production when absent. */
  readonly callbacks?: CallbackRules;
  /** None when absent. */
  readonly callbackFaces?: readonly CallbackFace[];
  readonly webhookTransport?: WebhookTransport;
  /** What messages cost; nothing when absent. */
  readonly prices?: PriceTable;
  /** Their defaults when absent. */
  readonly faces?: FaceSettings;
  /** Kept when the server closes, so that another one can open it. */
  readonly directory?: string;
}

export interface LogLine {
  readonly level: 'error' | 'warn';
  readonly text: string;
}

/** Whole rows as text, by table. */
export type Rows = Readonly<Record<string, readonly string[]>>;

export interface TestServer extends AsyncDisposable {
  readonly parts: Server;
  readonly url: string;
  /** Path of the database. */
  readonly file: string;
  /** Two tenants that know nothing of each other. */
  readonly alice: Client;
  readonly bob: Client;
  readonly outbox: Outbox;
  readonly document: OpenapiDocument;
  readonly log: readonly LogLine[];
  /** Every answer given to either client, whole. */
  readonly transcript: readonly string[];
  /** Everything in the database but the clock's own notes, once no message is under way. */
  rows(): Promise<Rows>;
}

/** The real composition over a database file, on a free port of this machine; it goes with the block it was opened in. */
export async function openServer(options: TestServerOptions = {}): Promise<TestServer> {
  const directory = options.directory ?? mkdtempSync(join(tmpdir(), 'countersign-test-'));
  const own = openDevelopmentDirectory(join(directory, 'alice'), systemRandom());
  const other = openDevelopmentDirectory(join(directory, 'bob'), systemRandom());
  const outbox = createOutbox();
  const providers = options.providers ?? [outbox.provider];
  const log: LogLine[] = [];
  const parts = await compose({
    file: own.databaseFile,
    keys: own.keys,
    savedKeys: savedIn(own.keyFile, systemRandom()),
    limits: options.limits ?? defaultLimits,
    rates: ratesOf(options),
    providers,
    routes: routesOver(providers),
    development: options.development ?? false,
    ...(options.prices === undefined ? {} : { prices: options.prices }),
    ...(options.faces === undefined ? {} : { faces: options.faces }),
    ...(options.proxies === undefined ? {} : { proxies: options.proxies }),
    callbacks: options.callbacks,
    callbackFaces: options.callbackFaces,
    webhookTransport: options.webhookTransport,
    passwordCost: 10,
    toleratesDelay: true,
    clock: options.clock?.source ?? 'system',
    log: options.logged ?? logInto(log),
    ...(options.operationsToken === undefined ? {} : { operationsToken: options.operationsToken }),
    onDeath: (error) => log.push({ level: 'error', text: `the store has died: ${inspect(error)}` }),
  });
  await Promise.all([own, other].map(({ credentials }) => provision(parts.committer, credentials)));
  await parts.app.listen({ host: '127.0.0.1', port: 0 });

  const url = `http://127.0.0.1:${(parts.app.server.address() as AddressInfo).port}`;
  const document = (await (await fetch(`${url}/v1/openapi.json`)).json()) as OpenapiDocument;
  const transcript: string[] = [];
  const clientOf = ({ credentials: { tenantId, native } }: typeof own) =>
    createClient({ url, tenantId, apiKey: native.apiKey, document, transcript });
  return {
    parts,
    url,
    file: own.databaseFile,
    alice: clientOf(own),
    bob: clientOf(other),
    outbox,
    document,
    log,
    transcript,
    rows: () => settledRows(parts, own.databaseFile),
    async [Symbol.asyncDispose]() {
      const closed = parts.close();
      parts.app.server.closeAllConnections();
      await closed;
      if (options.directory === undefined) rmSync(directory, { recursive: true, force: true });
    },
  };
}

function routesOver(providers: readonly Provider[]): Routes {
  const carriers = (channel: Channel) => providers.filter((provider) => provider.channels.includes(channel));
  return Object.fromEntries(channels.map((channel) => [channel, carriers(channel).map(({ name }) => name)]));
}

function ratesOf({ rates, clock }: TestServerOptions) {
  if (rates === undefined) return noRates;
  return createRateLimiter({ ...defaultRates, ...rates }, clockFrom(clock?.source ?? 'system').monotonicMs);
}

function logInto(lines: LogLine[]): Log {
  const line = (level: LogLine['level']) => (fields: object, message: string) =>
    void lines.push({ level, text: `${message} ${inspect(fields, { depth: 5 })}` });
  // That it was started and stopped is of no interest here.
  return { error: line('error'), warn: line('warn'), info: () => undefined };
}

async function settledRows({ store, sweeper }: Server, file: string): Promise<Rows> {
  await until('every message to be settled', async () => {
    const { queued = 0 } = (await store.queries.counts()).sends;
    return queued === 0 ? true : undefined;
  });
  // What the clock has made due is done now, and not between two looks that are to be compared.
  await sweeper.maintain();
  const db = openReader(file);
  try {
    const tables = db.prepare(`select name from sqlite_master where type = 'table' and name <> 'facts'`).pluck().all();
    const read = (table: string) => db.prepare(`select * from ${table}`).all().map(legible).sort();
    return Object.fromEntries((tables as string[]).map((table) => [table, read(table)]));
  } finally {
    db.close();
  }
}

/** Without the time that an API key was used last: it is noted beside the request that used it. */
function legible(row: unknown): string {
  return JSON.stringify(row, (name, value: unknown) => {
    if (name === 'last_used_at') return undefined;
    const bytes = value as { type?: unknown; data?: readonly number[] } | null;
    return bytes?.type === 'Buffer' && bytes.data ? Buffer.from(bytes.data).toString('hex') : value;
  });
}
