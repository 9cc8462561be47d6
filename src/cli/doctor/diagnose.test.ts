import { expect, test } from 'vitest';
import { typed } from '../../../testing/cli.ts';
import type { Check } from './check.ts';
import { diagnose, type ServerFacts } from './diagnose.ts';
import { type Fact, type Facts, fact } from './facts.ts';

const nowMs = Date.parse('2026-11-21T12:00:00Z');
const iso = (ms: number) => new Date(ms).toISOString();
const dayMs = 86_400_000;
const known = <T>(value: T): Fact<T> => ({ kind: 'known', value });

/** Everything is as it should be, but for what a test says. */
const well = {
  settings: { mode: 'production' as const, problems: [] as string[] },
  directory: { path: '/data', exists: true, owner: 7, user: 7, mode: 0o700, freeBytes: 2 ** 34 },
  keyFile: {
    path: '/data/keys.json',
    exists: true,
    owner: 7,
    mode: 0o600,
    problem: null as string | null,
    rings: { pepper: ['k-1'], data: ['k-1'] },
  },
  store: {
    file: '/data/countersign.db',
    exists: true,
    integrity: 'ok',
    schema: 2,
    schemaKnown: 2,
    markedBackup: false,
    locked: true,
    clockFloorMs: nowMs - 1000,
  },
  machine: { nowMs, clockSynchronised: true as boolean | null, openFilesMax: 65_536, timerLateMs: 2 },
  delivery: {
    providers: [
      { name: 'mail', channels: ['email' as const], probe: { kind: 'ready' as const }, warnings: [] as string[] },
    ] as object[],
    routes: { email: ['mail'] } as Record<string, string[]>,
  },
  running: true,
  status: {
    version: '1.2.3',
    mode: 'production',
    ready: true,
    reasons: [] as string[],
    sendingStopped: false,
    startedAt: iso(nowMs),
    clock: { now: iso(nowMs), confirmed: true, steps: 0 },
    queued: 0,
    schema: 2,
  },
  keys: [{ ring: 'pepper', id: 'k-1', active: true, rows: 10 }],
  tenant: {
    id: 't-1',
    name: 'Acme',
    dailySendsMax: 100,
    sendsToday: 1,
    prepaid: false,
    balance: 0,
    currency: 'EUR',
    createdAt: iso(nowMs),
  },
  service: {
    name: 'default',
    brand: 'Acme',
    sender: 'Acme',
    channels: ['email'],
    countries: ['FR'],
    codePolicy: { length: 6, alphabet: 'digits', ttlSeconds: 300, maxAttempts: 5 },
    weakCodes: false,
    testNumbers: [] as object[],
  },
  apiKey: {
    id: 'abcd',
    name: 'backend',
    scopes: [],
    sources: [],
    createdAt: iso(nowMs),
    expiresAt: null as string | null,
    revokedAt: null as string | null,
    lastUsedAt: null,
  },
  endpoints: [] as object[],
  operatorKeys: [] as object[],
  audit: { ok: true, trails: [] as object[] },
};
type World = typeof well;
type Fault = { readonly [Part in keyof World]?: World[Part] extends object ? Partial<World[Part]> : World[Part] };

function factsOf(fault: Fault): [Facts, ServerFacts] {
  const part = <Name extends keyof World>(name: Name): World[Name] => {
    const [usual, other] = [well[name], fault[name]];
    if (Array.isArray(usual) || typeof usual !== 'object') return (other ?? usual) as World[Name];
    return { ...(usual as object), ...(other as object) } as World[Name];
  };
  const facts = {
    settings: known(part('settings')),
    directory: known(part('directory')),
    keyFile: known(part('keyFile')),
    store: known(part('store')),
    machine: known(part('machine')),
    delivery: known(part('delivery')),
    running: part('running'),
  };
  const tenants = [
    { tenant: part('tenant'), services: [part('service')], apiKeys: [part('apiKey')], endpoints: part('endpoints') },
  ];
  const server = {
    status: known(part('status')),
    keys: known(part('keys')),
    tenants: known(tenants),
    operatorKeys: known(part('operatorKeys')),
    audit: known(part('audit')),
  };
  return [facts as unknown as Facts, server as unknown as ServerFacts];
}

const faulty = (checks: readonly Check[]) => checks.filter(({ state }) => state !== 'ok');

test('has nothing to say about a server that is well', () => {
  const checks = diagnose(...factsOf({}));
  expect(checks.find(({ name }) => name === 'tenant Acme')?.finding).toBe('1 service, 1 API key');
  expect(faulty(checks)).toEqual([]);
  expect(checks.length).toBeGreaterThan(14);
  expect(checks.every(({ remedy }) => remedy === '')).toBe(true);
});

const mail = { name: 'mail', channels: ['email'], warnings: [] };
const testNumber = { recipient: '+14155550123', validUntil: iso(nowMs - dayMs) };
const problem = { number: 7, what: 'its hash is wrong' };
const endpoint = { id: 'e-1', url: 'https://example.com/hook', disabledReason: null, failingSince: null };

const faults: [name: string, state: 'warn' | 'bad', fault: Fault, finding: RegExp, remedy: RegExp][] = [
  ['settings', 'bad', { settings: { problems: ['listen must be x'] } }, /^listen must be x$/, /config list/],
  ['data directory', 'warn', { directory: { exists: false } }, /does not exist/, /--data-dir/],
  ['data directory', 'bad', { directory: { mode: 0o750 } }, /open to others \(mode 0750\)/, /chmod 700 \/data/],
  ['data directory', 'bad', { directory: { owner: 9 } }, /belongs to user 9, and this is user 7/, /work as user 9/],
  ['free space', 'warn', { directory: { freeBytes: 2 ** 29 } }, /only 512\.0 MiB are left/, /make room/],
  ['free space', 'bad', { directory: { freeBytes: 2 ** 20 } }, /only 1\.0 MiB are left/, /make room/],
  ['key file', 'bad', { keyFile: { exists: false } }, /keys\.json does not exist/, /put the key file back/],
  ['key file', 'bad', { keyFile: { mode: 0o640 } }, /open to others \(mode 0640\)/, /chmod 600 \/data\/keys\.json/],
  ['key file', 'bad', { keyFile: { problem: 'it is no JSON' } }, /it is no JSON/, /put the key file back/],
  ['key file', 'bad', { keyFile: { rings: { pepper: ['k-1'], data: [] } } }, /the data ring has no key/, /put the/],
  ['store', 'warn', { store: { exists: false } }, /does not exist yet/, /start the server once, or restore a backup/],
  ['store', 'bad', { store: { integrity: 'page 3 is lost' } }, /is damaged: page 3 is lost/, /restore a backup/],
  ['store', 'bad', { store: { schema: 9 } }, /schema 9 is newer than 2/, /run the newer countersign/],
  ['store', 'warn', { store: { schema: 1 } }, /schema 1 is older than 2/, /countersign migrate/],
  ['store', 'bad', { store: { markedBackup: true } }, /is a backup that was copied here/, /countersign restore/],
  ['clock', 'warn', { store: { clockFloorMs: nowMs + 60_000 } }, /it is 60 s behind/, /NTP/],
  [
    'clock',
    'bad',
    { store: { clockFloorMs: nowMs + 3 * dayMs } },
    /it is 3 days behind/,
    /COUNTERSIGN_CONFIRM_CLOCK=yes/,
  ],
  ['clock', 'warn', { machine: { clockSynchronised: false } }, /does not keep it by the network/, /set-ntp true/],
  ['open files', 'warn', { machine: { openFilesMax: 1024 } }, /may have 1024 files open/, /ulimit -n/],
  ['timers', 'warn', { machine: { timerLateMs: 900 } }, /900 ms late/, /processor time/],
  [
    'server',
    'bad',
    { status: { ready: false, reasons: ['clock_unconfirmed'] } },
    /not ready: clock_unconfirmed/,
    /CONFIRM_CLOCK/,
  ],
  ['server', 'warn', { running: false, store: { locked: false } }, /it is not running/, /countersign serve/],
  ['sending', 'warn', { status: { sendingStopped: true } }, /it was stopped/, /countersign resume-sending/],
  [
    'keys',
    'bad',
    { keys: [{ ring: 'data', id: 'k-0', active: false, rows: 4 }] },
    /4 rows need key k-0 of the data ring/,
    /add it back/,
  ],
  ['providers', 'bad', { delivery: { providers: [], routes: { email: ['x'] } } }, /there is none/, /under providers/],
  [
    'provider mail',
    'bad',
    {
      delivery: {
        providers: [{ ...mail, probe: { kind: 'problem', problem: 'its certificate ran out', remedy: 'renew it' } }],
      },
    },
    /its certificate ran out/,
    /renew it/,
  ],
  [
    'provider mail',
    'warn',
    { delivery: { providers: [{ ...mail, probe: { kind: 'none' }, warnings: ['it sends in clear'] }] } },
    /it sends in clear/,
    /unless it is meant/,
  ],
  ['routes', 'bad', { service: { channels: ['email', 'sms'] } }, /use sms and no provider carries it/, /routes\.sms/],
  [
    'routes',
    'warn',
    { delivery: { providers: [mail, { ...mail, name: 'idle' }].map((one) => ({ ...one, probe: { kind: 'ready' } })) } },
    /provider idle is in no route/,
    /under routes/,
  ],
  ['tenant Acme', 'bad', { tenant: { dailySendsMax: 0 } }, /no ceiling/, /tenant change t-1 --daily-sends-max 1000/],
  ['tenant Acme', 'bad', { tenant: { sendsToday: 100 } }, /the ceiling of today is used up: 100 messages/, /raise it/],
  ['tenant Acme', 'warn', { service: { channels: [] } }, /default has no channels/, /--tenant t-1 --channels/],
  [
    'tenant Acme',
    'warn',
    { service: { countries: [], channels: ['sms'] }, delivery: { routes: { email: ['mail'], sms: ['mail'] } } },
    /default has no countries/,
    /service change default --tenant t-1 --countries/,
  ],
  ['tenant Acme', 'warn', { service: { testNumbers: [testNumber] } }, /test number \+14155550123 .* ran out/, /remove/],
  ['tenant Acme', 'warn', { apiKey: { expiresAt: iso(nowMs - 1) } }, /backend \(abcd\) expired/, /api-key revoke abcd/],
  [
    'tenant Acme',
    'warn',
    { apiKey: { expiresAt: iso(nowMs + 6 * dayMs) } },
    /expires on/,
    /api-key rotate abcd --tenant t-1/,
  ],
  [
    'tenant Acme',
    'warn',
    { endpoints: [{ ...endpoint, disabledReason: 'failing', failingSince: iso(nowMs - dayMs) }] },
    /example\.com\/hook \(e-1\) is told nothing any more: failing/,
    /webhook change e-1 --tenant t-1 --enable/,
  ],
  [
    'tenant Acme',
    'warn',
    { endpoints: [{ ...endpoint, failingSince: iso(nowMs - dayMs) }] },
    /has failed since 2026-11-20/,
    /webhook deliveries e-1 --tenant t-1/,
  ],
  [
    'operator keys',
    'warn',
    { operatorKeys: [{ ...well.apiKey, expiresAt: iso(nowMs + dayMs) }] },
    /expires on/,
    /api-key rotate abcd --operator/,
  ],
  [
    'audit trails',
    'bad',
    { audit: { ok: false, trails: [{ tenantId: 't-1', problem }] } },
    /t-1 is broken at entry 7/,
    /keep a copy/,
  ],
];

test.each(faults)('finds by the name %s, as %s: %j', (name, state, fault, finding, remedy) => {
  const found = faulty(diagnose(...factsOf(fault)));
  expect(found).toEqual([
    { name, state, finding: expect.stringMatching(finding), remedy: expect.stringMatching(remedy) },
  ]);
});

test('finds a store that somebody owns who does not answer', () => {
  const found = faulty(diagnose(...factsOf({ running: false })));
  expect(found.map(({ name, finding }) => `${name}: ${finding}`)).toEqual([
    'store: another process owns it and no server answers',
    'server: it is not running',
  ]);
});

test('revoked keys and keys that last are left alone', () => {
  for (const apiKey of [{ expiresAt: iso(nowMs - 1), revokedAt: iso(nowMs) }, { expiresAt: iso(nowMs + 30 * dayMs) }]) {
    expect(faulty(diagnose(...factsOf({ apiKey })))).toEqual([]);
  }
});

test('webhook endpoints that are told, or that their owner turned off, are left alone', () => {
  const endpoints = [endpoint, { ...endpoint, disabledReason: 'paused' }];
  expect(faulty(diagnose(...factsOf({ endpoints })))).toEqual([]);
});

test('a part that cannot be learnt is said to be so, and leaves the others', async () => {
  const [facts, server] = factsOf({ directory: { mode: 0o755 } });
  const store = await fact((): never => {
    throw new Error('it cannot be read\n  at somewhere');
  });
  const found = faulty(diagnose({ ...facts, store }, server));
  expect(found.map(({ name, finding }) => `${name}: ${finding}`)).toEqual([
    expect.stringMatching(/^data directory: /),
    'store: could not be looked at: it cannot be read',
  ]);
});

test('the command asks no server where the store must not be opened, and ends with 5', async () => {
  const [facts] = factsOf({ running: false, store: { schema: 1, locked: false }, directory: { mode: 0o777 } });
  const connect = () => Promise.reject(new Error('it was opened'));
  const { exit, out } = await typed(['doctor'], {}, { connect, gatherFacts: async () => facts });
  expect(exit).toBe(5);
  expect(out).toMatch(/^ok +settings +good, production mode\nbad +data directory +\/data is open to others/);
  expect(out).toContain('could not be looked at: the store has schema 1, and not 2');
  expect(out).toMatch(/\n\d+ good, \d+ to look at, 1 to mend\n$/);
});
