import { afterEach, expect, test, vi } from 'vitest';
import type { Client, Reply } from '../../../testing/client.ts';
import { virtualClock } from '../../../testing/clock.ts';
import { aNumber, wrongFor } from '../../../testing/numbers.ts';
import { openServer, type TestServer } from '../../../testing/server.ts';
import { until } from '../../../testing/until.ts';
import type { Store } from '../../engine/store.ts';

/* What breaks inside is answered in general words; its own words are for the log alone. */

const canary = 'canary: select secret from /srv/vault at 0xfeed';
const broken = () => new Error(canary);

afterEach(() => {
  vi.restoreAllMocks();
});

const remembered = virtualClock();
const rememberedMs = 3001;

async function aServer(): Promise<TestServer> {
  return openServer({ clock: remembered });
}

interface Known {
  readonly id: string;
  readonly recipient: string;
  readonly code: string;
}

/** Every route, each with a request that would succeed. */
const routes = {
  create: (client: Client, _: Known) => client.create({ recipient: aNumber(), signals: { ip: '198.51.100.3' } }),
  check: (client: Client, { id, code }: Known) => client.check(id, wrongFor(code)),
  checkRecipient: (client: Client, { recipient, code }: Known) =>
    client.checkRecipient({ recipient, code: wrongFor(code) }),
  resend: (client: Client, { id }: Known) => client.resend(id),
  cancel: (client: Client, { id }: Known) => client.cancel(id),
  get: (client: Client, { id }: Known) => client.get(id),
  list: (client: Client, { recipient }: Known) => client.list({ recipient }),
} satisfies Record<string, (client: Client, known: Known) => Promise<Reply<unknown>>>;
type Route = keyof typeof routes;
const everyRoute = Object.keys(routes) as Route[];
const changing: Route[] = ['create', 'check', 'checkRecipient', 'resend', 'cancel'];

type Fault = [
  what: string,
  status: 500 | 503,
  inject: (store: Store) => void,
  /** Routes that need what breaks. */
  needing: Route[],
  /** What the log says; the words of the injected error when absent. */
  words?: string,
];

const failing = (name: 'verification' | 'sends' | 'verifications' | 'service' | 'apiKey') => (store: Store) =>
  void vi.spyOn(store.queries, name).mockImplementation(() => Promise.reject(broken()));

const faults: Fault[] = [
  ['a commit whose answer is lost', 503, lostCommit, changing],
  ['a rule that throws', 500, faultyRule, changing],
  [
    'a commit that answers nothing',
    500,
    (store) => void vi.spyOn(store, 'commitBatch').mockResolvedValue([]),
    changing,
    'a command failed',
  ],
  ['the time that cannot be told', 500, noTime, ['create', 'get', 'list']],
  ['a verification that cannot be read', 500, failing('verification'), ['resend', 'get']],
  ['messages that cannot be read', 500, failing('sends'), ['get']],
  ['a list that cannot be read', 500, failing('verifications'), ['list']],
  ['a service that cannot be read', 500, failing('service'), ['create', 'resend']],
  ['a key that cannot be read', 500, failing('apiKey'), everyRoute],
];

function lostCommit(store: Store): void {
  vi.spyOn(store, 'commitBatch').mockImplementation(() => Promise.reject(broken()));
}

function faultyRule(store: Store): void {
  vi.spyOn(store, 'commitBatch').mockImplementation(async (commands) =>
    commands.map(() => ({ kind: 'fault', detail: canary })),
  );
}

function noTime(store: Store): void {
  vi.spyOn(store, 'clock').mockImplementation(() => {
    throw broken();
  });
}

test.each(faults)(
  'survives %s, with %i, and tells only the log',
  async (_, status, inject, needing, words = canary) => {
    await using server = await aServer();
    const { alice, parts, log, transcript } = server;
    const known = await aPending(server);
    remembered.advance(30_000 + rememberedMs);

    inject(parts.store);
    for (const route of needing) {
      const reply = await routes[route](alice, known);
      expect([route, reply.status]).toEqual([route, status]);
      expect(reply.body).toMatchObject({ code: status === 500 ? 'internal_error' : 'unavailable' });
      remembered.advance(rememberedMs);
    }
    vi.restoreAllMocks();

    expect(transcript.join('\n')).not.toMatch(/canary|vault|secret|0xfeed|\.ts|stack/);
    const told = log.filter(({ level }) => level === 'error').map(({ text }) => text);
    expect(told.length).toBeGreaterThanOrEqual(needing.length);
    expect(told.join('\n')).toContain(words);
    for (const route of everyRoute) {
      const reply = await routes[route](alice, await aPending(server, 30_000));
      expect([route, reply.status < 300]).toEqual([route, true]);
    }
  },
);

async function aPending({ alice, outbox }: TestServer, ageMs = 0): Promise<Known> {
  const recipient = aNumber();
  const { body } = await alice.create({ recipient });
  const code = await outbox.code(body.id);
  remembered.advance(ageMs);
  return { id: body.id, recipient, code };
}

/* Real ones: a table goes away under the server, and the writing thread or the reader trips over it. */
const lostTables: [table: string, needing: Route[]][] = [
  ['addresses', ['create']],
  ['recipients', ['check', 'checkRecipient', 'resend']],
  ['verifications', ['check', 'cancel', 'get', 'list', 'resend']],
  ['sends', ['get', 'create']],
];

test.each(lostTables)('tells nobody that the table %s is gone', async (table, needing) => {
  await using server = await aServer();
  const { alice, transcript, log } = server;
  const known = await aPending(server);
  await server.rows();
  remembered.advance(30_000);
  await dropTable(server, table);
  for (const route of needing) {
    const reply = await routes[route](alice, known);
    expect([route, reply.status]).toEqual([route, 500]);
    expect(reply.body).toMatchObject({ code: 'internal_error' });
  }
  expect(transcript.join('\n')).not.toMatch(/no such table|sqlite|node_modules|select |insert |\.[tj]s:/i);
  expect(log.filter(({ text }) => text.includes('no such table')).length).toBeGreaterThanOrEqual(needing.length);
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
});

async function dropTable({ file }: TestServer, table: string): Promise<void> {
  const { default: Database } = await import('better-sqlite3');
  const db = new Database(file, { timeout: 5000 });
  db.exec(`drop table ${table}`);
  db.close();
}

const carriers: [what: string, answer: () => never | Promise<never>, reason: string][] = [
  [
    'throws',
    () => {
      throw broken();
    },
    'broken_connection',
  ],
  ['breaks off', () => Promise.reject(broken()), 'broken_connection'],
  ['throws what is no error', () => Promise.reject(canary), 'broken_connection'],
];

test.each(carriers)('tries a message again when its provider %s, and tells nobody why', async (_, answer, reason) => {
  await using server = await aServer();
  const { alice, outbox, transcript } = server;
  outbox.answer(answer);
  const { status, body } = await alice.create({ recipient: aNumber() });
  expect(status).toBe(201);
  const [send] = await until('the try to be recorded', async () => {
    const { sends } = (await alice.get(body.id)).body;
    return sends[0]?.reason === null ? undefined : sends;
  });
  expect(send).toMatchObject({ status: 'queued', tries: 1, reason });
  expect(transcript.join('\n')).not.toContain('canary');

  outbox.answer(() => ({ kind: 'accepted' }));
  remembered.advance(2000);
  await server.rows();
  expect((await alice.get(body.id)).body.sends).toMatchObject([{ status: 'submitted', tries: 2 }]);
  expect((await alice.check(body.id, await outbox.code(body.id))).body.result).toBe('verified');
});

test('answers all the same while the work that is due cannot be found', async () => {
  await using server = await aServer();
  const { alice, parts, log } = server;
  vi.spyOn(parts.store, 'dueSends').mockRejectedValue(broken());
  vi.spyOn(parts.store, 'maintain').mockRejectedValue(broken());
  await until('the failure to be logged', () => log.find(({ text }) => text.includes(canary)));
  const known = await aPending(server);
  expect((await alice.check(known.id, known.code)).body.result).toBe('verified');
  expect(server.transcript.join('\n')).not.toContain('canary');
});
