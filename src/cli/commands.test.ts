import { expect, test } from 'vitest';
import { typed } from '../../testing/cli.ts';
import type { Script } from '../../testing/control-server.ts';

const id = '01a1fb3d-8303-7484-ab6e-32f17a3223fc';
const tenant = {
  id,
  name: 'Acme',
  dailySendsMax: 1000,
  sendsToday: 12,
  prepaid: true,
  balance: 12.5,
  currency: 'EUR',
  createdAt: '2026-11-20T23:14:34.884Z',
};
const codePolicy = { length: 6, alphabet: 'digits', ttlSeconds: 300, maxAttempts: 5 };
const service = {
  name: 'default',
  brand: 'Acme',
  sender: 'Acme',
  channels: ['sms', 'email'],
  countries: [],
  codePolicy,
  weakCodes: false,
  senders: ['Ada'],
  whilePending: 'resume',
  retryChannels: [],
  callbackUrl: null,
  testNumbers: [{ recipient: '+14155550123', validUntil: '2027-01-31T00:00:00.000Z' }],
};
const key = {
  id: '0123456789abcdef',
  name: 'backend',
  scopes: ['verifications:send'],
  sources: [],
  createdAt: tenant.createdAt,
  expiresAt: null,
  revokedAt: null,
  lastUsedAt: null,
};
const endpoint = {
  id,
  url: 'https://example.com/events',
  events: [],
  description: '',
  fullRecipient: false,
  enabled: false,
  disabledReason: 'failing',
  failingSince: tenant.createdAt,
  previousSecretUntil: null,
  createdAt: tenant.createdAt,
};
const told = {
  eventId: id,
  event: 'send.failed',
  verificationId: id,
  status: 'queued',
  attempts: 3,
  httpStatus: 500,
  reason: 'refused',
  createdAt: tenant.createdAt,
  nextAttemptAt: tenant.createdAt,
  endedAt: null,
};
const user = {
  id,
  reference: 'c-1',
  phoneNumber: '+33612345678',
  email: null,
  hasPassword: true,
  recoveryCodesLeft: 3,
  lastLoginAt: null,
  createdAt: tenant.createdAt,
  updatedAt: tenant.createdAt,
};
const token = {
  id,
  userId: id,
  description: 'laptop',
  createdAt: tenant.createdAt,
  expiresAt: null,
  lastUsedAt: tenant.createdAt,
};
const verification = {
  id,
  status: 'pending',
  recipient: '+33612345678',
  channel: 'sms',
  service: 'default',
  reference: null,
  createdAt: tenant.createdAt,
  expiresAt: tenant.createdAt,
  endedAt: null,
  attemptsLeft: 5,
  sendsLeft: 4,
};
const entry = {
  number: 1,
  at: tenant.createdAt,
  actor: 'operator root',
  action: 'change-tenant',
  target: 'tenant',
  after: {},
};
const trail = { tenantId: id, entries: 1, head: { number: 1, hash: 'abc' }, problem: null };
const status = {
  version: '1.2.3',
  mode: 'production',
  ready: false,
  reasons: ['clock_unconfirmed'],
  sendingStopped: true,
  startedAt: tenant.createdAt,
  clock: { now: tenant.createdAt, confirmed: false, steps: 1 },
  queued: 3,
  schema: 2,
};

const at = `/admin/v1/tenants/${id}`;
const script: Script = {
  'GET /admin/v1/tenants': { body: { tenants: [tenant] } },
  'POST /admin/v1/tenants': { status: 201, body: tenant },
  [`PATCH ${at}`]: { body: tenant },
  [`POST ${at}/balance`]: { body: tenant },
  [`GET ${at}/services`]: { body: { services: [service] } },
  [`POST ${at}/services`]: { status: 201, body: service },
  [`GET ${at}/services/default`]: { body: service },
  [`PATCH ${at}/services/default`]: { body: service },
  [`PUT ${at}/services/default/test-numbers/%2B14155550123`]: { body: service },
  [`DELETE ${at}/services/default/test-numbers/%2B14155550123`]: { body: service },
  [`GET ${at}/api-keys`]: { body: { apiKeys: [key] } },
  [`POST ${at}/api-keys`]: { status: 201, body: { ...key, key: 'cs_live_shown' } },
  [`PATCH ${at}/api-keys/${key.id}`]: { body: key },
  [`POST ${at}/api-keys/${key.id}/rotate`]: { status: 201, body: { ...key, key: 'cs_live_next' } },
  [`POST ${at}/api-keys/${key.id}/revoke`]: { body: { ...key, revokedAt: tenant.createdAt } },
  [`GET ${at}/webhook-endpoints`]: { body: { endpoints: [endpoint] } },
  [`POST ${at}/webhook-endpoints`]: { status: 201, body: { ...endpoint, secret: 'whsec_shown' } },
  [`PATCH ${at}/webhook-endpoints/${id}`]: { body: { ...endpoint, enabled: true } },
  [`DELETE ${at}/webhook-endpoints/${id}`]: { body: {} },
  [`POST ${at}/webhook-endpoints/${id}/rotate-secret`]: { status: 201, body: { ...endpoint, secret: 'whsec_next' } },
  [`POST ${at}/webhook-endpoints/${id}/test`]: { body: { delivered: false, httpStatus: null, reason: 'timeout' } },
  [`GET ${at}/webhook-endpoints/${id}/deliveries?limit=1`]: { body: { deliveries: [told], nextCursor: 'c1' } },
  [`POST ${at}/webhook-endpoints/${id}/replay`]: { body: { events: 2, next: null } },
  [`GET ${at}/users?reference=c-1&limit=1`]: { body: { users: [user], nextCursor: id } },
  [`GET ${at}/users/${id}`]: { body: user },
  [`POST ${at}/users`]: { status: 201, body: user },
  [`PATCH ${at}/users/${id}`]: { body: user },
  [`DELETE ${at}/users/${id}`]: { body: {} },
  [`GET ${at}/users/${id}/tokens`]: { body: { sessions: [token] } },
  [`POST ${at}/users/${id}/tokens`]: { status: 201, body: { ...token, token: 'cst_shown' } },
  [`DELETE ${at}/sessions/${id}`]: { body: {} },
  'GET /admin/v1/api-keys': { body: { apiKeys: [] } },
  'GET /admin/v1/keys': { body: { keys: [{ ring: 'pepper', id: 'k-1', active: true, rows: 1234 }] } },
  'POST /admin/v1/keys/pepper/rotate': { body: { ring: 'pepper', id: 'k-2' } },
  'DELETE /admin/v1/keys/pepper/k-1': { body: { ring: 'pepper', id: 'k-1' } },
  'POST /admin/v1/keys/rewrap': { body: [{ progress: { done: 1, total: 2 } }, { result: { rows: 2 } }] },
  'GET /v1/verifications?recipient=%2B33612345678&limit=1': { body: { verifications: [verification], nextCursor: id } },
  [`GET /v1/verifications/${id}`]: { body: { ...verification, timeline: [{ event: 'created', at: 'x' }], sends: [] } },
  [`POST /v1/verifications/${id}/cancel`]: { body: { ...verification, status: 'cancelled' } },
  'POST /v1/verifications': { status: 201, body: { ...verification, sent: true, resumed: false, nextSendAt: null } },
  'POST /v1/checks': ({ body }) => {
    const right = (body as { code: string }).code === '123456';
    return { body: { result: right ? 'verified' : 'wrong_code', attemptsLeft: 4, verification } };
  },
  [`POST /v1/verifications/${id}/checks`]: { body: { result: 'expired', attemptsLeft: 0, verification } },
  [`GET ${at}/audit?after=0&limit=1`]: { body: { entries: [entry], next: 1 } },
  'GET /admin/v1/audit': { body: { entries: [], next: null } },
  'GET /admin/v1/audit/verification': { body: { ok: true, trails: [trail] } },
  'GET /admin/v1/status': { body: status },
  'PUT /admin/v1/sending': ({ body }) => ({ body }),
  'POST /admin/v1/backup': { body: [{ result: { file: '/somewhere/x.db', bytes: 3_145_728 } }] },
  'POST /admin/v1/purge': {
    body: [
      { result: { rows: { 'purge-verifications': 2, 'purge-addresses': 1, 'purge-audit': 0 }, logTruncated: true } },
    ],
  },
  'POST /admin/v1/erasures': { body: [{ result: { rows: 2, logTruncated: false } }] },
};

/** The last request of each command, and what people see. */
const rows: [args: string, last: string, sent: unknown, out: RegExp][] = [
  ['tenant list', 'GET /admin/v1/tenants', undefined, /^ID +NAME +SENDS TODAY.*\n\S+ +Acme +12 +1,000 /],
  ['tenant show Acme', 'GET /admin/v1/tenants', undefined, /^id +01a1fb3d-.*\nname +Acme\ndaily most +1,000\n/],
  [
    'tenant create Acme --daily-sends-max 9',
    'POST /admin/v1/tenants',
    { name: 'Acme', dailySendsMax: 9 },
    /^id +01a1fb3d-/,
  ],
  ['tenant change --name New', `PATCH ${at}`, { name: 'New' }, /^id +01a1fb3d-/],
  ['tenant change --no-prepaid', `PATCH ${at}`, { prepaid: false }, /pays beforehand +yes\nbalance +12.5 EUR\n/],
  ['tenant balance', 'GET /admin/v1/tenants', undefined, /\nbalance +12.5 EUR\n/],
  ['tenant balance Acme --add 12.50', `POST ${at}/balance`, { amount: 12.5 }, /^id +01a1fb3d-/],
  ['tenant balance --take 0.000001', `POST ${at}/balance`, { amount: -0.000001 }, /^id +01a1fb3d-/],
  [
    'service change default --senders Ada,House --while-pending separate --retry-channels sms,voice --callback-url https://a.example',
    `PATCH ${at}/services/default`,
    {
      senders: ['Ada', 'House'],
      whilePending: 'separate',
      retryChannels: ['sms', 'voice'],
      callbackUrl: 'https://a.example',
    },
    /senders +Ada\nwhile pending +resume\nretry channels +-\ncallback +-\n/,
  ],
  ['service change default --callback-url=', `PATCH ${at}/services/default`, { callbackUrl: null }, /^name +default/],
  ['service list --tenant Acme', `GET ${at}/services`, undefined, /\ndefault +Acme +Acme +sms, email +- +1\n/],
  [
    'service show default',
    `GET ${at}/services/default`,
    undefined,
    /codes +6 digits for 300 s, 5 attempts\n[\s\S]*\+1415/,
  ],
  [
    'service create login --brand Acme --channels sms,email --ttl-seconds 60 --no-weak-codes',
    `POST ${at}/services`,
    {
      name: 'login',
      brand: 'Acme',
      channels: ['sms', 'email'],
      weakCodes: false,
      codePolicy: { ttlSeconds: 60 },
    },
    /^name +default/,
  ],
  [
    'service change default --code-length 8 --countries FR,GB',
    `PATCH ${at}/services/default`,
    { countries: ['FR', 'GB'], codePolicy: { length: 8 } },
    /^name +default/,
  ],
  [
    'service test-number set +14155550123 000000 --valid-until 2027-01-31',
    `PUT ${at}/services/default/test-numbers/%2B14155550123`,
    { code: '000000', validUntil: '2027-01-31T00:00:00.000Z' },
    /^name +default/,
  ],
  [
    'service test-number remove +14155550123',
    `DELETE ${at}/services/default/test-numbers/%2B14155550123`,
    undefined,
    /^name +default/,
  ],
  ['api-key list', `GET ${at}/api-keys`, undefined, /\n0123456789abcdef +backend +verifications:send +- +- +-\n/],
  ['api-key list --operator', 'GET /admin/v1/api-keys', undefined, /^there is no API key; make one with: /],
  [
    'api-key create backend --scopes verifications:send --expires-at 2027-01-31T10:00:00+02:00',
    `POST ${at}/api-keys`,
    { name: 'backend', scopes: ['verifications:send'], expiresAt: '2027-01-31T08:00:00.000Z' },
    /^key +cs_live_shown\n[\s\S]*\nThe key is shown once: keep it now\.\n$/,
  ],
  [`api-key change ${key.id} --expires-at never`, `PATCH ${at}/api-keys/${key.id}`, { expiresAt: null }, /^id +0123/],
  [
    `api-key change ${key.id} --name worker`,
    `PATCH ${at}/api-keys/${key.id}`,
    { name: 'worker' },
    /^id +0123456789abcdef/,
  ],
  [
    `api-key rotate ${key.id} --overlap-seconds 60`,
    `POST ${at}/api-keys/${key.id}/rotate`,
    { overlapSeconds: 60 },
    /^key +cs_live_next\n[\s\S]*shown once/,
  ],
  [`api-key revoke ${key.id} --yes`, `POST ${at}/api-keys/${key.id}/revoke`, {}, /revoked +2026-/],
  ['webhook list', `GET ${at}/webhook-endpoints`, undefined, /https:\/\/example\.com\/events +all +no: failing +2026-/],
  [
    'webhook create https://example.com/events --events verification.verified,send.failed --full-recipient',
    `POST ${at}/webhook-endpoints`,
    { url: endpoint.url, events: ['verification.verified', 'send.failed'], fullRecipient: true },
    /^secret +whsec_shown\n[\s\S]*shown this once/,
  ],
  [`webhook change ${id} --enable`, `PATCH ${at}/webhook-endpoints/${id}`, { enabled: true }, /enabled +yes/],
  [`webhook delete ${id} --yes`, `DELETE ${at}/webhook-endpoints/${id}`, undefined, /^deleted\n$/],
  [`webhook rotate ${id}`, `POST ${at}/webhook-endpoints/${id}/rotate-secret`, {}, /^secret +whsec_next/],
  [`webhook test ${id}`, `POST ${at}/webhook-endpoints/${id}/test`, {}, /^not delivered: no answer: timeout\n$/],
  [
    `webhook deliveries ${id} --limit 1`,
    `GET ${at}/webhook-endpoints/${id}/deliveries?limit=1`,
    undefined,
    /send\.failed +\S+ +queued +3 +500 [\s\S]*more: --cursor c1/,
  ],
  [
    `webhook replay ${id} --since 2027-01-31`,
    `POST ${at}/webhook-endpoints/${id}/replay`,
    { since: '2027-01-31T00:00:00.000Z' },
    /^2 events told once more\n$/,
  ],
  [
    'user list --reference c-1 --limit 1',
    `GET ${at}/users?reference=c-1&limit=1`,
    undefined,
    /c-1 +\+33612345678 +- +yes [\s\S]*There are more: --cursor /,
  ],
  [`user show ${id}`, `GET ${at}/users/${id}`, undefined, /recovery codes left +3\n/],
  ['user create --email ada@example.com', `POST ${at}/users`, { email: 'ada@example.com' }, /^id +01a1fb3d-/],
  [`user change ${id} --reference c-2`, `PATCH ${at}/users/${id}`, { reference: 'c-2' }, /^id +01a1fb3d-/],
  [`user password ${id} --remove`, `PATCH ${at}/users/${id}`, { password: null }, /password +yes/],
  [`user delete ${id} --yes`, `DELETE ${at}/users/${id}`, undefined, /^deleted\n$/],
  [`user token list ${id}`, `GET ${at}/users/${id}/tokens`, undefined, /laptop +2026-/],
  [
    `user token create ${id} laptop --expires-at 2027-01-31`,
    `POST ${at}/users/${id}/tokens`,
    { description: 'laptop', expiresAt: '2027-01-31T00:00:00.000Z' },
    /^token +cst_shown\n[\s\S]*shown this once/,
  ],
  [`user token revoke ${id} --yes`, `DELETE ${at}/sessions/${id}`, undefined, /^revoked\n$/],
  ['key usage', 'GET /admin/v1/keys', undefined, /\npepper +k-1 +yes +1,234\n/],
  ['key rotate pepper', 'POST /admin/v1/keys/pepper/rotate', {}, /^ring +pepper\nnew key +k-2\n$/],
  ['key rewrap', 'POST /admin/v1/keys/rewrap', {}, /^rewrapped 2 rows\n$/],
  [
    'key retire pepper k-1 --yes',
    'DELETE /admin/v1/keys/pepper/k-1',
    undefined,
    /^removed k-1 from the pepper ring\n$/,
  ],
  [
    'verification list --recipient +33612345678 --limit 1',
    'GET /v1/verifications?recipient=%2B33612345678&limit=1',
    undefined,
    /\n\S+ +pending +\+33612345678 +sms [\s\S]*There are more: --cursor 01a1fb3d-/,
  ],
  [
    `verification show ${id}`,
    `GET /v1/verifications/${id}`,
    undefined,
    /status +pending[\s\S]*created[\s\S]*no message\n$/,
  ],
  [`verification cancel ${id}`, `POST /v1/verifications/${id}/cancel`, {}, /status +cancelled/],
  [
    'send +33612345678 --reference login-1',
    'POST /v1/verifications',
    { recipient: '+33612345678', reference: 'login-1' },
    /^01a1fb3d-8303-7484-ab6e-32f17a3223fc\n$/,
  ],
  ['check +33612345678 123456', 'POST /v1/checks', { recipient: '+33612345678', code: '123456' }, /^verified\n$/],
  ['audit list --after 0 --limit 1', `GET ${at}/audit?after=0&limit=1`, undefined, /change-tenant[\s\S]*--after 1\n$/],
  ['audit list --operator', 'GET /admin/v1/audit', undefined, /^there is no entry here\n$/],
  ['audit verify', 'GET /admin/v1/audit/verification', undefined, / 1 +1 abc +whole\n$/],
  ['status', 'GET /admin/v1/status', undefined, /ready +no, clock_unconfirmed\nsending +stopped\n/],
  ['stop-sending', 'PUT /admin/v1/sending', { stopped: true }, /^sending is stopped; go on with: /],
  ['resume-sending', 'PUT /admin/v1/sending', { stopped: false }, /^messages go out again\n$/],
  ['backup x.db', 'POST /admin/v1/backup', { file: '/somewhere/x.db' }, /^wrote \/somewhere\/x\.db \(3\.0 MiB\)\n$/],
  ['purge --yes', 'POST /admin/v1/purge', {}, /^removed 2 recipients of verifications, 1 end-user address\n$/],
  [
    'purge --recipient ada@example.com --tenant Acme --yes',
    'POST /admin/v1/erasures',
    { recipient: 'ada@example.com', tenant: id },
    /^removed 2 rows; what was removed is overwritten on disk at the next purge\n$/,
  ],
];

test.each(rows)('%s asks %s', async (line, last, sent, out) => {
  const args = line.split(' ');
  const people = await typed(args, script);
  expect(people).toMatchObject({ exit: 0, err: '' });
  expect(people.out).toMatch(out);
  const asked = people.asked.at(-1);
  expect(`${asked?.method} ${asked?.path}`).toBe(last);
  expect(asked?.body).toEqual(sent);
  expect(asked?.tenant).toBe(last.includes(' /v1/') ? id : undefined);

  const program = await typed([...args, '--json'], script);
  expect(program).toMatchObject({ exit: 0, err: '' });
  const said = JSON.parse(program.out);
  expect(said).toBeTypeOf('object');
});

test.each([
  ['a wrong code', ['check', '+33612345678', '000000'], 'wrong_code, 4 attempts left\n'],
  ['an ended verification', ['check', '--id', id, '123456'], 'expired\n'],
])('check ends with 3 for %s', async (_, args, out) => {
  expect(await typed(args, script)).toMatchObject({ exit: 3, out, err: '' });
});

test.each([
  ['standard input', { input: '123456\n' }],
  ['a terminal', { answers: ['123456'] }],
])('a code is read from %s, so that no history keeps it', async (_, options) => {
  const { exit, asked } = await typed(['check', '+33612345678', '-'], script, options);
  expect(exit).toBe(0);
  expect(asked.at(-1)?.body).toEqual({ recipient: '+33612345678', code: '123456' });
});

test.each([
  ['standard input', { input: 'chosen by her \n' }, 'chosen by her '],
  ['a terminal', { answers: ['chosen by her'] }, 'chosen by her'],
])('a password is read from %s, whole, so that no history keeps it', async (_, options, password) => {
  const { exit, asked } = await typed(['user', 'password', id], script, options);
  expect(exit).toBe(0);
  expect(asked.at(-1)).toMatchObject({ method: 'PATCH', path: `${at}/users/${id}`, body: { password } });
});

test.each([
  ['no password', ['user', 'password', id], 'the password is empty'],
  ['a password as argument', ['user', 'password', id, 'chosen by her'], 'too many arguments'],
  ['a change of nothing', ['user', 'change', id], 'say what to change'],
])('%s is not understood', async (_, args, said) => {
  const { exit, err } = await typed(args, script, { input: '\n' });
  expect(exit).toBe(2);
  expect(err).toContain(said);
});

test('an empty text takes away', async () => {
  const { asked } = await typed(['user', 'change', id, '--email', ''], script);
  expect(asked.at(-1)?.body).toEqual({ email: null });
});

test('a broken trail ends with 5 and names the entry', async () => {
  const problem = { number: 7, what: 'its hash is not that of its content' };
  const body = { ok: false, trails: [{ ...trail, problem }] };
  const { exit, out } = await typed(['audit', 'verify'], { 'GET /admin/v1/audit/verification': { body } });
  expect(exit).toBe(5);
  expect(out).toContain('entry 7: its hash is not that of its content');
});
